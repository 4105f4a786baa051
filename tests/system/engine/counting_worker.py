"""The counting worker as the tests run it: also with a crash on purpose."""

import os

from b2b2c_saga.chaos.worker import main
from b2b2c_saga.runtime.engine import transport


def crash_once() -> None:
    """Let Faust crash at the first assignment, as it does when a callback of its own fails."""
    assigned = transport.Membership._assigned
    crashed: list[bool] = []

    async def failing(self: transport.Membership, *arguments: object, **more: object) -> None:
        if not crashed:
            crashed.append(True)
            raise RuntimeError("on purpose")
        await assigned(self, *arguments, **more)

    transport.Membership._assigned = failing


if __name__ == "__main__":
    if os.environ.get("CRASH_ONCE"):
        crash_once()
    main()
