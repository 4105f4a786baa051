"""Which epoch of a transactional producer may carry another transaction: one whose requests were all answered."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from b2b2c_saga.bus.epochs import Answers, follows


class Client:
    """Of a producer: what goes out, and how it ends."""

    def __init__(self) -> None:
        self.ends: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def send(self, *_: object) -> str:
        return await self.ends


class Producer:
    """What is used of aiokafka's."""

    def __init__(self) -> None:
        self.client: Any = Client()


async def sending() -> tuple[Answers, "asyncio.Task[str]", "asyncio.Future[str]"]:
    """What listens, a request on its way, and its answer to come."""
    producer: Any = Producer()
    client, answers = producer.client, Answers(producer)
    request = asyncio.create_task(client.send("node", "EndTxn"))
    await asyncio.sleep(0)
    return answers, request, client.ends


async def test_an_answered_request_leaves_nothing_missing():
    answers, request, ends = await sending()
    assert not answers.missing
    ends.set_result("done")
    assert await request == "done"
    assert not answers.missing


async def test_the_answer_to_a_request_that_failed_is_missing():
    answers, request, ends = await sending()
    ends.set_exception(ConnectionError("reset"))
    with pytest.raises(ConnectionError):
        await request
    assert answers.missing


async def test_the_answer_to_a_cancelled_request_is_missing():
    answers, request, _ = await sending()
    request.cancel()
    with suppress(asyncio.CancelledError):
        await request
    assert answers.missing


@pytest.mark.parametrize(("epoch", "after"), [((7, 3), True), ((7, 2), False), ((7, 4), False), ((8, 3), False)])
def test_only_the_next_epoch_of_the_same_producer_follows(epoch: tuple[int, int], after: bool):  # noqa: FBT001
    assert follows(epoch, (7, 2)) == after
