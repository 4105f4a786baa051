"""The proof on a terminal: a table per seller account, then each difference with what each side says."""

from rich.console import Console
from rich.table import Table

from b2b2c_saga.reconcile.compare import Proof

SHOWN_AT_MOST = 50


def show_proof(console: Console, proof: Proof) -> None:
    """Print it; personal data is nowhere in it."""
    table = Table(title="Books compared", title_justify="left")
    table.add_column("seller account")
    for heading in ("orders", "lines", "units", "B2B invoices", "reversals", "B2C returns", "differences"):
        table.add_column(heading, justify="right")
    for a in proof.accounts:
        numbers = (a.orders, a.lines, a.units, a.invoices, a.reversals, a.b2c_returns, a.differences)
        table.add_row(a.name, *map(str, numbers), style="red" if a.differences else None)
    console.print(table)
    if not proof.differences:
        console.print("All books agree.", style="green")
        return
    listed = Table(title="Differences", title_justify="left")
    for heading in ("order", "place", "what", "what each side says", "note"):
        listed.add_column(heading, overflow="fold")
    for one in proof.differences[:SHOWN_AT_MOST]:
        says = ", ".join(f"{side}: {value}" for side, value in one.says.items())
        listed.add_row(one.order, one.place, one.kind.value, says, one.note)
    console.print(listed)
    if len(proof.differences) > SHOWN_AT_MOST:
        console.print(f"… and {len(proof.differences) - SHOWN_AT_MOST} more; --json has them all.")
