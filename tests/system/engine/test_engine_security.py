"""A cluster that takes TLS and a password only: a worker that has them works, one that has not says what is wrong."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import assert_exactly_once, event, outputs, publish, until, working

from b2b2c_saga.bus.broker import embedded
from b2b2c_saga.bus.broker.embedded import EmbeddedBroker
from b2b2c_saga.bus.broker.kafka import java_command
from b2b2c_saga.bus.broker.probe import free_port
from b2b2c_saga.bus.broker.properties import server_properties
from b2b2c_saga.bus.topic_admin import apply_topics
from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.settings import Settings

ROOT = Path(__file__).parents[3]
USER, PASSWORD = "worker", "correct horse"
LOGIN = "org.apache.kafka.common.security"


def _openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def _certificates(folder: Path) -> None:
    """An authority, and a key with a certificate for this machine, signed by it."""
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    key = ("-newkey", "rsa:2048", "-noenc")
    _openssl(folder, "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Test CA")
    _openssl(folder, "req", *key, "-keyout", "key.pem", "-out", "request.pem", "-subj", "/CN=broker")
    signing = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names")
    _openssl(folder, "x509", "-req", "-in", "request.pem", *signing, "-out", "cert.pem")
    (folder / "broker.pem").write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A broker of our own with one more listener, SASL_SSL; the settings of who may come in there."""
    folder = tmp_path_factory.mktemp("secured")
    _certificates(folder)
    port = free_port()

    def with_a_secured_listener(data: Path, plain: int, controller: int) -> str:
        listeners = f"PLAINTEXT://127.0.0.1:{plain},SECURED://127.0.0.1:{port}"
        ours = {
            "listeners": f"{listeners},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": listeners,
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURED:SASL_SSL",
            "listener.name.secured.ssl.keystore.type": "PEM",
            "listener.name.secured.ssl.keystore.location": str(folder / "broker.pem"),
            "listener.name.secured.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
            "listener.name.secured.plain.sasl.jaas.config": f"{LOGIN}.plain.PlainLoginModule required \\\n "
            f'user_{USER}="{PASSWORD}";',
            "listener.name.secured.scram-sha-512.sasl.jaas.config": f"{LOGIN}.scram.ScramLoginModule required;",
        }
        return server_properties(data, plain, controller) + "".join(f"{name}={ours[name]}\n" for name in ours)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedded, "server_properties", with_a_secured_listener)
        broker = EmbeddedBroker(folder / "broker", port=0)
        plain = broker.up()
    try:
        told = f"SCRAM-SHA-512=[password={PASSWORD}]"
        whom = ("--alter", "--entity-type", "users", "--entity-name", USER, "--add-config", told)
        subprocess.run(
            [*java_command(embedded.silent), "kafka.admin.ConfigCommand", "--bootstrap-server", plain, *whom],
            check=True,
            capture_output=True,
        )
        yield Settings(
            _env_file=None,
            bootstrap_servers=f"127.0.0.1:{port}",
            security_protocol="SASL_SSL",
            ssl_cafile=folder / "ca.pem",
            sasl_username=USER,
            sasl_password=PASSWORD,
            topic_prefix="secured.",
        )
    finally:
        broker.down()


def _environment(settings: Settings, **other: str) -> dict[str, str]:
    assert settings.sasl_password is not None
    return {
        "B2B2C_BOOTSTRAP_SERVERS": settings.bootstrap,
        "B2B2C_SECURITY_PROTOCOL": settings.security_protocol,
        "B2B2C_SSL_CAFILE": str(settings.ssl_cafile),
        "B2B2C_SASL_MECHANISM": settings.sasl_mechanism,
        "B2B2C_SASL_USERNAME": USER,
        "B2B2C_SASL_PASSWORD": PASSWORD,
        "B2B2C_TOPIC_PREFIX": settings.topic_prefix,
        **other,
    }


async def test_a_worker_that_may_come_in_works(
    secured: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = secured
    plain = secured.model_copy(update={"sasl_mechanism": "PLAIN"})
    topics = load_topics(settings.topic_prefix)
    await apply_topics(settings, topics)
    for name, value in _environment(settings).items():
        monkeypatch.setenv(name, value)
    async with working(settings, tmp_path / "a.log") as worker:
        await publish(plain, [event(topics, "intake", f"a/{n}", id=n) for n in range(20)])

        async def all_there() -> bool:
            return len(await outputs(plain, topics)) >= 20

        await until(all_there, "twenty outputs")
        assert worker.stop() < 5
    assert_exactly_once(await outputs(settings, topics), [(f"a/{n}", str(n)) for n in range(20)])
    assert PASSWORD not in worker.log.read_text()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"B2B2C_SASL_PASSWORD": "wrong"}, "refuses these credentials: B2B2C_SASL_USERNAME = 'worker': check it,"),
        ({"B2B2C_SASL_MECHANISM": "SCRAM-SHA-256"}, "does not take this way to log in: B2B2C_SASL_MECHANISM = "),
        ({"B2B2C_SSL_CAFILE": ""}, "is not trusted: B2B2C_SSL_CAFILE"),
    ],
)
def test_a_worker_that_may_not_come_in_says_why_and_ends(secured: Settings, given: dict[str, str], told: str) -> None:
    environment = os.environ | _environment(secured, **given)
    if not environment["B2B2C_SSL_CAFILE"]:
        del environment["B2B2C_SSL_CAFILE"]
    done = subprocess.run(
        [sys.executable, "-c", "from b2b2c_saga.cli import app; app()", "worker"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert "wrong" not in done.stderr
