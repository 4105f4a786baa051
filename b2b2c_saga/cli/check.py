"""`b2b2c-saga check`: the saga explored exhaustively, and the proof that each of its conditions is needed."""

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from b2b2c_saga.cli.shared import show_json
from b2b2c_saga.model.errors import BadInput

if TYPE_CHECKING:
    from b2b2c_saga.saga.check.explore import Sagas

VIOLATED = 1


def check(
    mutants: Annotated[
        bool, typer.Option("--mutants", help="Drop each condition in turn: every drop must break a world.")
    ] = False,
    world: Annotated[list[str] | None, typer.Option(help="Only this world; may be given more than once.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that hunt mutants.")] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="For a machine.")] = False,
) -> None:
    """Explore small worlds with the real `decide`: every order of delivery, every answer, each alarm early or late.

    Exit code: 0 nothing violated and no mutant survives, 1 otherwise.

    Examples: `b2b2c-saga check`, `b2b2c-saga check --world "one unit"`, `b2b2c-saga check --mutants --json`
    """
    from b2b2c_saga.saga.check.explore import Sagas
    from b2b2c_saga.steps import ORDERS, STOCK

    sagas, console = Sagas(ORDERS, STOCK), Console(stderr=as_json, highlight=False)
    report = _hunt(sagas, workers, console) if mutants else _explore(sagas, world, console)
    if as_json:
        show_json(report)
    if report["violations"]:
        raise typer.Exit(VIOLATED)


def _explore(sagas: "Sagas", chosen: list[str] | None, console: Console) -> dict[str, Any]:
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
            console.print("  shortest history:", *(f"    {escape(line)}" for line in found.history), sep="\n")
    states, seconds = sum(w["states"] for w in worlds), time.perf_counter() - began
    console.print(f"{states:,} states in {seconds:.0f} s, {len(violations)} worlds with a violation")
    return {"states": states, "seconds": round(seconds, 1), "worlds": worlds, "violations": violations}


def _hunt(sagas: "Sagas", workers: int, console: Console) -> dict[str, Any]:
    from b2b2c_saga.saga.check.mutants import hunt, mutants

    total, began, survivors = sum(1 for _ in mutants(sagas)), time.perf_counter(), []
    for n, verdict in enumerate(hunt(sagas, workers), 1):
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
