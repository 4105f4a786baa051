"""What the tests of issuers stand on."""

from pathlib import Path

import pytest
from sandbox_client import AT_ONCE, Client


@pytest.fixture(params=["erp", "rms"])
def name(request: pytest.FixtureRequest) -> str:
    """Either issuer."""
    return str(request.param)


@pytest.fixture
def client(tmp_path: Path, name: str) -> Client:
    """Where that issuer registers at once."""
    return Client(tmp_path, **{name: AT_ONCE})
