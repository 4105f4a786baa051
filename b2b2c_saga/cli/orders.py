"""`b2b2c-saga orders` and `b2b2c-saga order show`: where orders are, and why they wait."""

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic_core import to_jsonable_python

from b2b2c_saga.cli.shared import settings_of_what_runs, show_json
from b2b2c_saga.model.invoice import InvoiceState
from b2b2c_saga.model.shipment import Fulfilment

if TYPE_CHECKING:
    from rich.console import Console

    from b2b2c_saga.bus.records import Record
    from b2b2c_saga.cli.order_facts import Facts

order = typer.Typer(no_args_is_help=True, help="One order.")
Json = Annotated[bool, typer.Option("--json", help="For a machine.")]
WIDTH_OF_A_PIPE = 160


@order.callback()
def _one_order() -> None:
    """One order."""


@order.command("show")
def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ACCOUNT/ORDER", help="Seller account and marketplace order id.")],
    as_json: Json = False,
) -> None:
    """Show one order: states, lines, shipments with documents, reversals, what it waits for, timeline.

    Exit code: 0 shown; 1 no such order.

    Examples: `b2b2c-saga order show YELLOW-MKT/ORDER-1`, `b2b2c-saga order show YELLOW-MKT/ORDER-1 --json`
    """
    from b2b2c_saga.bus.topics import load_topics
    from b2b2c_saga.cli.order_facts import facts, read_reasons, read_rows, read_timeline
    from b2b2c_saga.cli.order_page import show_order
    from b2b2c_saga.model.errors import BadInput

    if name.count("/") != 1 or not all(name.split("/")):
        raise typer.BadParameter(
            f"{name!r} is not ACCOUNT/ORDER, such as YELLOW-MKT/ORDER-1", param_hint="ACCOUNT/ORDER"
        )
    settings = settings_of_what_runs(context)
    topics = load_topics(settings.topic_prefix)
    key = name.encode()

    async def read() -> tuple["Facts", "list[Facts]"]:
        rows = await read_rows(settings, topics, key)
        if key not in rows:
            raise BadInput("no such order", value=name, rule="`b2b2c-saga orders` lists the ones there are")
        why = (await read_reasons(settings, topics, {key: rows[key]})).get(key)
        return facts(rows[key], datetime.now(UTC), why), await read_timeline(settings, topics, key)

    found, timeline = asyncio.run(read())
    if as_json:
        show_json(to_jsonable_python({**found, "timeline": timeline}))
    else:
        show_order(_console(), found, timeline)


def orders(
    context: typer.Context,
    state: Annotated[
        list[Fulfilment] | None, typer.Option(help="Only these fulfilment states; may be repeated.")
    ] = None,
    invoice: Annotated[list[InvoiceState] | None, typer.Option(help="Only these invoice states.")] = None,
    account: Annotated[str | None, typer.Option(help="Only this seller account.")] = None,
    as_json: Json = False,
) -> None:
    """List orders with their states.

    Examples: `b2b2c-saga orders --state PACKED --state REVERSING`, `b2b2c-saga orders --account YELLOW-MKT --json`
    """
    from b2b2c_saga.bus.topics import load_topics
    from b2b2c_saga.cli.order_facts import read_reasons, read_rows, summary
    from b2b2c_saga.cli.order_page import show_orders

    settings = settings_of_what_runs(context)
    topics = load_topics(settings.topic_prefix)

    async def read() -> "tuple[dict[bytes, Record], dict[bytes, str]]":
        rows = await read_rows(settings, topics)
        return rows, await read_reasons(settings, topics, rows)

    rows, why = asyncio.run(read())
    found = [
        order
        for key, row in sorted(rows.items())
        if (order := summary(row, why.get(key)))
        and (not state or order["fulfilment"] in state)
        and (not invoice or order["invoice"] in invoice)
        and (account is None or order["account"] == account)
    ]
    if as_json:
        show_json(to_jsonable_python(found))
    else:
        show_orders(_console(), found)


def _console() -> "Console":
    """Rich's; a pipe has no width of its own, and a machine reads --json."""
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=WIDTH_OF_A_PIPE)
