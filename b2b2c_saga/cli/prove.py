"""`b2b2c-saga prove`: do all books agree?"""

from typing import TYPE_CHECKING, Annotated

import typer

from b2b2c_saga.cli.shared import settings_of_what_runs, show_json

if TYPE_CHECKING:
    from rich.console import Console

DIFFERENT = 1
WIDTH_OF_A_PIPE = 160


def prove(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="For a machine.")] = False,
) -> None:
    """Reconcile orders, documents, B2C returns and stock with the outside systems' own books, line by line.

    Units and rupees, to the paisa, in one table per seller account: our rows on one side, the books of marketplace,
    ERP, RMS, warehouse and Omni on the other; and what became of every document number that an issuer gave (used,
    voided, given up, still open; a gap is a difference) and of every e-way bill. Then each difference, with what each
    side says. Best when everything is at rest; what was asked for and is not answered yet counts for either side.

    Exit code: 0 all agree; 1 there is a difference; 69 a book can't be read.

    Examples: `b2b2c-saga prove`, `b2b2c-saga prove --json`
    """
    import asyncio

    from b2b2c_saga.bus.topics import load_topics
    from b2b2c_saga.reconcile.books import read_books
    from b2b2c_saga.reconcile.compare import Proof, compare
    from b2b2c_saga.reconcile.ledger import read_ledger
    from b2b2c_saga.reconcile.page import show_proof

    settings = settings_of_what_runs(context)

    async def read() -> Proof:
        # First the rows, then the books: what a system does meanwhile is then at most ahead of an open call.
        ledger = await read_ledger(settings, load_topics(settings.topic_prefix))
        return compare(ledger, await read_books(settings))

    proof = asyncio.run(read())
    if as_json:
        show_json(proof.as_json())
    else:
        show_proof(wide_console(), proof)
    if proof.differences:
        raise typer.Exit(DIFFERENT)


def wide_console(*, stderr: bool = False) -> "Console":
    """Rich's; a pipe has no width of its own."""
    from rich.console import Console

    console = Console(stderr=stderr)
    return console if console.is_terminal else Console(stderr=stderr, width=WIDTH_OF_A_PIPE, soft_wrap=True)
