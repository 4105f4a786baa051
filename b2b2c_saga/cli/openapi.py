"""`b2b2c-saga openapi`: the gateway's OpenAPI document, written or compared."""

from pathlib import Path
from typing import Annotated

import typer

DRIFTED = 1
OUT = Path("docs/openapi.json")


def openapi(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 if the file has drifted.")] = False,
    out: Annotated[Path, typer.Option(help="The file.")] = OUT,
) -> None:
    """Write the gateway's API as an OpenAPI 3.1 document; the gateway itself shows it at `GET /openapi.json`.

    Exit code: 0 written, or nothing has drifted; 1 with `--check`: drifted.

    Examples: `b2b2c-saga openapi`, `b2b2c-saga openapi --check`
    """
    from b2b2c_saga.gateway.openapi import text
    from b2b2c_saga.model.errors import BadInput

    wanted = text()
    if check:
        has_drifted = not out.is_file() or out.read_text(encoding="utf-8") != wanted
        if has_drifted:
            typer.echo(f"{out} differs; run `b2b2c-saga openapi`", err=True)
        raise typer.Exit(DRIFTED if has_drifted else 0)
    try:
        out.write_text(wanted, encoding="utf-8")
    except OSError as error:
        rule = "name a file that can be written"
        raise BadInput(f"cannot write: {error.strerror}", field="--out", value=str(out), rule=rule) from None
    typer.echo(f"{out}: {len(wanted):,} characters")
