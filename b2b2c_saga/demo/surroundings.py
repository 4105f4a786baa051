"""What the processes of a run are told: where everything is, and how long the saga waits for what."""

import asyncio
import time
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import yaml

from b2b2c_saga.bus.broker.probe import free_port
from b2b2c_saga.config import load_catalogue, written_in
from b2b2c_saga.demo.fleet import Fleet
from b2b2c_saga.model.errors import Unavailable
from b2b2c_saga.settings import Settings

QUICK: Mapping[str, str] = MappingProxyType(
    {
        "answer": "2s",
        "retry": "1s",
        "retry_at_most": "5s",
        "late_effect": "8s",
        "early_event": "2m",
        "return_window": "3s",
    }
)
"""A month in a minute: how long the demo's saga waits for what (model/terms.py)."""
CALL_TIMEOUT = 1.5
"""Seconds that the demo's connectors wait for an answer: an ERP that stalls is to be seen as silent."""
READY_WITHIN = 60.0
SYSTEMS = ("marketplace", "omni", "erp", "rms", "wms")


def environment_of(
    settings: Settings, folder: Path, run: str, address: str, patience: Mapping[str, str] | None
) -> dict[str, str]:
    """What all processes of a run share: cluster, prefix, folder, configuration, and ports that are free now.

    Without a patience of its own the run has the configured one, and connectors wait as long as the settings say.

    Raises:
        BadInput: there is a mistake in the configuration.
    """
    sandbox = free_port()
    gateway = free_port(0, frozenset({sandbox}))
    config = settings.config.absolute()
    if patience:
        config = folder / "config.yaml"
        config.write_text(_quick(settings.config, patience))
    urls = {f"B2B2C_{system.upper()}_URL": f"http://127.0.0.1:{sandbox}/{system}" for system in SYSTEMS}
    return {
        "B2B2C_BOOTSTRAP_SERVERS": address,
        "B2B2C_TOPIC_PREFIX": f"{run}.",
        "B2B2C_DATA_DIR": str(folder),
        "B2B2C_CONFIG": str(config),
        "B2B2C_SANDBOX_PORT": str(sandbox),
        "B2B2C_GATEWAY_PORT": str(gateway),
        "B2B2C_CALL_TIMEOUT": str(CALL_TIMEOUT) if patience else str(settings.call_timeout),
        **urls,
    }


def as_settings(environment: dict[str, str]) -> dict[str, object]:
    """The same, as the settings of this process."""
    named: dict[str, Any] = {name.removeprefix("B2B2C_").lower(): value for name, value in environment.items()}
    return Settings(**named).model_dump(include=set(named))


def _quick(config: Path, patience: Mapping[str, str]) -> str:
    """The configuration as one file, with quick patience.

    Raises:
        BadInput: there is a mistake in it.
    """
    load_catalogue(config)
    text: str = yaml.safe_dump({**written_in(config).values, "patience": dict(patience)}, sort_keys=False)
    return text


async def ready(fleet: Fleet, *addresses: str) -> None:
    """Wait until each of these addresses answers with 200.

    Raises:
        Unavailable: a process ended, or one does not get ready; names its log.
    """
    waiting = list(addresses)
    until = time.monotonic() + READY_WITHIN
    async with httpx.AsyncClient() as client:
        while waiting:
            fleet.check()
            if time.monotonic() > until:
                raise Unavailable(
                    f"not ready after {READY_WITHIN:.0f} s: {', '.join(waiting)}; the logs are in {fleet.folder}"
                )
            for address in list(waiting):
                try:
                    if (await client.get(address)).status_code == HTTPStatus.OK:
                        waiting.remove(address)
                except httpx.TransportError:
                    pass
            await asyncio.sleep(0.1 if waiting else 0)
