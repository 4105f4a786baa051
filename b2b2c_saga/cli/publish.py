"""`b2b2c-saga publish`: events from a file to their topics, all or none of a bad file."""

import asyncio
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from b2b2c_saga.cli.shared import settings_of_what_runs, show_json

if TYPE_CHECKING:
    from b2b2c_saga.bus.topics import Topics
    from b2b2c_saga.bus.wire import Envelope
    from b2b2c_saga.settings import Settings

STDIN = Path("-")


def publish(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.jsonl", help="One CloudEvent a line; - is the standard input.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Validate and count; send nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For a machine.")] = False,
) -> None:
    """Publish the events of a file. If one line is bad, it is named and nothing is sent.

    Each event goes to the topic and key that its data says, and is acknowledged by Kafka. Publishing a file twice
    does no harm: the saga learns an event once.

    Exit code: 0 all sent (or, with `--dry-run`, all good); 1 a bad line; 69 no Kafka.

    Examples: `b2b2c-saga publish examples/first-order.jsonl`,
    `echo '{"specversion":"1.0",...}' | b2b2c-saga publish - --dry-run`
    """
    from b2b2c_saga.bus.event_lines import read_lines
    from b2b2c_saga.bus.topics import load_topics

    settings = settings_of_what_runs(context)
    topics = load_topics(settings.topic_prefix)
    envelopes = read_lines(_lines(file))
    if not dry_run and envelopes:
        asyncio.run(_send(settings, topics, envelopes, quiet=as_json))
    _tell(topics, envelopes, sent=not dry_run, as_json=as_json)


def _lines(file: Path) -> list[bytes]:
    from b2b2c_saga.model.errors import BadInput

    if file == STDIN:
        return sys.stdin.buffer.read().splitlines()
    try:
        return file.read_bytes().splitlines()
    except OSError as error:
        rule = "name a readable file, or - for the standard input"
        raise BadInput(f"cannot read: {error.strerror}", "FILE", str(file), rule) from None


async def _send(settings: "Settings", topics: "Topics", envelopes: "list[Envelope]", *, quiet: bool) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from b2b2c_saga.bus.clients import producer
    from b2b2c_saga.bus.records import Outgoing

    columns = (TextColumn("publishing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet, transient=True) as progress:
        task = progress.add_task("publishing", total=len(envelopes))
        async with producer(settings) as publisher:
            await publisher.publish_all(
                (Outgoing(topics.name(e.message.destination), e.key, e.value, e.headers) for e in envelopes),
                lambda more: progress.advance(task, more),
            )


def _tell(topics: "Topics", envelopes: "list[Envelope]", *, sent: bool, as_json: bool) -> None:
    counts = Counter((type(e.message).__name__, topics.name(e.message.destination)) for e in envelopes)
    by_type: list[dict[str, Any]] = [
        {"type": kind, "topic": topic, "events": n} for (kind, topic), n in sorted(counts.items())
    ]
    if as_json:
        show_json({"events": len(envelopes), "sent": sent, "byType": by_type})
        return
    for row in by_type:
        typer.echo(f"{row['events']:>8,}  {row['type']:<24} {row['topic']}")
    typer.echo(f"{len(envelopes):>8,}  {'acknowledged by Kafka' if sent else 'good; nothing sent (--dry-run)'}")
