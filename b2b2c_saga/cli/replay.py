"""`b2b2c-saga replay`: parked records listed, tried out, released, skipped."""

import asyncio
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from b2b2c_saga.cli.prove import wide_console
from b2b2c_saga.cli.replay_options import (
    LIMIT,
    Account,
    Json,
    Limit,
    Older,
    Operator,
    Orders,
    Reason,
    Since,
    Topic,
    audited,
    parked_at,
    place_of,
    selection_of,
    tables_in,
    who,
)
from b2b2c_saga.cli.shared import show_json

if TYPE_CHECKING:
    from b2b2c_saga.bus.topics import Topics
    from b2b2c_saga.replay.audit import Act
    from b2b2c_saga.replay.plan import Planned
    from b2b2c_saga.replay.run import Outcome, Redrive
    from b2b2c_saga.replay.select import Chosen, Selection
    from b2b2c_saga.replay.waiting import Waiting
    from b2b2c_saga.settings import Settings

app = typer.Typer(no_args_is_help=True, help="What is parked: list it, try it out, release it, skip it.")

STILL_WAITING = 3


@app.command("list")
def list_(
    context: typer.Context,
    *,
    order: Orders = None,
    account: Account = None,
    reason: Reason = None,
    topic: Topic = None,
    since: Since = None,
    older: Older = None,
    as_json: Json = False,
) -> None:
    """List what waits: each order with its number of records, since when, and what failed.

    Examples: `b2b2c-saga replay list`, `b2b2c-saga replay list --reason BadInput --older 2h --json`
    """
    from b2b2c_saga.cli.replay_page import listed, show_waiting
    from b2b2c_saga.replay.standing import read_waiting

    settings, topics = place_of(context)
    selection = selection_of(topics, order, account, reason, topic, since, older)
    found = [one for one in asyncio.run(read_waiting(settings, topics, tables_in(topics))) if selection.takes(one)]
    if as_json:
        show_json([listed(one, topics) for one in found])
    else:
        show_waiting(wide_console(), found, topics)


@app.command()
def plan(
    context: typer.Context,
    *,
    order: Orders = None,
    account: Account = None,
    reason: Reason = None,
    topic: Topic = None,
    since: Since = None,
    older: Older = None,
    limit: Limit = LIMIT,
    as_json: Json = False,
) -> None:
    """Show what a release would do, by the worker's own rules and the rows of now. Nothing is written.

    The rules are those of this installation and of `--config`: have what the workers have.

    Exit code: 0 all would go on; 3 something would wait again, or is left out.

    Examples: `b2b2c-saga replay plan --order YELLOW-MKT/ORDER-1`, `b2b2c-saga replay plan --reason BadInput`
    """
    settings, topics = place_of(context)
    _plan(settings, topics, selection_of(topics, order, account, reason, topic, since, older), limit, as_json=as_json)


@app.command()
def release(
    context: typer.Context,
    *,
    order: Orders = None,
    account: Account = None,
    reason: Reason = None,
    topic: Topic = None,
    since: Since = None,
    older: Older = None,
    everything: Annotated[bool, typer.Option("--all", help="All that waits.")] = False,
    rate: Annotated[float | None, typer.Option(min=0.1, help="Records a second at most.")] = None,
    limit: Limit = LIMIT,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what it would do; as `plan`.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask before more than one order.")] = False,
    operator: Operator = None,
    as_json: Json = False,
) -> None:
    """Give parked records back to the worker: in their order, ids and trace kept, until nothing of the order waits.

    What fails again waits again, and what follows of its order behind it. Killed at any moment and begun again, it
    sends nothing twice. Every release is kept in topic audit.

    Exit code: 0 all goes on; 3 something waits still; 69 no Kafka.

    Examples: `b2b2c-saga replay release --order YELLOW-MKT/ORDER-1`,
    `b2b2c-saga replay release --reason "unknown seller account" --rate 100 --yes`
    """
    settings, topics = place_of(context)
    selection = selection_of(topics, order, account, reason, topic, since, older)
    if selection.is_everything != everything:
        raise typer.BadParameter("name orders, or what they have in common, or --all for all that waits")
    if dry_run:
        _plan(settings, topics, selection, limit, as_json=as_json)
        return

    def agreed(chosen: "Chosen") -> bool:
        many = len(chosen.taken)
        if many <= 1 or yes:
            return bool(many)
        if not sys.stdin.isatty():
            raise typer.BadParameter(f"that is {many} orders: say --yes, or see them with --dry-run")
        return typer.confirm(f"Release {many} orders?", err=True)

    released = _release(
        settings, topics, selection, limit=limit, rate=rate, operator=who(operator), agreed=agreed, as_json=as_json
    )
    asyncio.run(released)


