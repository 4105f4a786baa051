"""An error that aiokafka 0.14 overlooks: the one that a coordinator gives for all offsets that it was asked for.

From OffsetFetch version 2 on, "I am loading this group" and "it is another's now" stand beside the offsets, of which
there are none then. aiokafka looks at the offsets alone, so a committed offset of 5 is None for as long as a new
coordinator loads its groups: whoever then begins at the beginning does everything again. Heeded here, it is an error
that can be retried, as aiokafka does with the others.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import NotCoordinatorForGroupError, for_code
from aiokafka.protocol.commit import OffsetFetchRequest

Send = Callable[[Any, Any], Awaitable[Any]]


def heed_offset_errors() -> None:
    """For every consumer of this process, from now on."""
    if not hasattr(GroupCoordinator._send_req, "heeds"):  # noqa: SLF001 - the place that all its requests pass
        GroupCoordinator._send_req = heeding(GroupCoordinator._send_req)  # noqa: SLF001


def heeding(send: Send) -> Send:
    """The same, raising what is said of an OffsetFetch as a whole."""

    async def sent(coordinator: Any, request: Any) -> Any:  # noqa: ANN401 - aiokafka has no types
        response = await send(coordinator, request)
        code = response.error_code if isinstance(request, OffsetFetchRequest) and response.API_VERSION > 1 else 0
        if code:
            error = for_code(code)
            if error is NotCoordinatorForGroupError:
                coordinator.coordinator_dead()
            raise error(f"no offsets of {coordinator.group_id} now")
        return response

    sent.heeds = True  # type: ignore[attr-defined]
    return sent
