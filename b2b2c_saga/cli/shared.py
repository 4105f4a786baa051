"""What all commands share: settings from options, errors as one sentence, JSON for machines."""

import json
import sys
from pathlib import Path
from typing import Any

import typer
from pydantic import ValidationError
from typer.core import TyperGroup

from b2b2c_saga.model.errors import BadInput, Unavailable
from b2b2c_saga.settings import Settings

BAD_INPUT = 1
DRIFTED = 1
UNAVAILABLE = 69
"""EX_UNAVAILABLE of sysexits.h: try later."""
INTERRUPTED = 130


class Polite(TyperGroup):
    """Says the sender's and the cluster's faults in one sentence on stderr; a bug of ours keeps its traceback."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]  # noqa: ANN401 - typer's own signature
        """Run the command."""
        try:
            return super().invoke(ctx)
        except BadInput as error:
            _say(str(error))
            raise typer.Exit(BAD_INPUT) from None
        except Unavailable as error:
            _say(str(error))
            raise typer.Exit(UNAVAILABLE) from None
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None


def settings_of(context: typer.Context, **options: object) -> Settings:
    """The settings of this call: the options before the command, overridden by those given here if not None.

    Raises:
        BadInput: names the setting that breaks its rule.
    """
    base: Settings = context.obj()
    given = {name: value for name, value in options.items() if value is not None}
    return _checked({**base.model_dump(exclude_unset=True), **given}) if given else base


def quiet_settings_of(context: typer.Context, **options: object) -> Settings:
    """`settings_of`, for a command whose output is its own: libraries' warnings, such as a retry, stay out of it."""
    from b2b2c_saga.telemetry import logs

    settings = settings_of(context, **options)
    logs.configure(settings.log_format)
    return settings


def settings_of_what_runs(context: typer.Context, **options: object) -> Settings:
    """`quiet_settings_of`, for a command that looks at a system: where nobody names one, the run that is up.

    Raises:
        BadInput: several runs are.
    """
    from b2b2c_saga.demo.stage import running
    from b2b2c_saga.demo.surroundings import as_settings

    settings = quiet_settings_of(context, **options)
    if settings.model_fields_set & {"bootstrap_servers", "topic_prefix"} or (found := running(settings)) is None:
        return settings
    folder, environment = found
    _say(f"looking at {folder.name}, which is up")
    return settings.model_copy(update=as_settings(environment))


def settings_from(**options: object) -> Settings:
    """Settings from options; those that are None come from the environment."""
    return _checked({name: value for name, value in options.items() if value is not None})


def show_json(value: object) -> None:
    """Print a value for a machine."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def write_or_compare(out: Path, wanted: str, command: str, *, check: bool) -> None:
    """Write a page that a command makes; or, to `check`, exit with 1 if the file is not that page.

    Raises:
        BadInput: it can't be written.
    """
    if check:
        has_drifted = not out.is_file() or out.read_text(encoding="utf-8") != wanted
        if has_drifted:
            typer.echo(f"{out} differs; run `b2b2c-saga {command}`", err=True)
        raise typer.Exit(DRIFTED if has_drifted else 0)
    try:
        out.write_text(wanted, encoding="utf-8")
    except OSError as error:
        rule = "name a file that can be written"
        raise BadInput(f"cannot write: {error.strerror}", field="--out", value=str(out), rule=rule) from None
    typer.echo(f"{out}: {len(wanted):,} characters")


def _checked(options: dict[str, Any]) -> Settings:
    try:
        return Settings(**options)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(map(str, first["loc"]))
        raise BadInput("a setting breaks its rule", field=f"B2B2C_{name.upper()}", rule=first["msg"]) from None


def _say(sentence: str) -> None:
    sys.stderr.write(f"b2b2c-saga: {sentence}\n")
