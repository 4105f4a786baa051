"""`b2b2c-saga replay` as an operator runs it: a process of its own, looking at a test's cluster."""

import json
import os
import subprocess
import sys
from typing import Any

from b2b2c_saga.settings import Settings


def started(settings: Settings, *words: str) -> "subprocess.Popen[str]":
    """`b2b2c-saga replay WORDS`, under way."""
    named = {"B2B2C_BOOTSTRAP_SERVERS": settings.bootstrap, "B2B2C_TOPIC_PREFIX": settings.topic_prefix}
    return subprocess.Popen(
        (sys.executable, "-m", "b2b2c_saga.cli", "--config", str(settings.config), "replay", *words),
        env={**os.environ, **named},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def replay(settings: Settings, *words: str, code: int = 0) -> Any:  # noqa: ANN401 - what JSON says
    """What it says with --json; it ends with that code."""
    process = started(settings, *words, "--json")
    out, error = process.communicate(timeout=90)
    assert process.returncode == code, (process.returncode, out, error)
    return json.loads(out) if out else error