@app.command()
def skip(
    context: typer.Context,
    *,
    why: Annotated[str, typer.Option("--reason", help="Why, for the audit.")],
    order: Annotated[str | None, typer.Option(metavar="KEY", help="Its first waiting record.")] = None,
    count: Annotated[int, typer.Option(min=1, help="So many of the first.")] = 1,
    offset: Annotated[
        list[str] | None, typer.Option(metavar="PARTITION:OFFSET", help="This record of topic parked; may be repeated.")
    ] = None,
    operator: Operator = None,
    as_json: Json = False,
) -> None:
    """Say of parked records that they are done without being decided. They stay in topic parked.

    What waits behind them still waits: release it.

    Examples: `b2b2c-saga replay skip --order YELLOW-MKT/ORDER-1 --reason "sent by mistake, INC-17"`,
    `b2b2c-saga replay skip --offset 3:17 --reason noise`
    """
    from b2b2c_saga.cli.replay_page import show_skipped
    from b2b2c_saga.model.messages.operators import Action
    from b2b2c_saga.replay.audit import Act
    from b2b2c_saga.replay.run import redriving
    from b2b2c_saga.replay.select import first_of, named

    if (order is None) == (not offset):
        raise typer.BadParameter("name an order with --order, or records with --offset")
    places = [parked_at(text) for text in offset or ()]
    act = Act(Action.SKIP, who(operator), audited(why, "--reason"))
    settings, topics = place_of(context)

    async def done() -> None:
        async with redriving(settings, topics, tables_in(topics)) as redrive:
            found = redrive.standing.waiting()
            records = named(found, places) if places else first_of(found, order or "", count)
            await redrive.skip(records, act)
        show_skipped(records, act, topics, as_json=as_json)

    asyncio.run(done())


def _plan(settings: "Settings", topics: "Topics", selection: "Selection", limit: int, *, as_json: bool) -> None:
    from b2b2c_saga.cli.replay_page import left_out, planned, show_plan
    from b2b2c_saga.config import load_catalogue
    from b2b2c_saga.replay.plan import plan, read_rows
    from b2b2c_saga.replay.select import choose
    from b2b2c_saga.replay.standing import read_waiting
    from b2b2c_saga.replay.whole import made_whole
    from b2b2c_saga.runtime.rows import saga_job

    job = saga_job(settings.application, topics, load_catalogue(settings.config))

    async def found() -> "tuple[Chosen, list[Planned]]":
        chosen = choose(await read_waiting(settings, topics, job.steps), selection, limit)
        taken = [await made_whole(settings, one) for one in chosen.taken]
        rows = await read_rows(settings, taken)
        return chosen, plan(job, topics.partitions, taken, rows, time.time_ns() // 1_000_000)

    chosen, plans = asyncio.run(found())
    if as_json:
        show_json(
            {
                "orders": [planned(one, topics) for one in plans],
                "leftOut": [left_out(one, topics) for one in chosen.left_out],
            }
        )
    else:
        show_plan(wide_console(), plans, chosen.left_out, topics)
    if chosen.left_out or any(one.failed for one in plans):
        raise typer.Exit(STILL_WAITING)


async def _release(
    settings: "Settings",
    topics: "Topics",
    selection: "Selection",
    *,
    limit: int,
    rate: float | None,
    operator: str,
    agreed: "Callable[[Chosen], bool]",
    as_json: bool,
) -> None:
    from b2b2c_saga.cli.replay_page import left_out, listed, show_outcome
    from b2b2c_saga.model.messages.operators import Action
    from b2b2c_saga.replay.audit import Act
    from b2b2c_saga.replay.run import Outcome, redriving
    from b2b2c_saga.replay.select import choose

    act = Act(Action.RELEASE, operator)
    outcome = Outcome()
    async with redriving(settings, topics, tables_in(topics)) as redrive:
        chosen = choose(redrive.standing.waiting(), selection, limit)
        if agreed(chosen):
            outcome = await _sent(redrive, chosen.taken, act, rate, quiet=as_json)
    if as_json:
        told = {
            "sent": outcome.sent,
            "orders": outcome.gone,
            "alone": outcome.alone,
            "onTheirWay": outcome.on_their_way,
        }
        again = [listed(one, topics) for one in outcome.again]
        show_json(
            {"action": act.id, **told, "again": again, "leftOut": [left_out(one, topics) for one in chosen.left_out]}
        )
    else:
        show_outcome(wide_console(), outcome, chosen.left_out, act, topics)
    if outcome.again or outcome.on_their_way or chosen.left_out:
        raise typer.Exit(STILL_WAITING)


async def _sent(
    redrive: "Redrive", taken: "list[Waiting]", act: "Act", rate: float | None, *, quiet: bool
) -> "Outcome":
    if not quiet:
        typer.echo(f"action {act.id}", err=True)
    with _bar(quiet=quiet) as tell:
        return await redrive.release(taken, act, rate, tell)


@contextmanager
def _bar(*, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("releasing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet, transient=True) as progress:
        task = progress.add_task("releasing", total=None)
        yield lambda sent, known: progress.update(task, completed=sent, total=known)
