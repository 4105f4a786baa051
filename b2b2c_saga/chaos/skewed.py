"""Run a module as `python -m` does, with a clock that can be set from outside: `skewed CLOCK MODULE ARGUMENTS...`.

What it moves, exactly: `time.time()` and `time.time_ns()`, for all that runs in the process, from the next call on. So:
alarms of the worker (it reads `time.time_ns()`), timestamps that a producer gives its records. What it leaves: the
monotonic clock, by which asyncio and the Kafka clients measure their time-outs (no machine moves that one), and
`datetime.now()`, by which log lines are dated.

CLOCK is a file of eight bytes, an offset in nanoseconds, which both sides map into their memory.
"""

import mmap
import runpy
import struct
import sys
import time
from pathlib import Path

OFFSET = struct.Struct("<q")
SECOND = 1_000_000_000


class Clock:
    """The harness's end: sets what a process reads as the time, at once."""

    def __init__(self, file: Path) -> None:
        self.file = file
        file.write_bytes(OFFSET.pack(0))

    def shift(self, seconds: float) -> None:
        """This far from the true time; 0 is right again."""
        with self.file.open("r+b") as file:
            file.write(OFFSET.pack(int(seconds * SECOND)))


def skew(file: Path) -> None:
    """Put the moved clock in place of the true one, in this process."""
    with file.open("rb") as opened:
        offset = mmap.mmap(opened.fileno(), OFFSET.size, access=mmap.ACCESS_READ)
    true_time, true_time_ns = time.time, time.time_ns

    def moved_ns() -> int:
        moved: int = OFFSET.unpack_from(offset)[0]
        return true_time_ns() + moved

    def moved() -> float:
        return true_time() + float(OFFSET.unpack_from(offset)[0]) / SECOND

    time.time, time.time_ns = moved, moved_ns


if __name__ == "__main__":
    _, clock, module, *arguments = sys.argv
    skew(Path(clock))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
