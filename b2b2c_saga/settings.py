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

    model_config = SettingsConfigDict(env_prefix="B2B2C_", env_file=".env", extra="ignore", frozen=True)

    bootstrap_servers: str | None = None
    """`host:port,host:port`; None means the embedded broker of `data_dir`."""
    security_protocol: Protocol = "PLAINTEXT"
    ssl_cafile: Path | None = None
    sasl_mechanism: Mechanism = "SCRAM-SHA-512"
    sasl_username: str | None = None
    sasl_password: SecretStr | None = None
    topic_prefix: str = Field(default="", pattern=r"^[A-Za-z0-9._-]*$", max_length=100)
    """Stands before each topic, consumer group and transactional id, so that runs live side by side."""
    application: str = Field(default="b2b2c-saga", pattern=r"^[A-Za-z0-9._-]+$")

    instance_id: str | None = Field(default=None, pattern=r"^[A-Za-z0-9._-]+$", max_length=200)
    """Name of this worker in its group, for good (static membership): if it is back within its session time-out, as in
    a rolling restart, no partition moves. No other that runs may have it; None: a restart is a rebalance."""

    data_dir: Path = Path(".b2b2c")
    config: Path = Path("config")

    marketplace_url: str = "http://127.0.0.1:8180/marketplace"
    omni_url: str = "http://127.0.0.1:8180/omni"
    erp_url: str = "http://127.0.0.1:8180/erp"
    rms_url: str = "http://127.0.0.1:8180/rms"
    wms_url: str = "http://127.0.0.1:8180/wms"
    sandbox_port: int = Field(default=8180, ge=0, le=65535)
    gateway_host: str = "127.0.0.1"
    gateway_port: int = Field(default=8280, ge=0, le=65535)
    call_timeout: float = Field(default=10, gt=0)
    """Seconds that a connector waits for one HTTP answer."""

    log_format: Literal["console", "json"] = "console"

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
