"""The shape of the code: small files, imports downward only, each package with its guide."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for room in ("b2b2c_saga", "tests", "examples") for path in (ROOT / room).rglob("*.py"))
AT_MOST = 300


def test_no_file_is_longer_than_300_lines():
    longest = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in SOURCES}
    assert len(SOURCES) > 20
    assert {path: lines for path, lines in longest.items() if lines > AT_MOST} == {}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_file_begins_with_what_it_is(path: Path):
    assert ast.get_docstring(ast.parse(path.read_text()))


def test_each_package_has_a_guide():
    packages = {path.parent for path in SOURCES if path.is_relative_to(ROOT / "b2b2c_saga")}
    assert [str(package) for package in packages if not (package / "__init__.py").exists()] == []


def test_imports_go_downward_only():
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run((str(lint), "--no-cache"), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout
