"""Options of `b2b2c-saga replay`, and what they mean."""

import getpass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from b2b2c_saga.cli.shared import settings_of_what_runs

if TYPE_CHECKING:
    from b2b2c_saga.bus.topics import Topics
    from b2b2c_saga.replay.select import Selection
    from b2b2c_saga.settings import Settings

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
Orders = Annotated[list[str] | None, typer.Option("--order", metavar="KEY", help="Only this order; may be repeated.")]
Account = Annotated[str | None, typer.Option(help="Only this seller account.")]
Reason = Annotated[str | None, typer.Option(help="Only this class of failure, or a part of its message.")]
Topic = Annotated[str | None, typer.Option(help="Only what failed on this topic, such as pack.")]
Since = Annotated[str | None, typer.Option(help="Only what was parked in the last, such as 2h (s, m, h, d).")]
Older = Annotated[str | None, typer.Option(help="Only what is parked for longer than, such as 2h.")]
Limit = Annotated[int, typer.Option(min=1, help="Leave out what was released and failed as often as this.")]
Operator = Annotated[str | None, typer.Option(help="Who does it, for the audit. Default: the user of this shell.")]
Json = Annotated[bool, typer.Option("--json", help="For a machine.")]
LIMIT = 5
LONGEST = 200
"""Characters of a reason or a name in the audit."""


def place_of(context: typer.Context) -> "tuple[Settings, Topics]":
    """The cluster that is meant, and its topics."""
    from b2b2c_saga.bus.topics import load_topics

    settings = settings_of_what_runs(context)
    return settings, load_topics(settings.topic_prefix)


def tables_in(topics: "Topics") -> dict[str, str]:
    """Step topic -> changelog of the table that it changes."""
    from b2b2c_saga.runtime.rows import tables_of_steps

    return tables_of_steps(topics)


def selection_of(  # noqa: PLR0917 - as many as options
    topics: "Topics",
    orders: list[str] | None,
    account: str | None,
    reason: str | None,
    topic: str | None,
    since: str | None,
    older: str | None,
) -> "Selection":
    """What all of these options together mean."""
    from b2b2c_saga.replay.select import Selection

    if topic is not None and topic not in topics.declared:
        raise typer.BadParameter(f"{topic!r} is not in topics.yaml; such as pack", param_hint="--topic")
    name = None if topic is None else topics.name(topic)
    return Selection(frozenset(orders or ()), account, reason, name, _ago(since, "--since"), _ago(older, "--older"))


def _ago(text: str | None, option: str) -> datetime | None:
    if text is None:
        return None
    number, unit = text[:-1], UNITS.get(text[-1:])
    if unit is None or not number.isdigit():
        raise typer.BadParameter(f"{text!r} is not a number with s, m, h or d, such as 2h", param_hint=option)
    return datetime.now(UTC) - timedelta(**{unit: int(number)})


def parked_at(text: str) -> tuple[int, int]:
    """`3:17` as partition and offset."""
    partition, _, offset = text.partition(":")
    if not (partition.isdigit() and offset.isdigit()):
        raise typer.BadParameter(f"{text!r} is not PARTITION:OFFSET, such as 3:17", param_hint="--offset")
    return int(partition), int(offset)


def who(operator: str | None) -> str:
    """The operator, for the audit."""
    return audited(operator or getpass.getuser(), "--operator")


def audited(text: str, option: str) -> str:
    """What the audit keeps."""
    if not 0 < len(text.strip()) <= LONGEST:
        raise typer.BadParameter(f"1 to {LONGEST} characters, and not {len(text)}", param_hint=option)
    return text
