"""A command of `b2b2c-saga` whose connectors die when told to: `dying WISH connectors`.

As soon as the file WISH is there, the next command that is answered over HTTP is the last: the effect is done, the
answer is in hand, and the process gets a SIGKILL before it has published anything of it. Once for each file.
"""

import os
import runpy
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from b2b2c_saga.bus.wire import Envelope
from b2b2c_saga.connectors.connector import Connector
from b2b2c_saga.model.messages import Command, Event


def die_by(wish: Path) -> None:
    """From now on the connectors of this process look for the file between a call and its answer."""
    ask = Connector._ask  # noqa: SLF001 - no other place lies between the two

    async def ask_and_die(self: Connector, command: Command, envelope: Envelope, key: str) -> Sequence[Event]:
        events = await ask(self, command, envelope, key)
        if not any(isinstance(event, type(command).unanswered_as) for event in events):
            _die_if_wished(wish)
        return events

    Connector._ask = ask_and_die  # type: ignore[method-assign] # noqa: SLF001


def _die_if_wished(wish: Path) -> None:
    if wish.exists():
        wish.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    _, wish, *arguments = sys.argv
    die_by(Path(wish))
    sys.argv = ["b2b2c-saga", *arguments]
    runpy.run_module("b2b2c_saga.cli", run_name="__main__", alter_sys=True)
