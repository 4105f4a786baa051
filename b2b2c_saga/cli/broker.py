"""`b2b2c-saga broker`: a Kafka broker on this machine."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from b2b2c_saga.cli.progress import Shown
from b2b2c_saga.cli.shared import settings_of, show_json

if TYPE_CHECKING:
    from b2b2c_saga.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    help="Apache Kafka on this machine: embedded (needs nothing but Python), or in Docker. Data in .b2b2c/broker.",
)

NOT_RUNNING = 3
"""As init scripts say it (LSB): the service is not running."""
Json = Annotated[bool, typer.Option("--json", help="For a machine.")]


@app.command()
def up(
    context: typer.Context,
    docker: Annotated[bool, typer.Option("--docker", help="In a Docker engine, as compose.yaml says.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Taken if it is free; else another is.")] = 9092,
    as_json: Json = False,
) -> None:
    """Start the broker unless it runs, and wait until it accepts requests.

    Example: `b2b2c-saga broker up`
    """
    from b2b2c_saga.bus.broker.compose import ComposeBroker
    from b2b2c_saga.bus.broker.embedded import EmbeddedBroker

    settings = settings_of(context)
    ran = _status(settings)["running"]
    with Shown() as shown:
        folder = settings.broker_dir
        broker = ComposeBroker(folder, shown) if docker else EmbeddedBroker(folder, port, shown)
        address = broker.up()
    if as_json:
        show_json(_status(settings))
    else:
        typer.echo(f"Kafka {'already runs' if ran else 'is up'} at {address}")


@app.command()
def down(context: typer.Context, as_json: Json = False) -> None:
    """Stop the broker cleanly; its data stays.

    Example: `b2b2c-saga broker down`
    """
    from b2b2c_saga.bus.broker.compose import ComposeBroker
    from b2b2c_saga.bus.broker.embedded import EmbeddedBroker

    settings = settings_of(context)
    with Shown() as shown:
        stopped = (
            ComposeBroker(settings.broker_dir, shown).down() or EmbeddedBroker(settings.broker_dir, report=shown).down()
        )
    if as_json:
        show_json({"stopped": stopped})
    else:
        typer.echo("Kafka is stopped" if stopped else "no broker ran")


@app.command()
def status(context: typer.Context, as_json: Json = False) -> None:
    """Say whether the broker runs, and where. Exit code 3 if it doesn't.

    Example: `b2b2c-saga broker status --json`
    """
    found = _status(settings_of(context))
    if as_json:
        show_json(found)
    elif found["running"]:
        typer.echo(f"Kafka {found['version']} runs at {found['address']} (process {found['pid'] or 'in Docker'})")
        typer.echo(f"data and log: {found['folder']}")
    else:
        typer.echo(f"no broker runs in {found['folder']}{found['remark']}; start it with `b2b2c-saga broker up`")
    if not found["running"]:
        raise typer.Exit(NOT_RUNNING)


@app.command()
def logs(
    context: typer.Context,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many, from the end.")] = 40,
) -> None:
    """Print the end of the broker's log.

    Example: `b2b2c-saga broker logs -n 200`
    """
    from b2b2c_saga.bus.broker.compose import ComposeBroker
    from b2b2c_saga.bus.broker.embedded import EmbeddedBroker, last_lines, silent
    from b2b2c_saga.bus.broker.state import read_state
    from b2b2c_saga.model.errors import Unavailable

    folder = settings_of(context).broker_dir
    state = read_state(folder)
    if state is not None and state.docker:
        found = ComposeBroker(folder, silent).log_lines(lines)
    elif (log := EmbeddedBroker(folder).log).exists():
        found = last_lines(log, lines)
    else:
        raise Unavailable(f"no log in {folder}: the broker was never started; `b2b2c-saga broker up` does")
    sys.stdout.writelines(line + "\n" for line in found)


def _status(settings: "Settings") -> dict[str, Any]:
    from b2b2c_saga.bus.broker.probe import is_ready
    from b2b2c_saga.bus.broker.state import is_alive, read_state

    folder = settings.broker_dir
    state = read_state(folder)
    nothing = {"running": False, "address": None, "pid": None, "version": None, "folder": str(folder), "remark": ""}
    if state is None:
        return nothing
    if not (state.docker or is_alive(folder)):
        return {**nothing, "remark": " (the last one ended without being stopped)"}
    if not is_ready(state.address):
        return {**nothing, "pid": state.pid or None, "remark": " that answers (its process lives: starting, or stuck)"}
    known = {"running": True, "address": state.address, "pid": state.pid or None, "version": state.version}
    return {**nothing, **known}
