"""Writers come and go with their partitions, under an eager and under an incremental protocol."""

import pytest

from b2b2c_saga.model.errors import Bug
from b2b2c_saga.runtime.engine.labels import Fetched, Place
from b2b2c_saga.runtime.engine.owners import Owners

STEPS = ("intake", "pack")


class _Writer:
    def __init__(self, number: int) -> None:
        self.number = number
        self.told: list[str] = []

    def start(self) -> None:
        self.told.append("start")

    async def settle(self) -> None:
        self.told.append("settle")

    async def close(self) -> None:
        self.told.append("close")

    def submit(self, fetched: Fetched) -> None:
        self.told.append(f"submit {fetched.previous}")


def _owners() -> tuple[Owners, dict[int, _Writer]]:
    made: dict[int, _Writer] = {}
    return Owners(STEPS, lambda number: made.setdefault(number, _Writer(number))), made  # type: ignore[arg-type]


def _places(*numbers: int) -> list[Place]:
    return [Place(topic, number) for topic in STEPS for number in numbers]


async def test_eager_all_settle_and_those_that_keep_their_partition_stay():
    owners, made = _owners()
    await owners.assigned(_places(0, 1))
    owners.submit(Fetched(Place("intake", 1), [], 7, 1))
    await owners.revoked()
    owners.submit(Fetched(Place("intake", 1), [], 8, 1))
    await owners.assigned(_places(0))
    await owners.close()
    assert made[0].told == ["start", "settle", "start", "close"]
    assert made[1].told == ["start", "submit 7", "settle", "close"]


async def test_incremental_only_the_named_ones_settle_and_the_others_go_on_without_a_break():
    owners, made = _owners()
    await owners.assigned(_places(0, 1, 2))
    await owners.revoked(_places(1))
    for number in (0, 1):
        owners.submit(Fetched(Place("intake", number), [], 8, 1))
    await owners.assigned(_places(0, 2, 3))
    await owners.close()
    assert made[0].told == ["start", "submit 8", "close"]
    assert made[1].told == ["start", "settle", "close"]
    assert made[2].told == ["start", "close"]
    assert made[3].told == ["start", "close"]


async def test_incremental_what_was_called_back_may_come_again():
    owners, made = _owners()
    await owners.assigned(_places(0, 1))
    await owners.revoked(_places(1))
    await owners.assigned(_places(0))
    await owners.assigned(_places(0, 1))
    assert made[0].told == ["start"]
    assert made[1].told == ["start", "settle", "close", "start"]  # made anew: here the same double


async def test_after_each_rebalance_what_is_fetched_goes_to_its_writer_again():
    owners, made = _owners()
    await owners.assigned(_places(0))
    for previous in (7, 8):
        await owners.revoked()
        await owners.assigned(_places(0))
        owners.submit(Fetched(Place("intake", 0), [], previous, 1))
    assert made[0].told == ["start", "settle", "start", "submit 7", "settle", "start", "submit 8"]


async def test_called_back_twice_is_settled_once():
    owners, made = _owners()
    await owners.assigned(_places(0))
    await owners.revoked(_places(0))
    await owners.revoked()
    await owners.assigned(_places(0))
    assert made[0].told == ["start", "settle", "start"]


async def test_a_partition_that_nobody_here_has_is_called_back_without_a_word():
    owners, made = _owners()
    await owners.revoked(_places(5))
    await owners.assigned(_places(5))
    assert made[5].told == ["start"]


async def test_a_split_partition_number_is_refused_and_nothing_goes_on():
    owners, made = _owners()
    await owners.assigned(_places(0))
    with pytest.raises(Bug, match=r"\{1: \['pack'\]\}"):
        await owners.assigned([*_places(0), Place("intake", 1)])
    assert made[0].told == ["start", "settle"]
