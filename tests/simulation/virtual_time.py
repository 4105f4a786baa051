"""An event loop whose clock jumps to the next timer, and processes in it that can be paused and killed.

Nothing here sleeps or draws: a schedule is a function of what it is given, and takes as long as its steps.
A process is a mark in the context of its tasks, so that everything it ever starts belongs to it.
"""

import asyncio
import heapq
from collections.abc import Callable
from contextvars import ContextVar, copy_context

PROCESS: "ContextVar[Process | None]" = ContextVar("process", default=None)
EPOCH = 1_800_000_000
"""Virtual time 0, in seconds since the epoch."""


class Stuck(Exception):  # noqa: N818 - what happened
    """Everything waits and nothing is due."""


class Process:
    """What runs on one machine: it counts its steps, and stops between two of them like a process that got a signal."""

    def __init__(self, name: str, loop: "VirtualLoop") -> None:
        self.name = name
        self.steps = 0
        self.frozen = False
        self.at_step: dict[int, Callable[[], None]] = {}
        self._loop = loop
        self._stash: list[asyncio.Handle] = []
        self.context = copy_context()
        self.context.run(PROCESS.set, self)

    def start(self, main: Callable[[], object]) -> asyncio.Task:
        """Run a coroutine function as part of this process."""
        return self.context.run(lambda: self._loop.create_task(main()))

    def may_step(self, handle: asyncio.Handle) -> bool:
        """Count a step; what a frozen process would do is kept for the time when it goes on."""
        if not self.frozen:
            self.steps += 1
            signal = self.at_step.pop(self.steps, None) if self.at_step else None
            if signal is not None:
                signal()
        if self.frozen:
            self._stash.append(handle)
            return False
        return True

    def freeze(self) -> None:
        """SIGSTOP; for ever it is SIGKILL."""
        self.frozen = True

    def thaw(self) -> None:
        """SIGCONT."""
        self.frozen = False
        self._loop._ready.extend(self._stash)
        self._stash.clear()


class VirtualLoop(asyncio.BaseEventLoop):
    """asyncio's own loop without its selector."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self._clock_resolution = 1e-9

    def time(self) -> float:
        """Virtual seconds."""
        return self.now

    def _run_once(self) -> None:
        ready, scheduled = self._ready, self._scheduled
        while scheduled and scheduled[0]._cancelled:
            heapq.heappop(scheduled)._scheduled = False
        if not ready:
            if not scheduled:
                raise Stuck
            self.now = max(self.now, scheduled[0]._when)
        while scheduled and scheduled[0]._when <= self.now:
            timer = heapq.heappop(scheduled)
            timer._scheduled = False
            ready.append(timer)
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle._cancelled:
                process = handle._context.get(PROCESS)
                if process is None or process.may_step(handle):
                    handle._run()

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It is dropped when it is due."""

    def _process_events(self, event_list: list) -> None:
        pass

    def _write_to_self(self) -> None:
        pass


class Clock:
    """The `time` module as the engine sees it."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def monotonic(self) -> float:
        """Virtual seconds."""
        return self._loop.now

    def time_ns(self) -> int:
        """Virtual nanoseconds since the epoch."""
        return (EPOCH * 1_000_000 + round(self._loop.now * 1_000_000)) * 1_000
