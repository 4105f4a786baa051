"""The sandbox shares no rule and no table with what it tests: it would share our mistakes."""

import re
from pathlib import Path

import b2b2c_saga.sandbox

FOLDER = Path(b2b2c_saga.sandbox.__file__).parent
SHARED = {"b2b2c_saga.model.errors"}
"""How a wrong option of the command line is told."""


def test_the_sandbox_imports_nothing_of_ours():
    files = sorted(FOLDER.glob("*.py"))
    imported = {
        name
        for file in files
        for name in re.findall(r"^\s*(?:from|import) (b2b2c_saga\S*)", file.read_text(), re.MULTILINE)
        if not name.startswith("b2b2c_saga.sandbox")
    }
    assert len(files) > 20
    assert imported == SHARED
