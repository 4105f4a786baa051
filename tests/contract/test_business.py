"""docs/business.md, ARCHITECTURE.md and README.md name things that are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUSINESS = (ROOT / "docs/business.md").read_text()
STEPS = ["0-A", "0-B", "1", "2", "3", "3.1", "3.2", "3.3", "3.4", "4", "4.1", "4.2", "5", "6"]
SYSTEMS = ["Standard Marketplace", "Omni", "WMS", "SFS", "ERP Integration layer", "Logic layer", "brand's ERP", "RMS"]
LINK = re.compile(r"\]\(([^)#:]+)\)")


def row(step: str) -> str:
    """The line of the table that says who does a step."""
    return next(line for line in BUSINESS.splitlines() if line.startswith(f"| {step} |"))


@pytest.mark.parametrize("step", STEPS)
def test_each_step_of_the_seed_names_its_file_and_function(step: str):
    said = row(step)

    files = [ROOT / "docs" / link for link in LINK.findall(said)]
    code = "".join(
        f.read_text() for file in files if file.exists() for f in ([file] if file.is_file() else file.glob("*.py"))
    )
    names = re.findall(r"`(\w+)`", said)

    assert files or "not yet" in said
    assert [name for name in names if not re.search(rf"\b{name}\b", code)] == []


@pytest.mark.parametrize("system", SYSTEMS)
def test_each_outside_system_is_named(system: str):
    table = BUSINESS.partition("## The systems")[2]

    assert system in table


@pytest.mark.parametrize("page", ["docs/business.md", "ARCHITECTURE.md", "README.md"])
def test_each_link_leads_somewhere(page: str):
    file = ROOT / page

    assert [link for link in LINK.findall(file.read_text()) if not (file.parent / link).exists()] == []
