"""Failures of one writer since it last worked: how long to pause before it begins anew, and how loud to be about it."""

import random
from dataclasses import dataclass

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 10.0
"""Seconds; pauses double from the first to the longest."""
SPREAD = 0.5
"""Each pause is longer by chance, up to this part of it, so that what failed together does not come back together."""
LONG_SECONDS = 60.0
"""What fails for so long is no passing trouble: the log says so as an error, each time."""


@dataclass(frozen=True, slots=True)
class Setback:
    """One failure."""

    pause: float
    """Seconds until the next attempt."""
    lasting: float
    """Seconds since the first failure after it last worked."""

    @property
    def is_long(self) -> bool:
        """Whether somebody should look at it."""
        return self.lasting >= LONG_SECONDS


class Setbacks:
    """All failures of one writer."""

    def __init__(self) -> None:
        self._pause = FIRST_PAUSE
        self._since: float | None = None

    def failed(self, now: float, at_least: float = 0.0) -> Setback:
        """It failed at this time (monotonic seconds); the pause is no shorter than `at_least` seconds."""
        if self._since is None:
            self._since = now
        pause = max(self._pause, at_least)
        self._pause = min(2 * pause, LONGEST_PAUSE)
        return Setback(pause * random.uniform(1, 1 + SPREAD), now - self._since)  # noqa: S311 - no secret

    def worked(self) -> None:
        """It did what it is there for: the next failure is the first again."""
        self._pause, self._since = FIRST_PAUSE, None
