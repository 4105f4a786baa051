"""A worker whose logic counts: run as a process by the tests. It says nothing of orders, as the engine doesn't."""

import json
import os
import sys
from pathlib import Path
from typing import Any

from b2b2c_saga.bus.records import Record
from b2b2c_saga.bus.topics import Topics, load_topics
from b2b2c_saga.model.errors import BadInput, Unreadable
from b2b2c_saga.runtime.app import run_worker
from b2b2c_saga.runtime.engine import Decided, Job, Send, transport
from b2b2c_saga.settings import Settings

STEPS = ("intake", "invoice", "pack", "handover", "cancel", "return")


class Counting:
    """Counts the events of a key; its outputs carry the count, so that a gap or a repeat shows.

    An event may also say what should go wrong, or set an alarm.
    """

    def __init__(self, out: str) -> None:
        self._out = out

    def decide(self, key: bytes, row: bytes | None, record: Record) -> Decided:
        state: dict[str, Any] = json.loads(row) if row else {"n": 0}
        try:
            event = json.loads(record.value or b"")
        except ValueError:
            raise Unreadable("not JSON") from None
        do = event.get("do")
        if do == "refuse":
            raise BadInput("refused on purpose", field="do", value=do)
        if do == "lack" and not Path(event["file"]).exists():
            raise FileNotFoundError(event["file"])  # an operator will see to it
        if do == "bug":
            raise KeyError("Ada Lovelace, 12 St James's Square")
        state["n"] += 1
        if do == "alarm":
            state["alarm"] = event["at"]
        if do == "forget":
            return Decided(None, self._send(key, {"id": event["id"], "n": state["n"]}))
        pad = "x" * event.get("grow", 0)
        told = {"id": event["id"], "n": state["n"], "step": record.topic, "pad": pad}
        return Decided(json.dumps(state).encode(), self._send(key, told), state.get("alarm"))

    def ring(self, key: bytes, row: bytes, now: int) -> Decided:
        state = json.loads(row)
        due = state.pop("alarm")
        state["n"] += 1
        told = {"id": f"alarm {due}", "n": state["n"], "due": due, "now": now}
        return Decided(json.dumps(state).encode(), self._send(key, told))

    def alarm(self, key: bytes, row: bytes) -> int | None:
        due: int | None = json.loads(row).get("alarm")
        return due

    def _send(self, key: bytes, told: dict[str, Any]) -> tuple[Send, ...]:
        return (Send(self._out, key, json.dumps(told).encode(), (("ce_id", str(told["id"]).encode()),)),)


def job(topics: Topics) -> Job:
    """Two tables, as the real one has: orders, and stock by itself."""
    out = topics.name("order-events")
    orders, stock = topics.name("changelog.orders"), topics.name("changelog.stock")
    return Job(
        application="counting",
        steps={**{topics.name(step): orders for step in STEPS}, topics.name("inventory"): stock},
        logics={orders: Counting(out), stock: Counting(out)},
        parked=topics.name("parked"),
        released=topics.name("released"),
    )


def crash_once() -> None:
    """Let Faust crash at the first assignment, as it does when a callback of its own fails."""
    assigned = transport.Membership._assigned
    crashed: list[bool] = []

    async def failing(self: transport.Membership, *arguments: object, **more: object) -> None:
        if not crashed:
            crashed.append(True)
            raise RuntimeError("on purpose")
        await assigned(self, *arguments, **more)

    transport.Membership._assigned = failing


if __name__ == "__main__":
    if os.environ.get("CRASH_ONCE"):
        crash_once()
    settings = Settings(_env_file=None, log_format="json")
    session = float(os.environ.get("SESSION_SECONDS", "6"))
    port = int(sys.argv[1]) if len(sys.argv) > 1 else None
    run_worker(
        job(load_topics(settings.topic_prefix)),
        settings,
        session_seconds=session,
        heartbeat_seconds=session / 6,
        metrics_port=port,
    )
