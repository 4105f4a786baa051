"""How the demo speaks to the outside systems' own doors."""

import httpx

from b2b2c_saga.demo.day import ERP
from b2b2c_saga.demo.outside import Outside
from b2b2c_saga.demo.story import Fate, Pace, Story
from b2b2c_saga.model.quantities import NOTHING
from b2b2c_saga.saga.check.samples import order


async def test_an_orders_name_is_escaped_in_a_query():
    asked: list[httpx.Request] = []

    def done(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={})

    pace, consumer = Pace(0, 0, 0, 0, 0, 0, dispatch=1), order().recipient
    story = Story(ERP, "O#1", ERP.locations[0], (), Fate.SOLD, (), NOTHING, frozenset(), pace, consumer)
    async with httpx.AsyncClient(transport=httpx.MockTransport(done), base_url="http://sandbox") as client:
        await Outside(client, 1).fix(story)
    assert [dict(request.url.params) for request in asked] == [{"order": story.key}]
