"""An order's facts as a page of text for an operator."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from b2b2c_saga.cli.order_facts import Facts

QUANTITIES = ("ordered", "open", "packed", "cancelled", "returned")


def show_orders(console: Console, orders: list[Facts]) -> None:
    """A list of orders."""
    table = _table("order", "fulfilment", "invoice", "units", "shipments", "dispatch by", "parked")
    for order in orders:
        name = f"{order['account']}/{order['order']}"
        states = (order["fulfilment"], order["invoice"])
        counts = (str(order["units"]), str(order["shipments"]))
        table.add_row(name, *states, *counts, _time(order["dispatchBy"]), _plain(_parked(order)))
    if orders:
        console.print(table)
    console.print(f"{len(orders)} order{'' if len(orders) == 1 else 's'}", highlight=False)


def show_order(console: Console, facts: Facts, timeline: list[Facts]) -> None:
    """One order with all its parts."""
    console.print(_head(facts))
    if facts["lines"]:
        table = _table("line", "SKU", *QUANTITIES, title="Lines")
        for line in facts["lines"]:
            table.add_row(_plain(line["code"]), line["sku"], *(str(line[name]) for name in QUANTITIES))
        console.print(table)
    for shipment in facts["shipments"]:
        console.print(_shipment(shipment))
    for sentence in _open_ends(facts):
        console.print(_plain(sentence))
    if facts["waiting"]:
        table = _table("closed gate", "waits for", title="Waiting")
        for gate, conditions in facts["waiting"].items():
            table.add_row(
                _plain(gate), _plain(", ".join(conditions) or "nothing: it opens with the next event or alarm")
            )
        console.print(table)
    if timeline:
        table = _table("time", "topic", "said", "about", "", title="Timeline (UTC)")
        for said in timeline:
            about, detail = _plain(said["about"]), _plain(said["detail"])
            table.add_row(_time(said["time"]), said["topic"], said["type"], about, detail)
        console.print(table)


def _open_ends(facts: Facts) -> Iterator[str]:
    for release in facts["releases"]:
        done = "released" if release["done"] else "not released yet"
        yield f"stock of {_units(release['units'])} cancelled before packing ({release['id']}): {done}"
    if facts["expectedBack"]:
        yield f"expected back: {_units(facts['expectedBack'])} (cancelled after leaving)"
    for early in facts["early"]:
        yield f"early: {early['type']} of {_time(early['since'])} waits in the row"


def _head(facts: Facts) -> RenderableType:
    rows = [
        ("fulfilment", facts["fulfilment"] if facts["takenIn"] else "not taken in yet: what came early waits for it"),
        ("invoice", facts["invoice"]),
        ("channel", facts["channel"]),
        ("location", facts["location"]),
        ("ordered", _time(facts["orderedAt"])),
        ("dispatch by", _time(facts["dispatchBy"])),
        ("recipient", _corrected(facts["recipientCorrected"])),
        ("parked", _parked(facts)),
        *_not_understood(facts),
    ]
    return Panel(_pairs(rows), title=Text(f"{facts['account']}/{facts['order']}"), title_align="left")


def _not_understood(of: Facts) -> list[tuple[str, str]]:
    """Calls that are made again and again, since nobody understands what is answered."""
    return [("answer not understood", f"{about}: {why}") for about, why in of["notUnderstood"].items()]


def _corrected(known: Facts | None) -> str:
    return f"put right {_time(known['at'])} by {known['by']}: {known['reason']}" if known else ""


def _parked(order: Facts) -> str:
    if not order["parked"]:
        return ""
    because = f": {order['parkedBecause']}" if order["parkedBecause"] else ""
    return f"{order['parked']} record{'' if order['parked'] == 1 else 's'}{because}"


def _shipment(shipment: Facts) -> RenderableType:
    b2b, b2c, label = shipment["b2bInvoice"], shipment["b2cInvoice"], shipment["label"]
    handover = "asked for, not handed over yet" if shipment["handoverAsked"] else ""
    rows = [
        ("fulfilment", shipment["fulfilment"]),
        ("invoice", shipment["invoice"]),
        ("units", _units(shipment["units"])),
        (_PAPERS.get(b2b["type"], "B2B invoice"), _number(b2b)),
        ("brand's order", b2b["orderNumber"]),
        ("tax rates", ", ".join(f"{line} {rate} %" for line, rate in b2b["rates"].items())),
        ("registration", b2b["registration"]),
        ("registered", _time(b2b["registeredAt"])),
        *((f"part {one['number']}", _acknowledged(one)) for one in b2b["documents"]),
        ("e-way bill", _bills(b2b["ewayBill"])),
        ("unused numbers", ", ".join(b2b["unusedNumbers"])),
        ("problem", b2b["problem"]),
        ("B2C invoice", f"{b2c['code']} of {_time(b2c['date'])}" if b2c else None),
        ("label", f"{label['transporter']} {label['awbNumber']} {label['url']}" if label else None),
        ("pack refused", shipment["packProblem"]),
        *_not_understood(shipment),
        ("handed over", _time(shipment["handedOverAt"]) or handover),
        ("delivered", _time(shipment["deliveredAt"])),
    ]
    reversals = [_reversal(reversal) for reversal in shipment["reversals"]]
    return Panel(Group(_pairs(rows), *reversals), title=_plain(f"shipment {shipment['id']}"), title_align="left")


_PAPERS = {"BIL": "bill of supply"}


def _number(b2b: Facts) -> str:
    if not b2b["needed"]:
        return "none: no B2B leg"
    return f"{b2b['number']} of {b2b['dated']:%Y-%m-%d}" if b2b["number"] else "not asked for yet"


def _acknowledged(document: Facts) -> str:
    """What the registry gave for one part; the QR code itself is in the JSON."""
    known = [f"IRN {document['registration']}"]
    known += [f"ack {document['ackNumber']} of {document['ackDate']}"] if document["ackNumber"] else []
    known += ["signed QR code"] if document["signedQrCode"] else []
    return ", ".join(known)


def _bills(bills: list[Facts] | str | None) -> str:
    return bills or "" if bills is None or isinstance(bills, str) else ", ".join(bill["number"] for bill in bills)


def _reversal(reversal: Facts) -> RenderableType:
    steps = reversal["steps"]
    rows = [
        ("units", _units(reversal["units"])),
        ("B2C return", steps["b2cReturn"]),
        ("B2B document", steps["document"]),
        ("credit note", ", ".join(reversal["creditNote"])),
        ("problem", reversal["problem"]),
        ("goods", steps["goods"]),
        ("inventory", steps["inventory"]),
        ("settled", "yes" if reversal["settled"] else "not yet"),
    ]
    title = _plain(f"reversal {reversal['id']}: {reversal['cause'].replace('_', ' ').lower()}")
    return Panel(_pairs(rows), title=title, title_align="left", box=box.SIMPLE)


def _pairs(rows: list[tuple[str, Any]]) -> Table:
    grid = Table.grid(padding=(0, 2))
    for name, value in rows:
        if value:
            grid.add_row(Text(name, style="dim"), _plain(str(value)))
    return grid


def _table(*columns: str, title: str | None = None) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _units(units: dict[str, int]) -> str:
    return ", ".join(f"{n} of {line}" for line, n in units.items())


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else ""


def _plain(text: str) -> Text:
    """Not markup: what another system wrote may hold brackets."""
    return Text(text)
