"""`b2b2c-saga config`: is the configuration right, and what holds for an account?"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from b2b2c_saga.cli.shared import settings_of, show_json

if TYPE_CHECKING:
    from b2b2c_saga.config import Examined
    from b2b2c_saga.model.catalogue import Account
    from b2b2c_saga.model.errors import BadInput
    from b2b2c_saga.model.prices import PriceBook
    from b2b2c_saga.model.terms import EwayBill

app = typer.Typer(no_args_is_help=True, help="The configuration: accounts, parties, products, prices, taxes.")

WRONG = 1
At = Annotated[Path | None, typer.Option("--config", help="A folder of YAML files, or one file. Default: config")]
Json = Annotated[bool, typer.Option("--json", help="For a machine.")]


@app.command()
def check(context: typer.Context, config: At = None, as_json: Json = False) -> None:
    """Name every mistake by file, line and field, with its value and rule.

    Exit code: 0 all is right; 1 there is a mistake.

    Examples: `b2b2c-saga config check`, `b2b2c-saga config check --config /etc/b2b2c --json`
    """
    from b2b2c_saga.config import examine

    examined = examine(settings_of(context, config=config).config)
    if as_json:
        show_json(_as_json(examined))
    else:
        _show(examined)
    if examined.mistakes:
        raise typer.Exit(WRONG)


@app.command()
def show(
    context: typer.Context,
    account: Annotated[str, typer.Argument(help="Its name, such as YELLOW-MKT.")],
    *,
    sku: Annotated[str | None, typer.Option(help="Also the B2B price and tax of this SKU.")] = None,
    price: Annotated[str | None, typer.Option(help="Of a unit on the marketplace, in rupees, tax included.")] = None,
    discount: Annotated[str | None, typer.Option(help="What the consumer pays less for a unit, in rupees.")] = None,
    on: Annotated[str | None, typer.Option(help="Day of the order, such as 2026-11-24. Default: today.")] = None,
    invoiced_on: Annotated[str | None, typer.Option(help="Day of the invoice. Default: that of the order.")] = None,
    config: At = None,
    as_json: Json = False,
) -> None:
    """Show what would hold for an order of this account: the price of its day, the tax rate of its invoice's day.

    Examples: `b2b2c-saga config show YELLOW-MKT`,
    `b2b2c-saga config show YELLOW-MKT --sku KURTA-RED-M --price 2999 --on 2025-09-21 --invoiced-on 2025-09-23`
    """
    from b2b2c_saga.config import load_catalogue

    found = load_catalogue(settings_of(context, config=config).config).account(account)
    of_the_sku = {"--price": price, "--discount": discount, "--on": on, "--invoiced-on": invoiced_on}
    facts = _terms(found) | _quote(found.prices, sku, of_the_sku)
    if as_json:
        show_json(facts)
        return
    wide = max(map(len, facts))
    for name, fact in facts.items():
        typer.echo(f"{name.replace('_', ' '):{wide}}  {fact}")


def _show(examined: "Examined") -> None:
    from rich import box
    from rich.table import Table

    from b2b2c_saga.cli.prove import wide_console

    for mistake in examined.mistakes:
        typer.echo(str(mistake))
    if examined.mistakes:
        typer.echo(f"{_count(len(examined.mistakes), 'mistake')} in {examined.path}.")
        return
    said = _as_json(examined)
    table = Table(box=box.SIMPLE, show_edge=False)
    for column in ("account", "channel", "model", "variant", "X sells", "to Y", "price list", "orders"):
        table.add_column(column)
    for account in said["accounts"]:
        table.add_row(*(str(fact) if fact is not None else "-" for fact in account.values()))
    wide_console().print(table)
    counts = ", ".join(_count(said[name], one) for name, one in COUNTED.items())
    typer.echo(f"Version {said['version']} of {examined.path} is right: {counts}.")


COUNTED = {
    "parties": "party",
    "products": "product",
    "priceLists": "price list",
    "prices": "price",
    "taxes": "tax rule",
}


def _as_json(examined: "Examined") -> dict[str, Any]:
    entries = examined.entries
    return {
        "path": str(examined.path),
        "valid": not examined.mistakes,
        "version": entries.version,
        "mistakes": [mistake.as_json() for mistake in examined.mistakes],
        "accounts": [
            {
                "account": name,
                "channel": account.channel,
                "model": account.model,
                "variant": account.variant,
                "seller": account.client_x,
                "buyer": account.client_y,
                "priceList": account.price_list,
                "orders": account.orders,
            }
            for name, account in entries.accounts.items()
        ],
        "parties": len(entries.parties),
        "products": len(entries.products),
        "priceLists": len(entries.price_lists),
        "prices": sum(len(one.prices) for one in entries.price_lists.values()),
        "taxes": sum(map(len, entries.taxes.values())),
    }


def _terms(account: "Account") -> dict[str, object]:
    from b2b2c_saga.config.texts import duration_text

    terms = account.terms
    said = {
        "version": terms.version,
        "channel": terms.channel,
        "b2b_sale": terms.b2b_leg,
        "begins_in_the_warehouse": terms.b2b_order,
        "issued_by": terms.issuer.value,
        "provider": terms.documents.provider.value,
        "void_window": terms.documents.void_window or "none",
        "lines_at_most": terms.documents.lines_at_most,
        "round_total_to": terms.documents.round_total_to,
        "numbers": terms.numbers.value,
        "eway_bill": _transport(terms.eway_bill),
        "seller": f"{terms.client_x.legal_name}, {terms.client_x.gstin}",
        "buyer": f"{terms.client_y.legal_name}, {terms.client_y.gstin}",
        "cancel_after_pack": terms.cancel_after_pack,
        "orders": "pulled" if account.orders_pulled else "pushed",
    } | vars(terms.patience)
    return {name: duration_text(fact) if isinstance(fact, timedelta) else fact for name, fact in said.items()}


def _transport(asked: "EwayBill | None") -> str:
    return f"above {asked.above}, {asked.transporter_name}, {asked.transporter_id}" if asked else "none"


def _quote(book: "PriceBook", sku: str | None, options: dict[str, str | None]) -> dict[str, object]:
    """The price on the day of the order, and the rate on the day of the invoice."""
    from b2b2c_saga.config.texts import Amount, Day
    from b2b2c_saga.model.documents import day_in_india

    if sku is None:
        for option, text in options.items():
            if text is not None:
                raise _refused(option, text, "needs --sku: of which product?")
        return {}
    price = _meant(Amount, "--price", options["--price"])
    off = _meant(Amount, "--discount", options["--discount"]) if options["--discount"] else Decimal(0)
    ordered = _meant(Day, "--on", options["--on"] or str(day_in_india(datetime.now(UTC))))
    invoiced = _meant(Day, "--invoiced-on", options["--invoiced-on"] or str(ordered))
    if off > price:
        raise _refused("--discount", off, f"must be at most the price, {price}")
    if invoiced < ordered:
        raise _refused("--invoiced-on", str(invoiced), f"must be the day of the order, {ordered}, or a later one")
    quote = book.quote(sku, price, ordered, paid=price - off)
    return {
        "sku": sku,
        "product": quote.product.name,
        "unit": quote.product.unit,
        "hsn": quote.product.hsn,
        "selling_price": price,
        "discount": off,
        "ordered_on": ordered,
        "b2b_price": quote.unit_price,
        "invoiced_on": invoiced,
        "gst_percent": book.taxes.rate(quote.product.hsn, quote.unit_price, invoiced),
    }


def _meant(kind: Any, option: str, text: str | None) -> Any:  # noqa: ANN401 - a type, and what it reads
    """An option, read as the same text would be read in the configuration."""
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(kind).validate_python(text)
    except ValidationError as error:
        raise _refused(option, text, error.errors()[0]["msg"]) from None


def _refused(option: str, found: object, rule: str) -> "BadInput":
    from b2b2c_saga.model.errors import BadInput

    return BadInput("an option breaks its rule", field=option, value=found, rule=rule)


def _count(n: int, one: str) -> str:
    many = f"{one[:-1]}ies" if one.endswith("y") else f"{one}s"
    return f"{n} {one if n == 1 else many}"
