"""`b2b2c-saga settings`: the page of all settings, written from what the programs read."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from b2b2c_saga.cli.shared import write_or_compare

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo
    from pydantic_settings import BaseSettings

OUT = Path("docs/settings.md")


def settings(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 if the file has drifted.")] = False,
    out: Annotated[Path, typer.Option(help="The file.")] = OUT,
) -> None:
    """Write the page of all settings: each variable, what it may be, its default, and what it means.

    Exit code: 0 written, or nothing has drifted; 1 with `--check`: drifted.

    Examples: `b2b2c-saga settings`, `b2b2c-saga settings --check`
    """
    write_or_compare(out, "\n".join(page()) + "\n", "settings", check=check)


def page() -> Iterator[str]:
    """Its lines."""
    from b2b2c_saga.connectors.limits import Limits
    from b2b2c_saga.connectors.orders_poller import Pace
    from b2b2c_saga.settings import Settings

    yield "<!-- Written by `b2b2c-saga settings`; not by hand. -->"
    yield ""
    yield "# Settings"
    yield ""
    yield "Each is a variable of the environment, or a line of `.env` in the folder where a command is started. Some"
    yield "are options too (`b2b2c-saga COMMAND --help`): an option wins over the environment, the environment over"
    yield "`.env`."
    for title, kind in (("All processes", Settings), ("Connectors", Limits), ("Pull", Pace)):
        yield from ("", f"## {title}", "", "| Variable | May be | Default | Meaning |", "|---|---|---|---|")
        yield from _rows(kind)


def _rows(kind: "type[BaseSettings]") -> Iterator[str]:
    prefix, described = kind.model_config["env_prefix"], kind.model_json_schema()["properties"]
    for name, field in kind.model_fields.items():
        meaning = " ".join((field.description or "").split())
        cells = (f"`{prefix}{name.upper()}`", _may_be(described[name]), _default(field), meaning)
        yield f"| {' | '.join(cells)} |"


def _may_be(schema: dict[str, Any]) -> str:
    one = next((part for part in schema.get("anyOf", ()) if part.get("type") != "null"), schema)
    if "enum" in one:
        return ", ".join(f"`{value}`" for value in one["enum"])
    bounds = (("minimum", "at least"), ("exclusiveMinimum", "above"), ("maximum", "at most"), ("pattern", "as"))
    said = [f"{word} `{one[bound]}`" for bound, word in bounds if bound in one]
    return ", ".join([{"path": "path", "password": "secret"}.get(one.get("format", ""), one["type"]), *said])


def _default(field: "FieldInfo") -> str:
    return "none" if field.default is None else "empty" if field.default == "" else f"`{field.default}`"
