"""`b2b2c-saga topics`: how the cluster differs from topics.yaml, and making it so."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from b2b2c_saga.cli.shared import settings_of, show_json

if TYPE_CHECKING:
    from b2b2c_saga.bus.topic_plan import Plan

app = typer.Typer(no_args_is_help=True, help="The topics that topics.yaml declares.")

DIFFERENT = 3
REFUSED = 4
Prefix = Annotated[str | None, typer.Option("--prefix", help="Stands before each name; as --topic-prefix.")]
File = Annotated[Path | None, typer.Option("--file", help="Another declaration than the shipped topics.yaml.")]
Json = Annotated[bool, typer.Option("--json", help="For a machine.")]


@app.command()
def plan(context: typer.Context, prefix: Prefix = None, file: File = None, as_json: Json = False) -> None:
    """Show what `apply` would do. Changes nothing.

    Exit code: 0 nothing to do, 3 something to do, 4 something that `apply` refuses.

    Example: `b2b2c-saga topics plan --json`
    """
    from b2b2c_saga.bus.topic_admin import plan_topics
    from b2b2c_saga.bus.topics import load_topics

    settings = settings_of(context, topic_prefix=prefix)
    found = asyncio.run(plan_topics(settings, load_topics(settings.topic_prefix, file)))
    _show(found, as_json=as_json)
    raise typer.Exit(REFUSED if found.refused else DIFFERENT if found.work else 0)


@app.command()
def apply(context: typer.Context, prefix: Prefix = None, file: File = None, as_json: Json = False) -> None:
    """Make the cluster as declared. If anything is refused, nothing is changed.

    Exit code: 0 done, 4 refused.

    Example: `b2b2c-saga topics apply --prefix trial.`
    """
    from b2b2c_saga.bus.topic_admin import apply_topics
    from b2b2c_saga.bus.topics import load_topics

    settings = settings_of(context, topic_prefix=prefix)
    found = asyncio.run(apply_topics(settings, load_topics(settings.topic_prefix, file)))
    _show(found, as_json=as_json)
    if found.refused:
        raise typer.Exit(REFUSED)
    if not as_json:
        typer.echo(f"{len(found.work)} done." if found.work else "Nothing to do.")


def _show(plan: "Plan", *, as_json: bool) -> None:
    if as_json:
        show_json(plan.as_json())
        return
    for change in plan.changes:
        typer.echo(f"{change.kind:8} {change.sentence}")
    if not plan.changes:
        typer.echo("The cluster is as declared.")
