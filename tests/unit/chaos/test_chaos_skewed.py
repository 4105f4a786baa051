"""A process whose clock is moved from outside, and nothing else of it."""

import subprocess
import sys
import time
from pathlib import Path

from b2b2c_saga.chaos.skewed import Clock

TOLD = """
import sys, time
for line in sys.stdin:
    print(time.time(), time.time_ns(), time.monotonic(), flush=True)
"""


def test_a_running_process_reads_another_time_at_once(tmp_path: Path):
    clock = Clock(tmp_path / "clock")
    (tmp_path / "told_time.py").write_text(TOLD)
    with subprocess.Popen(
        (sys.executable, "-m", "b2b2c_saga.chaos.skewed", str(clock.file), "told_time"),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(tmp_path)},
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        for offset in (0, 900, -300, 0):
            clock.shift(offset)
            process.stdin.write("now\n")
            process.stdin.flush()
            seconds, nanoseconds, monotonic = map(float, process.stdout.readline().split())
            assert abs(seconds - time.time() - offset) < 60
            assert abs(nanoseconds / 1e9 - seconds) < 60
            assert abs(monotonic - time.monotonic()) < 60
        process.stdin.close()
        assert process.wait(30) == 0
