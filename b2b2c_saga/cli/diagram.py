"""`b2b2c-saga diagram`: the declared steps and the states that they lead to, drawn as Mermaid."""

import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from b2b2c_saga.model.errors import BadInput

if TYPE_CHECKING:
    from b2b2c_saga.saga.check.history import Sagas
    from b2b2c_saga.saga.diagrams.seen import Seen

DRIFTED = 1
OUT = Path("docs/diagrams")
A_FOLDER = "a folder that is of the drawings alone, and can be written"


def diagram(
    what: Annotated[
        str | None, typer.Argument(metavar="WHAT", help="A step, such as `handover`; `whole`, `states`, or `all`.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write a Markdown page for each, and an index, there.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help=f"Change nothing; exit 1 if the pages of --out ({OUT}) have drifted.")
    ] = False,
) -> None:
    """Draw events, gates, conditions and commands from the declared steps, and the states with what leads to them.

    Takes a while: what is not declared is seen, by walking through the worlds of `check` with the real `decide`.

    Exit code: 0; 1 with `--check`: the pages have drifted.

    Examples: `b2b2c-saga diagram handover`, `b2b2c-saga diagram states`, `b2b2c-saga diagram --out docs/diagrams`,
    `b2b2c-saga diagram --check`
    """
    if what and (out or check):
        raise BadInput("pages are written or compared all together", field="WHAT", value=what, rule="leave it out")
    if out or check:
        _write(out or OUT, check=check)
        return
    from b2b2c_saga.saga.diagrams.pages import WHOLE, drawings

    sagas = _sagas()
    names = ["all", WHOLE, "states", *(step.name for step in (*sagas.orders.steps, *sagas.stock.steps))]
    if what and what not in names:
        raise BadInput("no such drawing", field="WHAT", value=what, rule=f"one of: {', '.join(names)}")
    drawn = drawings(sagas, _seen())
    chosen = drawn.values() if what == "all" else [drawn[what or WHOLE]]
    charts = [f"%% {one.title}\n{one.mermaid}" for parts in chosen for one in parts]
    sys.stdout.write("\n".join(charts))


def _write(folder: Path, *, check: bool) -> None:
    from b2b2c_saga.saga.diagrams.pages import pages

    known = _pages_in(folder)
    wanted = pages(_sagas(), _seen())
    drifted = sorted(name for name in wanted.keys() | known.keys() if wanted.get(name) != known.get(name))
    if check:
        for name in drifted:
            state = "is missing" if name not in known else "differs" if name in wanted else "is of no step"
            typer.echo(f"{folder / name} {state}; run `b2b2c-saga diagram --out {folder}`", err=True)
        raise typer.Exit(DRIFTED if drifted else 0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in drifted:
            if name in wanted:
                (folder / name).write_text(wanted[name], encoding="utf-8")
            else:
                (folder / name).unlink()
    except OSError as error:
        raise BadInput(f"cannot write: {error.strerror}", field="--out", value=str(folder), rule=A_FOLDER) from None
    typer.echo(f"{len(wanted)} pages in {folder}, {len(drifted)} changed.")


def _pages_in(folder: Path) -> dict[str, str]:
    """What was drawn there before.

    Raises:
        BadInput: the folder also has pages that somebody wrote; they would be overwritten.
    """
    from b2b2c_saga.saga.diagrams.pages import MADE

    try:
        known = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")} if folder.exists() else {}
    except (OSError, UnicodeDecodeError):
        known = {"": ""}
    if not all(text.startswith(MADE) for text in known.values()):
        raise BadInput("it has pages that were not drawn", field="--out", value=str(folder), rule=A_FOLDER)
    return known


def _sagas() -> "Sagas":
    from b2b2c_saga.saga.check.history import Sagas
    from b2b2c_saga.steps import ORDERS, STOCK

    return Sagas(ORDERS, STOCK)


@cache
def _seen() -> "Seen":
    from b2b2c_saga.saga.check.worlds import WORLDS
    from b2b2c_saga.saga.diagrams.walk import walk

    with Console(stderr=True).status("walking through the worlds of check ..."):
        return walk(WORLDS.values(), _sagas())
