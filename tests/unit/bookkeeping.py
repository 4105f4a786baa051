"""For the reconciliation: orders played through the real steps, conversations and sandbox, in one process."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from said_upstream import BEGIN, CATALOGUE, location

from b2b2c_saga.connectors.exchange import Heard, Request
from b2b2c_saga.connectors.run import SYSTEMS
from b2b2c_saga.model.messages import Command, Event
from b2b2c_saga.model.messages import upstream as up
from b2b2c_saga.model.messages.integration import B2CReturnRequired
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.stock import Stock
from b2b2c_saga.reconcile.books import SYSTEMS as WITH_BOOKS
from b2b2c_saga.reconcile.books import Books, Entry
from b2b2c_saga.reconcile.compare import Proof, compare
from b2b2c_saga.reconcile.ledger import Ledger
from b2b2c_saga.saga.decide import Alarm, Output
from b2b2c_saga.sandbox.faults import Control
from b2b2c_saga.sandbox.server import sandbox
from b2b2c_saga.steps import ORDERS, STOCK

PROMPT = {name: {"registration_delay_s": [0, 0]} for name in ("erp", "rms")}


@dataclass
class Day:
    """What both sides say at the end of a day; a test tampers with it."""

    orders: dict[str, Order]
    returns: dict[str, list[B2CReturnRequired]]
    stock: dict[str, Stock]
    counts: dict[str, up.StockCounted]
    rows: list[tuple[str, Entry]]
    """System and entry."""

    @property
    def proof(self) -> Proof:
        """Both sides compared."""
        return compare(Ledger(self.orders, self.returns, self.stock, self.counts), Books.of(self.rows))

    def entries(self, system: str, table: str, order: str = "") -> list[Entry]:
        """The entries of one table, of one order (`account/code`) if it is named."""
        return [
            entry
            for name, entry in self.rows
            if (name, entry["table"]) == (system, table)
            and order in {"", f"{entry.get('account')}/{entry.get('order_code')}"}
        ]

    def copy(self) -> "Day":
        """To tamper with."""
        returns = {key: list(told) for key, told in self.returns.items()}
        return Day(dict(self.orders), returns, dict(self.stock), dict(self.counts), deepcopy(self.rows))


@dataclass
class Bookkeeping:
    """Rows on our side, books on theirs; `tell` makes something happen, and everything that follows from it."""

    http: httpx.AsyncClient
    runner: asyncio.Runner
    control: Control
    now: datetime = BEGIN
    never_made: frozenset[str] = frozenset()
    """Calls that do not get through."""
    never_heard: frozenset[str] = frozenset()
    """Calls whose answer is lost."""
    unmade: list[tuple[Command, str]] = field(default_factory=list)
    """With their idempotency keys."""
    orders: dict[str, Order] = field(default_factory=dict)
    stock: dict[str, Stock] = field(default_factory=dict)
    counts: dict[str, up.StockCounted] = field(default_factory=dict)
    returns: dict[str, list[B2CReturnRequired]] = field(default_factory=lambda: defaultdict(list))

    def tell(self, *events: Event) -> None:
        """Each with all that follows from it."""
        for event in events:
            self._upstream(event)
            self._decide(event)

    def hear(self, *events: Event) -> None:
        """The same, of what did not come by way of the marketplace."""
        for event in events:
            self._decide(event)

    def cancel_at_marketplace(self, event: up.CancellationPosted) -> None:
        """The consumer cancels there, and we don't hear of it yet."""
        self._upstream(event)

    def later(self, **much: float) -> None:
        """Time passes, and alarms ring."""
        self.now += timedelta(**much)
        for key, order in list(self.orders.items()):
            decision = ORDERS.decide(order, Alarm(), self.now, CATALOGUE.book(order.account))
            assert not decision.refused, decision.refused
            self.orders[key] = decision.row
            self._follow(decision.outputs)

    def made_late(self) -> None:
        """The last call that did not get through does so after all, and is heard of."""
        for answer in self._converse(*self.unmade[-1]):
            self._decide(answer)

    def fault(self, key: str, **systems: dict[str, Any]) -> None:
        """What goes wrong with one order from now on."""
        self.control.change({"orders": {key: systems}})

    def count(self, account: str, sku: str, quantity: int) -> None:
        """The warehouse counts, and says so."""
        shelf = {"location": location(account), "sku": sku}
        said = json.loads(self._post("/wms/counts", shelf | {"quantity": quantity}).body)
        self.tell(up.StockCounted(account=account, **shelf, quantity=quantity, version=said["version"]))

    def revoke(self, key: str) -> int:
        """The registry takes the invoice back; which attempt had brought it."""
        return self._undo(key, "revocations", "3028")

    def cancel_by_hand(self, key: str) -> int:
        """A person cancels the invoice at the registry's portal; which attempt had brought it."""
        return self._undo(key, "portal-cancellations", "wrong buyer")

    def end(self) -> Day:
        """What both sides say now."""
        told = ((system, self._get(f"/{system}/books")) for system in WITH_BOOKS)
        rows = [(system, json.loads(line)) for system, heard in told for line in heard.body.splitlines()]
        return Day(dict(self.orders), dict(self.returns), dict(self.stock), dict(self.counts), rows)

    def _undo(self, key: str, call: str, reason: str) -> int:
        order = self.orders[key]
        asked = {"account": order.account, "orderCode": order.code, "reason": reason}
        asked["documentNumber"] = order.shipments[0].invoice.number or ""
        assert self._post(f"/{order.terms.issuer}/{call}", asked).status == 200
        return order.shipments[0].attempt

    def _upstream(self, event: Event) -> None:
        """The consumer orders and cancels at the marketplace."""
        if isinstance(event, up.OrderPlaced):
            self._post("/marketplace/orders", json.loads(event.model_dump_json()))
        elif isinstance(event, up.CancellationPosted):
            items = [{"orderItemCode": line, "quantity": n} for line, n in event.quantities]
            which = {"account": event.account, "orderCode": event.order_code}
            self._post("/marketplace/consumer-cancellations", which | {"items": items})

    def _decide(self, event: Any) -> None:  # noqa: ANN401 - an event of either saga
        self.now += timedelta(milliseconds=10)
        account = CATALOGUE.account(event.account)
        if event.topic == "inventory":
            fresh = Stock(event.account, event.location, event.sku, account.terms)
            stock = STOCK.decide(self.stock.get(event.key, fresh), event, self.now)
            self.stock[event.key] = stock.row
            if isinstance(event, up.StockCounted):
                known = self.counts.get(event.key, event)
                self.counts[event.key] = max(known, event, key=lambda count: count.version)
            self._follow(stock.outputs)
            return
        order = self.orders.get(event.key, Order(event.account, event.order_code, account.terms))
        decision = ORDERS.decide(order, event, self.now, CATALOGUE.book(event.account))
        assert not decision.refused, decision.refused
        self.orders[event.key] = decision.row
        self._follow(decision.outputs)

    def _follow(self, outputs: Iterable[Output]) -> None:
        for output in outputs:
            message = output.message
            if isinstance(message, B2CReturnRequired):
                self.returns[message.key].append(message)
            elif isinstance(message, Event):
                self._decide(message)
            elif isinstance(message, Command) and message.call() in self.never_made:
                self.unmade.append((message, output.idempotency_key or ""))
            elif isinstance(message, Command):
                answers = self._converse(message, output.idempotency_key or "")
                if message.call() not in self.never_heard:
                    for answer in answers:
                        self._decide(answer)

    def _converse(self, command: Command, key: str) -> Iterable[Event]:
        """As the connector does."""
        system = command.destination.removeprefix("commands.")
        talk = SYSTEMS[system][type(command)](command)
        heard: Heard | None = None
        while True:
            try:
                request: Request = next(talk) if heard is None else talk.send(heard)
            except StopIteration as end:
                answers: Iterable[Event] = end.value
                return answers
            path = f"/{system}{request.path}"
            heard = self._get(path, request.query) if request.body is None else self._post(path, request.body, key)

    def _post(self, path: str, body: dict[str, Any], key: str = "") -> Heard:
        headers = {"Idempotency-Key": key or json.dumps([path, body])[:900]}
        answer = self.runner.run(self.http.post(path, json=body, headers=headers))
        return Heard(answer.status_code, answer.content)

    def _get(self, path: str, query: dict[str, str] | None = None) -> Heard:
        answer = self.runner.run(self.http.get(path, params=query))
        return Heard(answer.status_code, answer.content)


@contextmanager
def bookkeeping(folder: Path) -> Iterator[Bookkeeping]:
    """With a sandbox of its own."""
    control = Control(1, PROMPT)
    with asyncio.Runner() as runner:
        transport = httpx.ASGITransport(sandbox(folder, control))
        http = httpx.AsyncClient(transport=transport, base_url="http://sandbox")
        yield Bookkeeping(http, runner, control)
        runner.run(http.aclose())


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Bookkeeping]:
    """An empty one."""
    with bookkeeping(tmp_path) as it:
        yield it
