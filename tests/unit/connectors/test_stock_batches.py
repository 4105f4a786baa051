"""What is gathered into one message of stock, when it goes, and who hears what of it."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b2b2c_saga.connectors.limits import Limits
from b2b2c_saga.connectors.stock_batches import Answers, Asked, StockBatches
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.answers import StockTaken
from b2b2c_saga.model.messages.commands import OfferStock

WAITS = 0.05


def asked(sku: int, version: int = 1, account: str = "A", location: str = "L") -> Asked:
    command = OfferStock(account=account, location=location, sku=f"S{sku}", quantity=5, version=version)
    return Asked(command, f"{command.key}@{version}")


def taken(one: Asked) -> StockTaken:
    of = one.command
    return StockTaken(account=of.account, location=of.location, sku=of.sku, version=of.version, system="x")


class Shop:
    """Takes what it is told, when the test lets it; what is `silent` gets no answer."""

    def __init__(self) -> None:
        self.messages: list[list[tuple[str, int]]] = []
        self.times: list[float] = []
        self.answers = asyncio.Event()
        self.answers.set()
        self.silent: set[str] = set()

    async def tell(self, batch: Sequence[Asked]) -> Answers:
        self.messages.append([(one.command.sku, one.command.version) for one in batch])
        self.times.append(asyncio.get_running_loop().time())
        await self.answers.wait()
        return {one.command.key: taken(one) for one in batch if one.command.sku not in self.silent}

    def gathered(self, at_once: int = 300, waits: float = WAITS) -> StockBatches:
        return StockBatches(self.tell, Limits(_env_file=None, stock_at_once=at_once, stock_waits=waits))


def sending(batches: StockBatches, *all_asked: Asked) -> list["asyncio.Task[Event | None]"]:
    return [asyncio.create_task(batches.send(one)) for one in all_asked]


async def test_what_waits_for_a_place_goes_out_in_one_message():
    shop = Shop()
    asks = [asked(1), asked(2), asked(3), asked(1, account="B"), asked(1, location="M")]
    began = asyncio.get_running_loop().time()
    answers = await asyncio.gather(*sending(shop.gathered(), *asks))
    assert shop.messages == [[("S1", 1), ("S2", 1), ("S3", 1)], [("S1", 1)], [("S1", 1)]]
    assert answers == [taken(one) for one in asks]
    assert WAITS <= shop.times[0] - began < WAITS + 0.2


async def test_a_full_message_goes_at_once_and_the_rest_not_later_than_its_time():
    shop = Shop()
    began = asyncio.get_running_loop().time()
    await asyncio.gather(*sending(shop.gathered(at_once=4), *(asked(n) for n in range(10))))
    assert [len(message) for message in shop.messages] == [4, 4, 2]
    assert shop.times[1] - began < WAITS <= shop.times[2] - began


async def test_of_the_versions_that_wait_the_newest_goes_and_answers_all():
    shop = Shop()
    asks = [asked(1, 3), asked(2, 1), asked(1, 5), asked(1, 4)]
    answers = await asyncio.gather(*sending(shop.gathered(), *asks))
    assert shop.messages == [[("S1", 5), ("S2", 1)]]
    assert answers == [taken(asks[2]), taken(asks[1]), taken(asks[2]), taken(asks[2])]


async def test_a_sku_is_in_one_message_at_a_time_and_holds_up_no_other():
    shop = Shop()
    shop.answers.clear()
    batches = shop.gathered(waits=0.01)
    first = sending(batches, asked(1, 1))
    await asyncio.sleep(0.05)
    later = sending(batches, asked(1, 2), asked(1, 3), asked(2, 1))
    await asyncio.sleep(0.05)
    assert shop.messages == [[("S1", 1)], [("S2", 1)]]
    shop.answers.set()
    assert await asyncio.gather(*first, *later) == [taken(asked(1, 1)), *[taken(asked(1, 3))] * 2, taken(asked(2, 1))]
    assert shop.messages == [[("S1", 1)], [("S2", 1)], [("S1", 3)]]


async def test_a_sku_without_an_answer_is_told_so_alone():
    shop = Shop()
    shop.silent = {"S2"}
    answers = await asyncio.gather(*sending(shop.gathered(), asked(1), asked(2), asked(3)))
    assert answers == [taken(asked(1)), None, taken(asked(3))]


async def test_a_bug_is_heard_by_all_who_wait_and_the_next_goes_on():
    faults = [ZeroDivisionError("bug")]
    shop = Shop()

    async def tell(batch: Sequence[Asked]) -> Answers:
        if faults:
            raise faults.pop()
        return await shop.tell(batch)

    batches = StockBatches(tell, Limits(_env_file=None, stock_waits=0))
    answers = await asyncio.gather(*sending(batches, asked(1), asked(2)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [ZeroDivisionError, ZeroDivisionError]
    assert await batches.send(asked(1)) == taken(asked(1))


async def test_who_no_longer_waits_holds_up_nobody():
    shop = Shop()
    shop.answers.clear()
    batches = shop.gathered(waits=0)
    gone, stays = sending(batches, asked(1), asked(2))
    await asyncio.sleep(0.02)
    gone.cancel()
    shop.answers.set()
    assert await stays == taken(asked(2))
    with pytest.raises(asyncio.CancelledError):
        await gone


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 9), st.sampled_from("AB")), max_size=40), st.integers(1, 4))
def test_every_command_is_answered_by_its_own_version_or_a_newer_one(drawn: list[tuple[int, int, str]], at_once: int):
    async def play() -> None:
        shop = Shop()
        asks = [asked(sku, version, account) for sku, version, account in drawn]
        answers = await asyncio.gather(*sending(shop.gathered(at_once, waits=0), *asks))
        for one, answer in zip(asks, answers, strict=True):
            assert isinstance(answer, StockTaken)
            assert (answer.key, answer.version >= one.command.version) == (one.command.key, True)
        newest = {
            key: max(a.command.version for a in asks if a.command.key == key) for key in {a.command.key for a in asks}
        }
        assert {a.key: a.version for a in sorted(filter(None, answers), key=lambda a: a.version)} == newest
        assert all(len(message) <= at_once and len(dict(message)) == len(message) for message in shop.messages)

    asyncio.run(play())
