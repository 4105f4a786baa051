"""`b2b2c-saga demo`, `up` and `down`: everything as real processes, with a seeded day of orders or without."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Annotated, Any

import typer

from b2b2c_saga.cli.prove import wide_console
from b2b2c_saga.cli.shared import settings_of, show_json

if TYPE_CHECKING:
    from rich.console import Console

    from b2b2c_saga.demo.stage import Stage

NOT_GOOD = 1
GONE_AFTER = 128


def demo(
    context: typer.Context,
    orders: Annotated[int, typer.Option(min=1, max=100_000, help="How many orders the day has.")] = 300,
    seed: Annotated[int, typer.Option(help="The same seed and number play the same stories.")] = 4,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running, and say where to look.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For a machine: the summary, and the proof in it.")] = False,
) -> None:
    """Play a seeded day of orders on real Kafka and real HTTP, kill a worker half-way, and prove that all books agree.

    Starts a broker (if none runs), sandbox, two workers, connectors, gateway and the poll of the marketplace's orders;
    plays both variants and a plain channel: orders pushed and pulled, packs, handovers, cancellations, deliveries,
    returns and stock counts, with duplicates, early events, and issuers of invoices that are slow, silent now and then,
    refuse and take back. Logs, books and configuration: DATA_DIR/demo/run-….

    Exit code: 0 every order is closed or held for a stated reason and all books agree; 1 not so.

    Examples: `b2b2c-saga demo`, `b2b2c-saga demo --orders 2000 --seed 7`, `b2b2c-saga demo --keep`
    """
    from b2b2c_saga.demo.day import seeded_day
    from b2b2c_saga.demo.show import play
    from b2b2c_saga.demo.stage import leave_running, stage
    from b2b2c_saga.demo.summary import Outcome, show_outcome
    from b2b2c_saga.reconcile.page import show_proof

    settings, console = settings_of(context), wide_console(stderr=as_json)

    async def run() -> Outcome:
        async with stage(settings, seed, lambda sentence: console.print(f"  {sentence}", highlight=False)) as here:
            outcome = await play(here, seeded_day(orders, seed), console)
            if as_json:
                show_json(outcome.as_json())
            else:
                show_outcome(console, outcome)
                show_proof(console, outcome.proof)
            if keep:
                leave_running(here)
                _say_where(console, here, next(iter(outcome.orders), "ACCOUNT/ORDER"))
            return outcome

    outcome = until_stopped(run())
    if not outcome.is_good:
        raise typer.Exit(NOT_GOOD)


def up(
    context: typer.Context,
    seed: Annotated[int, typer.Option(help="Of the sandbox: which call meets which fault.")] = 1,
    quick: Annotated[bool, typer.Option("--quick", help="The demo's patience: a month in a minute.")] = False,
) -> None:
    """Start everything the demo has, without the play, for events of your own; Ctrl-C stops it all.

    Example: `b2b2c-saga up`
    """
    from b2b2c_saga.demo.stage import stage

    settings, console = settings_of(context), wide_console()

    async def run() -> None:
        async with stage(settings, seed, lambda said: console.print(f"  {said}", highlight=False), quick=quick) as here:
            _say_where(console, here, None)
            while True:
                here.fleet.check()
                await asyncio.sleep(0.5)

    until_stopped(run())


def down(context: typer.Context) -> None:
    """Stop what `demo --keep`, or a demo that was killed, left running. `b2b2c-saga broker down` stops the broker.

    Example: `b2b2c-saga down`
    """
    from b2b2c_saga.demo.fleet import stop_left_running
    from b2b2c_saga.demo.stage import runs_of

    stopped = stop_left_running(runs_of(settings_of(context)))
    typer.echo(f"stopped: {', '.join(stopped)}" if stopped else "nothing was left running")


def until_stopped(work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 - what the work gives
    """Run it; Ctrl-C, SIGTERM and SIGHUP cancel it, so that it cleans up after itself."""
    stopped: list[int] = []

    async def run() -> Any:  # noqa: ANN401
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()

        def stop(number: int) -> None:
            stopped.append(number)
            task.cancel()

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, stop, number)
        return await task

    try:
        return asyncio.run(run())
    except asyncio.CancelledError:
        raise typer.Exit(GONE_AFTER + stopped[0] if stopped else 1) from None


def _say_where(console: "Console", here: "Stage", order: str | None) -> None:
    from b2b2c_saga.demo.where import where

    for line in where(here, order):
        console.print(line, highlight=False, markup=False)


__all__ = ["demo", "down", "until_stopped", "up"]
