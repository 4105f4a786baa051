"""Settings: where they come from, what is refused, which broker they mean."""

import json
import os
from pathlib import Path

import pytest

from b2b2c_saga.bus.security import connection
from b2b2c_saga.cli.shared import settings_from
from b2b2c_saga.model.errors import BadInput, Unavailable
from b2b2c_saga.settings import Settings


def test_an_option_wins_over_the_environment_and_that_over_the_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("B2B2C_TOPIC_PREFIX=file.\nB2B2C_APPLICATION=file\nB2B2C_GATEWAY_PORT=1\n")
    monkeypatch.setenv("B2B2C_TOPIC_PREFIX", "shell.")
    monkeypatch.setenv("B2B2C_APPLICATION", "shell")
    settings = settings_from(topic_prefix="option.", data_dir=None)
    assert (settings.topic_prefix, settings.application, settings.gateway_port) == ("option.", "shell", 1)
    assert settings.data_dir == Path(".b2b2c")


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("topic_prefix", "a b", "a setting breaks its rule: B2B2C_TOPIC_PREFIX: String should match pattern"),
        ("instance_id", "a b", "B2B2C_INSTANCE_ID: String should match pattern"),
        ("gateway_port", 70_000, "B2B2C_GATEWAY_PORT: Input should be less than or equal to 65535"),
        ("call_timeout", 0, "B2B2C_CALL_TIMEOUT: Input should be greater than 0"),
        ("security_protocol", "TLS", "B2B2C_SECURITY_PROTOCOL: Input should be 'PLAINTEXT', 'SSL'"),
    ],
)
def test_a_setting_that_breaks_its_rule_is_named(field, value, told):
    with pytest.raises(BadInput) as caught:
        settings_from(**{field: value})
    assert told in str(caught.value)


def test_a_password_is_shown_to_nobody():
    settings = Settings(_env_file=None, sasl_password="hush")
    assert "hush" not in repr(settings) + str(settings.model_dump())


def broker_says(settings: Settings, **state: object) -> None:
    settings.broker_dir.mkdir(parents=True, exist_ok=True)
    (settings.broker_dir / "broker.json").write_text(json.dumps(state))


def test_the_cluster_is_the_one_named_else_the_embedded_broker(tmp_path):
    here = Settings(_env_file=None, data_dir=tmp_path)
    broker_says(here, address="127.0.0.1:1", pid=os.getpid(), ready=True, docker=False)
    assert here.bootstrap == "127.0.0.1:1"
    assert here.model_copy(update={"bootstrap_servers": "far:9092"}).bootstrap == "far:9092"
    broker_says(here, address="127.0.0.1:2", pid=0, ready=True, docker=True)
    assert here.bootstrap == "127.0.0.1:2"


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"address": "127.0.0.1:1", "pid": os.getpid(), "ready": False, "docker": False},  # it starts
        {"address": "127.0.0.1:1", "pid": 2**22 + 1, "ready": True, "docker": False},  # it died
    ],
)
def test_without_a_cluster_the_remedy_is_named(tmp_path, state):
    settings = Settings(_env_file=None, data_dir=tmp_path)
    broker_says(settings, **state)
    with pytest.raises(Unavailable, match=r"no Kafka: none runs in .*; start one with `b2b2c-saga broker up`"):
        _ = settings.bootstrap


def secured(**options: object) -> Settings:
    return Settings(_env_file=None, bootstrap_servers="far:9093", **options)


def test_a_client_gets_tls_and_sasl_as_set():
    options = connection(secured(security_protocol="SASL_SSL", sasl_username="u", sasl_password="p"))
    assert options.pop("ssl_context").check_hostname
    assert options == {
        "bootstrap_servers": "far:9093",
        "client_id": "b2b2c-saga",
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "u",
        "sasl_plain_password": "p",
    }
    assert set(connection(secured())) == {"bootstrap_servers", "client_id", "security_protocol"}


def test_sasl_and_tls_that_cannot_work_are_refused(tmp_path):
    with pytest.raises(BadInput, match="SASL without credentials: sasl_password: set B2B2C_SASL_PASSWORD"):
        connection(secured(security_protocol="SASL_PLAINTEXT", sasl_username="u"))
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(BadInput, match="no usable certificates: ssl_cafile = "):
        connection(secured(security_protocol="SSL", ssl_cafile=tmp_path / "ca.pem"))
