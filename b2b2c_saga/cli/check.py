"""`b2b2c-saga check`: the saga explored exhaustively, and the proof that each of its conditions is needed."""

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from b2b2c_saga.cli.shared import show_json
from b2b2c_saga.model.errors import BadInput

if TYPE_CHECKING:
    from b2b2c_saga.saga.check.history import Sagas

VIOLATED = 1


def check(  # noqa: PLR0917 - a command has as many parameters as options
    mutants: Annotated[
        bool, typer.Option("--mutants", help="Drop each condition in turn: every drop must break a world.")
    ] = False,
    world: Annotated[list[str] | None, typer.Option(help="Only this world; may be given more than once.")] = None,
    only: Annotated[str, typer.Option(metavar="TEXT", help="With --mutants: only those with this in their name.")] = "",
    save: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write the history of each violation there, for tests/histories."),
    ] = None,
    retell: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Only write this history anew, as it is decided today.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that hunt mutants.")] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="For a machine.")] = False,
) -> None:
    """Explore small worlds with the real `decide`: every order of delivery, every answer, each alarm early or late.

    Exit code: 0 nothing violated and no mutant survives, 1 otherwise.

    Examples: `b2b2c-saga check`, `b2b2c-saga check --world "one unit" --save tests/histories`,
    `b2b2c-saga check --mutants --only pack --json`, `b2b2c-saga check --retell tests/histories/happy-path.txt`
    """
    from b2b2c_saga.saga.check.history import Sagas
    from b2b2c_saga.steps import ORDERS, STOCK

    sagas, console = Sagas(ORDERS, STOCK), Console(stderr=as_json, highlight=False)
    if retell:
        report = _retell(sagas, retell, console)
    elif mutants:
        report = _hunt(sagas, only, workers, console)
    else:
        report = _explore(sagas, world, save, console)
    if as_json:
        show_json(report)
    if report["violations"]:
        raise typer.Exit(VIOLATED)


def _explore(sagas: "Sagas", chosen: list[str] | None, folder: Path | None, console: Console) -> dict[str, Any]:
    from b2b2c_saga.saga.check.explore import explore
    from b2b2c_saga.saga.check.worlds import WORLDS

    for name in chosen or ():
        if name not in WORLDS:
            raise BadInput("no such world", field="--world", value=name, rule=f"one of: {', '.join(WORLDS)}")
    began = time.perf_counter()
    worlds: list[dict[str, Any]] = []
    violations: list[dict[str, Any]] = []
    for name in chosen or WORLDS:
        start = time.perf_counter()
        with console.status(f"{name} ...") as status:
            found = explore(WORLDS[name], sagas, progress=status.update)
        seconds = time.perf_counter() - start
        rate = found.states / max(seconds, 1e-9)
        end = "VIOLATED" if found.broken else "holds"
        console.print(f"{name:36} {found.states:>9,} states {seconds:6.1f} s {rate:>8,.0f}/s  {end}")
        worlds.append({"world": name, "states": found.states, "seconds": round(seconds, 2), "holds": not found.broken})
        if found.broken:
            violations.append({"world": name, "broken": found.broken, "history": found.history})
            console.print(*(f"  [red]{escape(broken)}[/]" for broken in found.broken), sep="\n")
            told = (f"    {escape(line)}" for entry in found.history for line in entry.splitlines())
            console.print("  shortest history:", *told, sep="\n", soft_wrap=True)
            if folder:
                file = folder / f"found-{re.sub('[^a-z0-9]+', '-', name)}.txt"
                _write(file, found.as_text(name, WORLDS[name]))
                console.print(f"  written to {file}: say in its first lines what happens, in the words of the business")
    states, seconds = sum(w["states"] for w in worlds), time.perf_counter() - began
    console.print(f"{states:,} states in {seconds:.0f} s, {len(violations)} worlds with a violation")
    return {"states": states, "seconds": round(seconds, 1), "worlds": worlds, "violations": violations}


def _retell(sagas: "Sagas", files: list[Path], console: Console) -> dict[str, Any]:
    from b2b2c_saga.saga.check.history import replay

    for file in files:
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
            raise BadInput(f"{file}: {reason}", field="--retell", rule="a history, as in tests/histories") from None
        try:
            told = replay(text, sagas)
        except BadInput as error:
            raise BadInput(f"{file}: {error.reason}", error.field, error.value, error.rule) from None
        _write(file, told)
        console.print(f"{file}: {'as it was' if told == text else 'written anew'}")
    return {"retold": [str(file) for file in files], "violations": []}


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}", rule="a folder that is there and may be written to") from None


def _hunt(sagas: "Sagas", only: str, workers: int, console: Console) -> dict[str, Any]:
    from b2b2c_saga.saga.check.mutants import hunt, mutants

    total, began, survivors = sum(only in m.name for m in mutants(sagas)), time.perf_counter(), []
    if not total:
        raise BadInput("no such mutant", field="--only", value=only, rule="a part of a name that `--mutants` prints")
    for n, verdict in enumerate(hunt(sagas, workers, only), 1):
        if verdict.survived:
            survivors.append(verdict.mutant)
        end = (
            "[red]SURVIVES[/]"
            if verdict.survived
            else f"{escape(verdict.broken)} ({verdict.world}, {verdict.events} events)"
        )
        console.print(f"{n:>3}/{total} {escape(verdict.mutant)}: {end}", soft_wrap=True)
    seconds = time.perf_counter() - began
    console.print(f"{total} mutants in {seconds:.0f} s, {len(survivors)} survive")
    return {"mutants": total, "seconds": round(seconds, 1), "violations": survivors}
