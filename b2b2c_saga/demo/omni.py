"""Omni, as far as the gateway sees it: it calls, and calls again until it is told what became of the shipment."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx

from b2b2c_saga.demo.tally import Tally
from b2b2c_saga.model.errors import Bug, Unavailable
from b2b2c_saga.model.messages.upstream import HandoverRequested, PackConfirmed

ASKS_AGAIN_AFTER = 1.0
"""Seconds; a Retry-After may say more, and Omni is in a hurry today."""


@dataclass(frozen=True)
class Answer:
    """What the gateway said in the end. `said` is the whole answer."""

    outcome: str
    said: dict[str, Any]


class Omni:
    """Calls the Enabler API. `patience` is in seconds, for all calls about one thing together."""

    def __init__(
        self, client: httpx.AsyncClient, tally: Tally, patience: float, asks_again_after: float = ASKS_AGAIN_AFTER
    ) -> None:
        self._client = client
        self._tally = tally
        self._patience = patience
        self._asks_again_after = asks_again_after

    async def confirm_pack(self, pack: PackConfirmed, but_not: str | None = None) -> Answer:
        """Step 3; `but_not` is an answer from before something was put right."""
        return await self._until_answered("/v1/pack-confirmations", pack, but_not)

    async def hand_over(self, handover: HandoverRequested) -> Answer:
        """Step 4. HELD is no end: the parcel waits at the ramp, and Omni asks again."""
        return await self._until_answered("/v1/handovers", handover)

    async def _until_answered(
        self, path: str, event: PackConfirmed | HandoverRequested, but_not: str | None = None
    ) -> Answer:
        body = event.model_dump_json(exclude_none=True).encode()
        until = asyncio.get_running_loop().time() + self._patience
        last = "no answer"
        while asyncio.get_running_loop().time() < until:
            try:
                response = await self._client.post(path, content=body, headers={"Content-Type": "application/json"})
            except httpx.TransportError as error:
                last = f"{type(error).__name__} {error}"
            else:
                said = response.json()
                is_answer = response.status_code in {HTTPStatus.OK, HTTPStatus.CONFLICT}
                if is_answer and said["outcome"] != but_not:
                    return Answer(said["outcome"], said)
                if not is_answer and response.status_code not in {HTTPStatus.ACCEPTED, HTTPStatus.SERVICE_UNAVAILABLE}:
                    raise Bug(f"the gateway answered {response.status_code} to a good call: {response.text}")
                last = f"{response.status_code} {said.get('outcome', said.get('status'))}"
                self._tally.asked_again(event, said)
            await asyncio.sleep(self._asks_again_after)
        raise Unavailable(f"{path} {event.key} {event.shipment_id}: {last} after {self._patience:.0f} s")
