"""What an operator may set: by option, `B2B2C_*` in the environment, or `.env`; the first of these wins.

The shell's rooms import this; `model/`, `saga/` and `steps/` take what they need as arguments.
"""

import json
import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from b2b2c_saga.model.errors import Unavailable

Protocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


class Settings(BaseSettings):
    """All settings, frozen; URLs without a trailing slash."""

    model_config = SettingsConfigDict(
        env_prefix="B2B2C_", env_file=".env", extra="ignore", frozen=True, use_attribute_docstrings=True
    )

    bootstrap_servers: str | None = None
    """The cluster, `host:port,host:port`; none: the embedded broker of `data_dir`."""
    security_protocol: Protocol = "PLAINTEXT"
    """How the cluster is spoken to."""
    ssl_cafile: Path | None = None
    """The authority that signed the cluster's certificate, as a PEM file; none: those of the system."""
    sasl_mechanism: Mechanism = "SCRAM-SHA-512"
    """How the password is told, with a protocol that begins with SASL."""
    sasl_username: str | None = None
    """Whom the cluster knows us as."""
    sasl_password: SecretStr | None = None
    """Never shown, never logged."""
    topic_prefix: str = Field(default="", pattern=r"^[A-Za-z0-9._-]*$", max_length=100)
    """Stands before each topic, consumer group and transactional id, so that runs live side by side."""
    application: str = Field(default="b2b2c-saga", pattern=r"^[A-Za-z0-9._-]+$")
    """Names the consumer groups and transactional ids: all processes of one system have the same."""

    instance_id: str | None = Field(default=None, pattern=r"^[A-Za-z0-9._-]+$", max_length=200)
    """Name of this worker in its group, for good (static membership): if it is back within its session time-out, as in
    a rolling restart, no partition moves. No other that runs may have it; none: a restart is a rebalance."""

    data_dir: Path = Path(".b2b2c")
    """Local data: the embedded broker, runs with their logs and books."""
    config: Path = Path("config")
    """Seller accounts, prices and taxes: a folder of YAML files, or one file (docs/configuration.md)."""

    marketplace_url: str = "http://127.0.0.1:8180/marketplace"
    """Where the marketplace's API is."""
    omni_url: str = "http://127.0.0.1:8180/omni"
    """Where Omni's API is."""
    erp_url: str = "http://127.0.0.1:8180/erp"
    """Where the ERP's integration layer is."""
    rms_url: str = "http://127.0.0.1:8180/rms"
    """Where RMS is, which issues the documents of accounts with `issuer: rms`."""
    wms_url: str = "http://127.0.0.1:8180/wms"
    """Where the warehouse's API is."""
    sandbox_port: int = Field(default=8180, ge=0, le=65535)
    """Of the simulated outside systems; 0 takes a free one."""
    gateway_host: str = "127.0.0.1"
    """Loopback only: what faces others stands before it."""
    gateway_port: int = Field(default=8280, ge=0, le=65535)
    """Of the gateway; 0 takes a free one."""
    call_timeout: float = Field(default=10, gt=0)
    """Seconds that a connector waits for one HTTP answer."""

    log_format: Literal["console", "json"] = "console"
    """On standard error, for people or for machines."""

    @property
    def broker_dir(self) -> Path:
        """The folder of the embedded broker."""
        return self.data_dir / "broker"

    @property
    def bootstrap(self) -> str:
        """The cluster's address: the one set, else that of the embedded broker, if it runs.

        Raises:
            Unavailable: no cluster is named and no embedded broker runs.
        """
        address = self.bootstrap_servers or running_broker(self.broker_dir)
        if address is None:
            raise Unavailable(
                f"no Kafka: none runs in {self.broker_dir}; start one with `b2b2c-saga broker up`, "
                "or name a cluster with --bootstrap-servers HOST:PORT (B2B2C_BOOTSTRAP_SERVERS)"
            )
        return address


def running_broker(folder: Path) -> str | None:
    """The address that the broker of a folder has written down, if it is up as far as one can tell without asking it.

    What is written there, and how it is known for certain: `bus/broker/state.py`.
    """
    try:
        state = json.loads((folder / "broker.json").read_text())
        if not state["docker"]:
            os.kill(int(state["pid"]), 0)
        return str(state["address"]) if state["ready"] else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
