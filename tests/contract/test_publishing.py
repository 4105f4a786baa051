"""docs/publishing.md: every way in is named there, and every example is taken as it stands."""

import json
import re
import shlex
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from example_set import example_catalogue

from b2b2c_saga.bus.event_lines import read_line
from b2b2c_saga.bus.records import Record
from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.bus.wire import decode
from b2b2c_saga.config.reload import Watch
from b2b2c_saga.gateway.app import application
from b2b2c_saga.gateway.doors import ASKED, INVENTORY, PATHS, TOLD
from b2b2c_saga.gateway.exchange import Exchange
from b2b2c_saga.model.messages import Message, upstream
from b2b2c_saga.model.messages.answers import InvoiceRevoked
from b2b2c_saga.model.messages.base import Event
from b2b2c_saga.model.messages.upstream import CancellationPosted, StockCounted
from b2b2c_saga.settings import Settings

DOC = (Path(__file__).parents[2] / "docs/publishing.md").read_text()
CURL = re.compile(r"curl -i http://127\.0\.0\.1:8280(/v1/\S+) -H '([^']+)' -d '([^']+)'")
KINDS: dict[str, type[Message]] = {door.path: door.event for door in ASKED} | dict(TOLD) | {INVENTORY: StockCounted}


def test_each_door_has_an_example():
    assert sorted(path for path, _, _ in CURL.findall(DOC)) == sorted(PATHS)


def test_everything_that_upstream_systems_say_has_a_door():
    said = {
        kind
        for kind in vars(upstream).values()
        if isinstance(kind, type) and issubclass(kind, Event) and kind.__module__ == upstream.__name__
    }
    assert set(KINDS.values()) == said | {InvoiceRevoked}


@pytest.mark.parametrize("path", PATHS)
def test_each_door_stands_in_the_table_with_its_topic_and_type(path: str):
    row = next(line for line in DOC.splitlines() if f"`POST {path}`" in line)
    kind = KINDS[path]
    assert row.rstrip("| ").endswith(f"`{load_topics().name(kind.topic)}` | `{kind.ce_type()}`")


@pytest.mark.parametrize(("path", "header", "body"), CURL.findall(DOC), ids=[path for path, _, _ in CURL.findall(DOC)])
async def test_each_example_comes_as_far_as_kafka(path: str, header: str, body: str):
    exchange = Exchange(Settings(_env_file=None, bootstrap_servers="127.0.0.1:1"), load_topics())
    transport = httpx.ASGITransport(application(exchange, 1, Watch(Path("config"), example_catalogue())))
    name, _, value = header.partition(": ")
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        answer = await client.post(path, content=body, headers={name: value})
    assert (answer.status_code, answer.json()["detail"]) == (
        503,
        "the gateway has no Kafka; repeat the same call, it is taken in once",
    )


def words(program: str) -> tuple[str, list[str]]:
    """What is piped into the example of a program, and the program's words."""
    block = next(block for block in re.findall(r"```sh\n(.*?)```", DOC, re.DOTALL) if f"\n{program} " in block)
    echo, _, command = block.partition(" |\n")
    return shlex.split(echo)[1], shlex.split(command)


def test_the_record_of_the_kcat_example_can_be_read():
    value, said = words("kcat")
    options: dict[str, list[str]] = {}
    for name, given in pairwise(said):
        options.setdefault(name, []).append(given)
    headers = tuple((name, text.encode()) for name, _, text in (h.partition("=") for h in options["-H"]))
    record = Record(options["-t"][0], 0, 0, options["-k"][0].encode(), value.encode(), headers, 0)
    assert decode(record, load_topics().short(options["-t"][0])).message == StockCounted(
        account="YELLOW-MKT", location="BLR-3", sku="KURTA-BLUE-M", quantity=40, version=17
    )
    assert options["-X"] == ["topic.partitioner=murmur2_random"]


def test_the_line_of_the_publish_example_can_be_read():
    value, said = words("b2b2c-saga publish")
    assert said == ["b2b2c-saga", "publish", "-", "--dry-run"]
    message: Any = read_line(value.encode()).message
    assert isinstance(message, CancellationPosted)
    assert json.loads(value)["data"]["orderCode"] == message.order_code


def test_each_link_leads_somewhere():
    docs = Path(__file__).parents[2] / "docs"
    assert [link for link in re.findall(r"\]\(([^)#:]+)\)", DOC) if not (docs / link).exists()] == []
