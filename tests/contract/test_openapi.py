"""docs/openapi.json: not drifted, whole, and of one mind with the gateway and with the examples of the docs."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from example_set import example_catalogue
from jsonschema import Draft202012Validator, FormatChecker
from typer.testing import CliRunner

from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.cli import app as commands
from b2b2c_saga.config.reload import Watch
from b2b2c_saga.gateway.app import application
from b2b2c_saga.gateway.doors import PATHS
from b2b2c_saga.gateway.exchange import Exchange
from b2b2c_saga.gateway.openapi import document, text
from b2b2c_saga.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = re.findall(r"8280(/v1/\S+) -H '[^']+' -d '([^']+)'", (DOCS / "publishing.md").read_text())
API = document()


def schema(name: str) -> Draft202012Validator:
    """The validator of one of the document's schemas."""
    return Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": API["components"]}, format_checker=FormatChecker()
    )


def body(path: str) -> str:
    """The name of what a call carries."""
    said: str = API["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    return said.rpartition("/")[2]


def references(part: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """All that a part of the document refers to."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def test_the_file_is_what_the_models_say():
    assert (DOCS / "openapi.json").read_text(encoding="utf-8") == text(), "run `b2b2c-saga openapi`"


def test_each_door_is_there_and_nothing_else():
    assert list(API["paths"]) == list(PATHS)


def test_all_that_is_referred_to_is_there_and_all_schemas_are_used():
    known = {f"#/components/{kind}/{name}" for kind, named in API["components"].items() for name in named}
    assert set(references(API)) == known


@pytest.mark.parametrize("name", API["components"]["schemas"])
def test_each_schema_is_one(name: str):
    Draft202012Validator.check_schema(API["components"]["schemas"][name])


@pytest.mark.parametrize(("path", "example"), EXAMPLES, ids=[path for path, _ in EXAMPLES])
def test_the_examples_of_the_docs_fit_and_without_a_field_they_do_not(path: str, example: str):
    said = json.loads(example)
    validator = schema(body(path))
    validator.validate(said)
    del said["account"]
    assert [error.message for error in validator.iter_errors(said)] == ["'account' is a required property"]


async def test_the_gateway_shows_it_and_its_refusals_fit_it():
    exchange = Exchange(Settings(_env_file=None, bootstrap_servers="127.0.0.1:1"), load_topics())
    app = application(exchange, 1, Watch(Path("config"), example_catalogue()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client:
        assert (await client.get("/openapi.json")).json() == API
        for path in PATHS:
            for sent, status in ((b"{}", "422"), (b'{"account": "A"', "422"), (b" " * 1_000_001, "413")):
                answer = await client.post(path, content=sent, headers={"content-type": "application/json"})
                assert str(answer.status_code) == status
                assert status in API["paths"][path]["post"]["responses"]
                schema("Problem").validate(answer.json())


def test_the_command_tells_a_drift(tmp_path: Path):
    file = tmp_path / "api.json"
    run = CliRunner().invoke
    assert run(commands, ["openapi", "--check", "--out", str(file)]).exit_code == 1
    assert run(commands, ["openapi", "--out", str(file)]).exit_code == 0
    assert run(commands, ["openapi", "--check", "--out", str(file)]).exit_code == 0
    file.write_text("{}")
    drifted = run(commands, ["openapi", "--check", "--out", str(file)])
    assert (drifted.exit_code, "differs; run `b2b2c-saga openapi`" in drifted.stderr) == (1, True)
