"""A logic that counts, so that what comes out tells what went in. It says nothing of orders, as the engine doesn't."""

import json
from pathlib import Path
from typing import Any

from b2b2c_saga.bus.records import Record
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.model.errors import BadInput, Unreadable
from b2b2c_saga.runtime.engine import Decided, Job, Send

APPLICATION = "counting"
SESSION = "SESSION_SECONDS"
"""In a worker's environment: how long it may be silent."""
SESSION_SECONDS = 6.0
STEPS = ("intake", "invoice", "pack", "handover", "cancel", "return")


class Counting:
    """Counts the events of a key; its outputs carry the count, so that a gap or a repeat shows.

    An event may also say what should go wrong, or set an alarm.
    """

    def __init__(self, out: str) -> None:
        self._out = out

    def decide(self, key: bytes, row: bytes | None, record: Record) -> Decided:
        """One more.

        Raises:
            BadInput: it is no JSON, or wants to be refused.
            KeyError: it wants a bug.
        """
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
        """One more, of time's own."""
        state = json.loads(row)
        due = state.pop("alarm")
        state["n"] += 1
        told = {"id": f"alarm {due}", "n": state["n"], "due": due, "now": now}
        return Decided(json.dumps(state).encode(), self._send(key, told))

    def alarm(self, key: bytes, row: bytes) -> int | None:  # noqa: ARG002 - the engine's signature
        """What an event has set."""
        due: int | None = json.loads(row).get("alarm")
        return due

    def _send(self, key: bytes, told: dict[str, Any]) -> tuple[Send, ...]:
        return (Send(self._out, key, json.dumps(told).encode(), (("ce_id", str(told["id"]).encode()),)),)


def job(topics: Topics) -> Job:
    """Two tables, as the real one has: orders, and stock by itself."""
    out = topics.name("order-events")
    orders, stock = topics.name("changelog.orders"), topics.name("changelog.stock")
    return Job(
        application=APPLICATION,
        steps={**{topics.name(step): orders for step in STEPS}, topics.name("inventory"): stock},
        logics={orders: Counting(out), stock: Counting(out)},
        parked=topics.name("parked"),
        released=topics.name("released"),
    )
