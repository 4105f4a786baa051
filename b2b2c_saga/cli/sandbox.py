"""`b2b2c-saga sandbox`: the outside systems, simulated."""

from pathlib import Path
from typing import Annotated

import typer

from b2b2c_saga.cli.shared import settings_of


def sandbox(
    context: typer.Context,
    port: Annotated[int | None, typer.Option(help="Default: 8180; 0 takes a free one.")] = None,
    seed: Annotated[int, typer.Option(help="Decides which call meets which fault.")] = 1,
    faults: Annotated[
        str, typer.Option(help="A YAML file, or written out: erp.refuse=0.02,erp.latency_ms=50-200")
    ] = "",
    books: Annotated[Path | None, typer.Option(help="Folder of the books. Default: DATA_DIR/sandbox")] = None,
) -> None:
    """Simulate marketplace, Omni, ERP, RMS and WMS over HTTP, each with a book of its own and faults on demand.

    `/marketplace`, `/omni`, `/erp`, `/rms`, `/wms`, each with `GET /books`; `GET /health`; `POST /control/faults` while
    it runs. The books stay after a restart. Loopback only. See docs/sandbox.md. Stop with SIGTERM or Ctrl-C.

    Example: `b2b2c-saga sandbox --seed 7 --faults erp.timeout_after_effect=0.1,erp.refuse=0.02`
    """
    import asyncio

    from b2b2c_saga.model.errors import Unavailable
    from b2b2c_saga.sandbox.faults import Control, read_faults
    from b2b2c_saga.sandbox.server import serve

    settings = settings_of(context, sandbox_port=port)
    control = Control(seed, read_faults(faults))
    folder = books or settings.data_dir / "sandbox"
    try:
        asyncio.run(serve(folder, control, settings.sandbox_port, lambda url: typer.echo(f"sandbox listens on {url}")))
    except OSError as error:
        where = f"port {settings.sandbox_port}, books in {folder}"
        raise Unavailable(f"the sandbox can't start ({where}): {error.strerror}; choose another --port") from None
