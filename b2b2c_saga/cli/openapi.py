"""`b2b2c-saga openapi`: the gateway's OpenAPI document, written or compared."""

from pathlib import Path
from typing import Annotated

import typer

from b2b2c_saga.cli.shared import write_or_compare

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

    write_or_compare(out, text(), "openapi", check=check)
