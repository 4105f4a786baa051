"""Work shared out among processes: each takes the next piece when it has done one.

They are forked, because rules are functions, which can be inherited and can't be sent. They end with whoever started
them, whatever ends him.
"""

import contextlib
import gc
import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, NamedTuple, TypeVar

from b2b2c_saga.model.errors import Bug

T = TypeVar("T")
Work = Callable[[int, Callable[[int], None]], T]
"""The nth piece of it; tells now and then how far it is."""

TELL_EVERY_SECONDS = 0.2
_FORK = multiprocessing.get_context("fork")


class Done(NamedTuple, Generic[T]):
    """The result of one piece of work."""

    piece: int
    result: T


class Underway(NamedTuple):
    """Pieces that somebody works on, and how far each is."""

    how_far: dict[int, int]


def cores() -> int:
    """How many processes pay."""
    return os.cpu_count() or 2


def share_out(work: Work[T], pieces: int, workers: int) -> Iterator[Done[T] | Underway]:
    """The results in the order in which they come, and now and then what is under way.

    Raises:
        Bug: a piece of work raised something, told with its traceback; or a process died.
    """
    taken, far = _FORK.Value("q", 0), _FORK.Array("q", max(pieces, 1), lock=False)
    hands: dict[Connection, Any] = {}
    done = set[int]()
    try:
        with _undisturbed():
            hands.update(_hand(work, pieces, taken, far) for _ in range(min(workers, pieces)))
        working = dict(hands)
        while working:
            ready: list[Any] = wait(list(working), TELL_EVERY_SECONDS)
            for heard in ready:
                try:
                    piece, result, failed = heard.recv()
                except EOFError:
                    _ended(working.pop(heard))
                    continue
                if failed:
                    raise Bug(failed)
                done.add(piece)
                yield Done(piece, result)
            yield Underway({n: far[n] for n in range(min(taken.value, pieces)) if n not in done})
    finally:
        for process in hands.values():
            process.terminate()
            process.join()


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C waits: between a fork and the note of it, it would leave a process behind that nobody ends."""
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if heard:
        signal.raise_signal(signal.SIGINT)


def _ended(process: Any) -> None:  # noqa: ANN401
    process.join()
    if process.exitcode:
        raise Bug(f"a process of the check died ({process.exitcode})")


def _hand(work: Work[T], pieces: int, taken: Any, far: Any) -> tuple[Connection, Any]:  # noqa: ANN401
    heard, tells = _FORK.Pipe(duplex=False)
    process = _FORK.Process(target=_work, args=(work, pieces, taken, far, tells), daemon=True)
    process.start()
    tells.close()
    return heard, process


def _work(work: Work[T], pieces: int, taken: Any, far: Any, tells: Connection) -> None:  # noqa: ANN401
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who started us ends us
    gc.disable()  # nearly all that is made here is kept: looking for garbage takes a tenth of the time
    while True:
        with taken.get_lock():
            piece = taken.value
            taken.value += 1
        if piece >= pieces:
            return

        def tell(how_far: int, piece: int = piece) -> None:
            far[piece] = how_far

        try:
            tells.send((piece, work(piece, tell), ""))
        except Exception:  # noqa: BLE001 - told to the one who started us
            tells.send((piece, None, traceback.format_exc()))
