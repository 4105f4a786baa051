"""`b2b2c-saga schemas`: the JSON Schemas of all messages, written or compared."""

from pathlib import Path
from typing import Annotated

import typer

DRIFTED = 1
OUT = Path("schemas")


def schemas(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 if a file has drifted.")] = False,
    out: Annotated[Path, typer.Option(help="The folder.")] = OUT,
) -> None:
    """Write one JSON Schema (2020-12) per message type, such as `schemas/OrderPlaced.v1.json`.

    Exit code: 0 written, or nothing has drifted; 1 with `--check`: drifted.

    Examples: `b2b2c-saga schemas`, `b2b2c-saga schemas --check`
    """
    from b2b2c_saga.bus.schemas import schema_files
    from b2b2c_saga.model.errors import BadInput

    wanted = dict(schema_files())
    known = {path.name: path.read_text(encoding="utf-8") for path in out.glob("*.v*.json")} if out.is_dir() else {}
    drifted = sorted(name for name in wanted.keys() | known.keys() if wanted.get(name) != known.get(name))
    if check:
        for name in drifted:
            state = (
                "differs" if name in wanted and name in known else "is missing" if name in wanted else "has no message"
            )
            typer.echo(f"{out / name} {state}; run `b2b2c-saga schemas`", err=True)
        raise typer.Exit(DRIFTED if drifted else 0)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name in drifted:
            if name in wanted:
                (out / name).write_text(wanted[name], encoding="utf-8")
            else:
                (out / name).unlink()
    except OSError as error:
        rule = "name a folder that can be written"
        raise BadInput(f"cannot write: {error.strerror}", field="--out", value=str(out), rule=rule) from None
    typer.echo(f"{len(wanted)} schemas in {out}, {len(drifted)} changed.")
