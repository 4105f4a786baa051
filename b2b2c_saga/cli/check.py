"""`b2b2c-saga check`: the saga explored exhaustively, and the proof that each of its rules is needed."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from b2b2c_saga.cli.check_mutants import hunt_mutants
from b2b2c_saga.cli.check_worlds import explore_worlds, write
from b2b2c_saga.cli.shared import show_json
from b2b2c_saga.model.errors import BadInput

if TYPE_CHECKING:
    from b2b2c_saga.saga.check.history import Sagas
    from b2b2c_saga.saga.check.worlds import Setting

VIOLATED = 1


def check(  # noqa: PLR0917 - a command has as many parameters as options
    mutants: Annotated[
        bool, typer.Option("--mutants", help="Drop or weaken each rule in turn: every one must break a world.")
    ] = False,
    world: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME|FILE", help="Only this world, or that of a YAML file; may be given more than once."),
    ] = None,
    only: Annotated[str, typer.Option(metavar="TEXT", help="With --mutants: only those with this in their name.")] = "",
    save: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write the history of each violation there, for tests/histories."),
    ] = None,
    retell: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Only write this history anew, as it is decided today.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Processes that explore. Default: one a core.")
    ] = None,
    states: Annotated[int, typer.Option(min=1, help="Of each world, at most: some 2 kB each.")] = 500_000,
    as_json: Annotated[bool, typer.Option("--json", help="For a machine.")] = False,
) -> None:
    """Explore small worlds with the real `decide`: every order of delivery, every answer, each alarm early or late.

    Exit code: 0 nothing violated and no mutant survives, 1 otherwise.

    Examples: `b2b2c-saga check`, `b2b2c-saga check --world "one unit" --save tests/histories`,
    `b2b2c-saga check --world examples/worlds/two-lines.yaml`, `b2b2c-saga check --mutants --only pack --json`,
    `b2b2c-saga check --retell tests/histories/happy-path.txt`
    """
    from b2b2c_saga.saga.check.crew import cores
    from b2b2c_saga.saga.check.history import Sagas
    from b2b2c_saga.steps import ORDERS, STOCK

    sagas, console = Sagas(ORDERS, STOCK), Console(stderr=as_json, highlight=False)
    workers = workers or cores()
    if retell:
        report = _retell(sagas, retell, console)
    elif mutants:
        report = hunt_mutants(_settings(world), sagas, console, only=only, workers=workers)
    else:
        if save is not None and not save.is_dir():
            raise BadInput(f"{save}: no such folder", field="--save", rule="a folder, such as tests/histories")
        report = explore_worlds(_settings(world), sagas, console, folder=save, workers=workers, limit=states)
    if as_json:
        show_json(report)
    if report["violations"]:
        raise typer.Exit(VIOLATED)


def _settings(chosen: Iterable[str] | None) -> "dict[str, Setting]":
    """All worlds, or those that are chosen, by name or by file.

    Raises:
        BadInput: there is no such world.
        Exit: a file is no world; each mistake is told.
    """
    from b2b2c_saga.cli.world_file import read_world
    from b2b2c_saga.saga.check.worlds import WORLDS

    found: dict[str, Setting] = {}
    wrong = False
    for name in chosen or WORLDS:
        if name in WORLDS:
            found[name] = WORLDS[name]
        elif Path(name).suffix not in {".yaml", ".yml"}:
            rule = f"a YAML file, or one of: {', '.join(WORLDS)}"
            raise BadInput("no such world", field="--world", value=name, rule=rule)
        else:
            named, setting, mistakes = read_world(Path(name))
            for mistake in mistakes:
                typer.echo(str(mistake), err=True)
            wrong |= bool(mistakes)
            if setting:
                found[named] = setting
    if wrong:
        raise typer.Exit(VIOLATED)
    return found


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
        write(file, told)
        console.print(f"{file}: {'as it was' if told == text else 'written anew'}")
    return {"retold": [str(file) for file in files], "violations": []}
