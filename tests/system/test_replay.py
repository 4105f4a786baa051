"""An order refused because its account was not set up: it is set up, tried out, and released with all that followed."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

from example_set import SHIPPED, example_set
from ordered import PERSONAL, story
from test_reload import Shop, shop  # noqa: F401 - a fixture

from b2b2c_saga.bus.clients import read_all
from b2b2c_saga.config import written_in
from b2b2c_saga.demo import events
from b2b2c_saga.demo.day import PASS_THROUGH
from b2b2c_saga.model.shipment import Fulfilment


def run(shop: Shop, *words: str) -> "subprocess.CompletedProcess[str]":  # noqa: F811
    return subprocess.run(
        (sys.executable, "-m", "b2b2c_saga.cli", *words),
        env={**os.environ, **shop.fleet.environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def said(shop: Shop, *words: str, code: int = 0) -> Any:  # noqa: ANN401, F811 - what JSON says
    done = run(shop, *words, "--json")
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return json.loads(done.stdout)


def without(account: str, version: int) -> str:
    """The set, as it was before that account was set up."""
    accounts = written_in(SHIPPED).values["accounts"]
    assert isinstance(accounts, dict)
    return example_set(version=str(version), accounts={name: a for name, a in accounts.items() if name != account})


async def test_a_refused_order_waits_with_all_that_follows_and_goes_on_when_it_is_put_right(
    shop: Shop,  # noqa: F811
) -> None:
    late = story("LATE", PASS_THROUGH, L1=2)
    await shop.placed("FIRST")
    shop.config.write_text(without(late.shop.account, version=2))
    await shop.logged("configuration taken")
    before = await _told(shop, "order-events")
    await shop.tell(events.order_placed(late, datetime.now(UTC)))
    await shop.tell(events.pack_confirmed(late, late.parcels[0]))
    assert (await shop.placed("OTHER")).is_known  # others go on
    await shop.until_parked(2)

    (listed,) = said(shop, "replay", "list")
    assert (listed["order"], listed["records"], listed["class"], listed["failed"]) == (
        late.key,
        2,
        "BadInput",
        "OrderPlaced",
    )
    assert "unknown seller account" in listed["message"]
    (order,) = said(shop, "orders", "--state", "PARKED")
    assert (order["order"], order["parked"]) == ("LATE", 2)
    assert "unknown seller account" in order["parkedBecause"]
    shown = run(shop, "order", "show", late.key)
    assert (shown.returncode, "unknown seller account" in shown.stderr) == (1, True)

    (planned,) = said(shop, "replay", "plan", code=3)["orders"]
    assert (planned["decided"], planned["parkedAgain"], planned["class"]) == (0, 2, "BadInput")
    shop.config.write_text(example_set(version="3"))
    (planned,) = said(shop, "replay", "plan", "--order", late.key)["orders"]
    assert (planned["decided"], planned["before"], planned["after"]) == (2, "(none)", "PACKING / NONE")
    assert {"type": "PackOnMarketplace", "topic": "commands.marketplace"} in planned["sends"]
    assert await _told(shop, "released", "audit") == 0  # nothing was written

    await shop.until(lambda: (shop.fleet.folder / "worker.log").read_text().count("configuration taken") == 2)
    await shop.tell(events.cancellation_posted(late, late.ordered, "changed my mind"))
    await shop.until_parked(3)
    done = run(shop, "replay", "release", "--order", late.key)
    assert (done.returncode, "3 records released, 1 order goes on" in done.stdout) == (0, True), done.stderr
    await shop.until(lambda: late.key in shop.rows and shop.rows[late.key].shipments)
    row = shop.rows[late.key]
    assert (row.fulfilment, row.ordered.total) in {(Fulfilment.PACKING, 2), (Fulfilment.REVERSING, 2)}
    assert said(shop, "replay", "list") == []
    assert await _told(shop, "order-events") > before
    texts = [done.stdout, done.stderr, run(shop, "replay", "list").stdout, json.dumps(listed)]
    audit = [record async for record in read_all(shop.settings, [shop.topics.name("audit")])]
    assert len(audit) >= 1
    texts += [(record.value or b"").decode() for record in audit]
    assert [text for text in texts if any(part in text for part in PERSONAL)] == []


async def _told(shop: Shop, *topics: str) -> int:  # noqa: F811
    names = [shop.topics.name(topic) for topic in topics]
    return len([record async for record in read_all(shop.settings, names)])
