"""The proof on a terminal: a table per seller account, then each difference with what each side says."""

from decimal import Decimal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from b2b2c_saga.reconcile.compare import Proof
from b2b2c_saga.reconcile.sums import Account, Amount

SHOWN_AT_MOST = 50


def show_proof(console: Console, proof: Proof) -> None:
    """Print it; personal data is nowhere in it."""
    for account in proof.accounts:
        console.print(_account(account))
    if not proof.differences:
        console.print("All books agree.", style="green")
        return
    listed = Table(title="Differences", title_justify="left")
    for heading in ("order", "place", "what", "what each side says", "note"):
        listed.add_column(heading, overflow="fold")
    for one in proof.differences[:SHOWN_AT_MOST]:
        says = ", ".join(f"{side}: {value}" for side, value in one.says.items())
        listed.add_row(*(Text(told) for told in (one.order, one.place, one.kind.value, says, one.note)))
    console.print(listed)
    if len(proof.differences) > SHOWN_AT_MOST:
        console.print(f"… and {len(proof.differences) - SHOWN_AT_MOST} more; --json has them all.")


def _account(of: Account) -> Table:
    """Our rows on one side, the outside systems' books on the other."""
    title = f"{of.name} ({of.variant}): {of.orders} orders, {of.lines} lines"
    table = Table(title=title, title_justify="left")
    table.add_column("units")
    for heading in ("rows", "books", "differences"):
        table.add_column(heading, justify="right")
    for measure in of.measures:
        figures = _figure(measure.rows), _figure(measure.books), str(measure.differences)
        table.add_row(measure.name, *figures, style="red" if measure.differences else None)
    return table


def _figure(amount: Amount | None) -> str:
    if amount is None:
        return ""
    return f"{amount:,.2f}" if isinstance(amount, Decimal) else f"{amount:,}"
