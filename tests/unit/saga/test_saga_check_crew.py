"""Work shared out among processes, each piece once, none left behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from b2b2c_saga.model.errors import Bug
from b2b2c_saga.saga.check.crew import Done, Underway, share_out

Tell = Callable[[int], None]


def test_each_piece_is_done_once_and_several_work_at_a_time():
    pieces = 8

    def work(n: int, tell: Tell) -> tuple[int, int]:
        tell(n)
        time.sleep(0.05)
        return n * n, os.getpid()

    done = [told for told in share_out(work, pieces, workers=3) if isinstance(told, Done)]
    assert sorted((one.piece, one.result[0]) for one in done) == [(n, n * n) for n in range(pieces)]
    assert 2 <= len({one.result[1] for one in done} - {os.getpid()}) <= 3


def test_it_is_told_how_far_each_piece_is():
    def work(n: int, tell: Tell) -> None:
        for step in range(30):
            tell(100 * n + step)
            time.sleep(0.02)

    told = [one.how_far for one in share_out(work, 2, workers=2) if isinstance(one, Underway)]
    assert any(set(far) == {0, 1} and far[1] > 100 for far in told)
    assert told[-1] == {}


def test_what_a_piece_raises_is_a_bug_with_its_traceback():
    def work(n: int, tell: Tell) -> float:
        return 1 / n

    with pytest.raises(Bug, match="ZeroDivisionError"):
        list(share_out(work, 1, workers=1))


def test_a_process_that_dies_is_a_bug():
    def work(n: int, tell: Tell) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(Bug, match="died"):
        list(share_out(work, 1, workers=1))


def test_who_stops_listening_leaves_no_process_behind():
    def work(n: int, tell: Tell) -> int:
        if n:
            time.sleep(60)
        return os.getpid()

    results = share_out(work, 2, workers=2)
    pid = next(told.result for told in results if isinstance(told, Done))
    results.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_ctrl_c_in_the_moment_of_a_fork_leaves_no_process_behind(monkeypatch: pytest.MonkeyPatch):
    fork, forked = os.fork, list[int]()

    def interrupted() -> int:
        if pid := fork():
            forked.append(pid)
            os.kill(os.getpid(), signal.SIGINT)
        return pid

    monkeypatch.setattr(os, "fork", interrupted)
    other = threading.Thread(target=time.sleep, args=(1,))  # a signal may arrive in any thread
    other.start()
    with pytest.raises(KeyboardInterrupt):
        list(share_out(lambda n, tell: time.sleep(60), 2, workers=2))
    other.join()
    for pid in forked:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_ctrl_c_ends_all_without_a_word():
    command = [sys.executable, "-m", "b2b2c_saga.cli", "check", "--workers", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as check:
        assert check.stdout.readline()
        os.killpg(check.pid, signal.SIGINT)
        _, err = check.communicate(timeout=20)
        assert (check.returncode, err) == (130, b"")
        with pytest.raises(ProcessLookupError):
            os.killpg(check.pid, 0)
