"""What `b2b2c-saga check --mutants` tells of the mutants that it hunts."""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from b2b2c_saga.model.errors import BadInput

if TYPE_CHECKING:
    from b2b2c_saga.saga.check.history import Sagas
    from b2b2c_saga.saga.check.hunt import Verdict
    from b2b2c_saga.saga.check.worlds import Setting


def hunt_mutants(
    settings: "Mapping[str, Setting]", sagas: "Sagas", console: Console, *, only: str, workers: int
) -> dict[str, Any]:
    """Hunt those with `only` in their name, tell of each as it is killed; the report for a machine.

    Raises:
        BadInput: there is none.
    """
    from b2b2c_saga.saga.check.crew import Underway
    from b2b2c_saga.saga.check.hunt import all_mutants, hunt

    began, survivors, n = time.perf_counter(), list["Verdict"](), 0
    with console.status("beginning ...") as status:
        prey = [mutant for mutant in all_mutants(sagas, settings, workers) if only in mutant.name]
        if not prey:
            rule = "a part of a name that `--mutants` prints"
            raise BadInput("no such mutant", field="--only", value=only, rule=rule)
        for told in hunt(sagas, prey, settings, workers):
            if isinstance(told, Underway):
                now = ", ".join(list(settings)[piece] for piece in told.how_far)
                status.update(escape(f"{len(prey) - n} of {len(prey)} alive; in {now}"))
                continue
            n += 1
            _tell(told, f"{n:>3}/{len(prey)}", console)
            if told.survived:
                survivors.append(told)
    seconds = time.perf_counter() - began
    console.print(f"{len(prey)} mutants in {seconds:.0f} s, {len(survivors)} survive")
    return {
        "mutants": len(prey),
        "seconds": round(seconds, 1),
        "violations": [
            {"mutant": one.mutant, "differed": one.differed, "example": one.example} for one in survivors
        ],
    }  # fmt: skip


def _tell(verdict: "Verdict", nth: str, console: Console) -> None:
    if not verdict.survived:
        end = f"{verdict.broken} ({verdict.world}, {verdict.events} events)"
        console.print(escape(f"{nth} {verdict.mutant}: {end}"), soft_wrap=True)
        return
    console.print(f"{nth} {escape(verdict.mutant)}: [red]SURVIVES[/]", soft_wrap=True)
    if not verdict.differed:
        console.print("      in no world does it make a difference")
        return
    console.print(f"      it was followed from {verdict.differed} states where it is another saga, such as after:")
    told = (f"        {escape(line)}" for entry in verdict.example for line in entry.splitlines())
    console.print(*told, sep="\n", soft_wrap=True)
