"""What the command line says of itself."""

from importlib.metadata import version

from typer.testing import CliRunner

from b2b2c_saga.cli import app
from b2b2c_saga.connectors.run import SYSTEMS


def test_connectors_name_each_system_and_its_address():
    said = CliRunner().invoke(app, ["connectors", "--help"], env={"COLUMNS": "300"}).stdout
    assert f"{','.join(SYSTEMS)}; all if not given" in said
    assert {system: f"B2B2C_{system.upper()}_URL" in said for system in SYSTEMS} == dict.fromkeys(SYSTEMS, True)


def test_the_version_is_that_of_the_package():
    said = CliRunner().invoke(app, ["--version"])
    assert (said.exit_code, said.stdout) == (0, f"b2b2c-saga {version('b2b2c-saga')}\n")
