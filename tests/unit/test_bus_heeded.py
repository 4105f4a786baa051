"""A coordinator that is loading says so beside the offsets: that is not "nothing was ever committed"."""

import pytest
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import GroupLoadInProgressError, NotCoordinatorForGroupError
from aiokafka.protocol.commit import OffsetFetchRequest, OffsetFetchResponse_v1, OffsetFetchResponse_v3

from b2b2c_saga.bus import driver
from b2b2c_saga.bus.heeded import heeding

REQUEST = OffsetFetchRequest("group", [("topic", [0])])


class Coordinator:
    """What is used of aiokafka's."""

    group_id = "group"
    dead = False

    def coordinator_dead(self) -> None:
        self.dead = True


async def sent(answer: object, coordinator: Coordinator, request: object = REQUEST) -> object:
    async def send(_: object, __: object) -> object:
        return answer

    return await heeding(send)(coordinator, request)


async def test_loading_is_an_error_that_is_retried():
    with pytest.raises(GroupLoadInProgressError) as raised:
        await sent(OffsetFetchResponse_v3(0, [], 14), Coordinator())
    assert raised.value.retriable


async def test_another_coordinator_is_looked_for():
    coordinator = Coordinator()
    with pytest.raises(NotCoordinatorForGroupError) as raised:
        await sent(OffsetFetchResponse_v3(0, [], 16), coordinator)
    assert raised.value.retriable
    assert coordinator.dead


@pytest.mark.parametrize(
    "answer", [OffsetFetchResponse_v3(0, [("topic", [(0, 5, "", 0)])], 0), OffsetFetchResponse_v1([("topic", [])])]
)
async def test_an_answer_without_an_error_is_passed_on(answer: object):
    assert await sent(answer, Coordinator()) is answer


def test_every_consumer_of_ours_heeds_it():
    assert driver.heed_offset_errors
    assert GroupCoordinator._send_req.heeds
