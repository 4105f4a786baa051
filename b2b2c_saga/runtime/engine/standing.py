"""Whether a static member (KIP-345) still has its name: another process that joins under the same one takes its place.

The cluster says so only in passing. aiokafka's heartbeats don't carry the name, so the one replaced is told that its
member id is unknown, as it also is when it was silent for longer than its session. It would join again, and throw the
other out in turn, for ever; so we tell the two cases apart by how long ago the cluster still knew us.
"""

import time
from collections.abc import Callable

UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID = 25, 82
"""Of Kafka's protocol."""


class Standing:
    """Of one member; times in seconds."""

    def __init__(self, session_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._recent = session_seconds / 2
        self._clock = clock
        self._known_at: float | None = None
        self.is_lost = False
        """Another process has the name now."""

    def heard(self, error_code: int) -> None:
        """The group's coordinator answered a heartbeat, a join or a sync."""
        now = self._clock()
        if error_code == 0:
            self._known_at = now
        was_known = self._known_at is not None and now - self._known_at < self._recent
        if error_code == FENCED_INSTANCE_ID or (error_code == UNKNOWN_MEMBER_ID and was_known):
            self.is_lost = True
