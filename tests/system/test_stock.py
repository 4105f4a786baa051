"""A thousand quantities, from the warehouse to the marketplace: some fail at first, all arrive, and in few calls."""

import sqlite3
from contextlib import closing

from stack import Stack, stack

__all__ = ["stack"]
SKUS = [f"SKU-{n:04}" for n in range(1_000)]
MESSAGE = 300
ACCOUNT, LOCATION = "YELLOW-MKT", "WH-BLR"


def calls(stack: Stack, system: str) -> int:
    """How many messages of stock a system was sent, by its own book."""
    with closing(sqlite3.connect(stack.stage.folder / "sandbox" / f"{system}.sqlite")) as book:
        return int(book.execute("SELECT sum(times) FROM _asked WHERE call = 'stock/bulk'").fetchone()[0] or 0)


async def count(stack: Stack, version: int) -> None:
    """The warehouse tells all quantities, 300 a call."""
    for first in range(0, len(SKUS), MESSAGE):
        items = [{"sku": sku, "quantity": version, "version": version} for sku in SKUS[first : first + MESSAGE]]
        answer = await stack.gateway.post(
            "/v1/inventory", json={"account": ACCOUNT, "location": LOCATION, "items": items}
        )
        assert (answer.status_code, answer.json()["refused"]) == (202, 0)


def offered(stack: Stack, version: int) -> int:
    """Of how many SKUs the marketplace has that version, as the rows know."""
    rows = (stack.stock(f"{ACCOUNT}/{LOCATION}/{sku}") for sku in SKUS)
    return sum(row is not None and row.marketplace_has == version for row in rows)


async def test_a_thousand_skus_of_which_some_fail_once(stack: Stack) -> None:
    stack.sandbox.faults(omni={"busy_sku": SKUS[0:500:20]}, marketplace={"busy_sku": SKUS[500::20]})
    await count(stack, 1)
    await stack.until(lambda: offered(stack, 1) == 950, "the other 950 are offered")
    assert [stack.stock(f"{ACCOUNT}/{LOCATION}/{sku}").marketplace_has for sku in SKUS[::20]] == [-1] * 50
    stack.sandbox.faults(omni={"busy_sku": None}, marketplace={"busy_sku": None})
    await stack.until(lambda: offered(stack, 1) == 1_000, "all are offered")
    used = {system: calls(stack, system) for system in ("omni", "marketplace")}
    for system, times in used.items():
        book = stack.sandbox.book(system, table="stock")
        assert {row["sku"]: (row["quantity"], row["version"]) for row in book} == dict.fromkeys(SKUS, (1, 1))
        assert times < 40, "messages, not SKUs"


async def test_of_many_counts_the_newest_arrives(stack: Stack) -> None:
    before = sum(calls(stack, system) for system in ("omni", "marketplace"))
    for version in range(10, 20):
        await count(stack, version)
    await stack.until(lambda: offered(stack, 19) == 1_000, "the newest of all")
    for system in ("omni", "marketplace"):
        book = stack.sandbox.book(system, table="stock")
        assert {row["sku"]: (row["quantity"], row["version"]) for row in book} == dict.fromkeys(SKUS, (19, 19))
    told = sum(calls(stack, system) for system in ("omni", "marketplace")) - before
    assert told < 200, "ten thousand counts for each of two systems"
