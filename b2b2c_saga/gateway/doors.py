"""The doors of the API: which event a call becomes, which reply answers it if one does, and what HTTP says of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.responses import JSONResponse, Response

from b2b2c_saga.gateway.problems import Problem
from b2b2c_saga.model.messages import OrderEvent
from b2b2c_saga.model.messages.answers import InvoiceRevoked
from b2b2c_saga.model.messages.replies import HandoverAnswered, HandoverOutcome, PackAnswered, PackOutcome
from b2b2c_saga.model.messages.upstream import (
    B2BPacked,
    CancellationPosted,
    Delivered,
    HandoverRequested,
    InvoiceFixed,
    OrderPlaced,
    PackConfirmed,
    PackFixed,
    RecipientCorrected,
    ReturnReceived,
    ReversalFixed,
)

Answer = PackAnswered | HandoverAnswered
ASK_AGAIN_AFTER = 2
"""Seconds after which a caller may well repeat a call that has no answer yet."""


@dataclass(frozen=True)
class Door:
    """A way in that the saga answers.

    An outcome without a status of its own is a conflict with what became of the order (409).
    """

    path: str
    event: type[PackConfirmed | HandoverRequested]
    answers: type[Answer]
    statuses: Mapping[str, HTTPStatus] = field(default_factory=dict)

    def response(self, answer: Answer) -> Response:
        """The saga's answer over HTTP; the same facts give the same bytes, however often they are asked for."""
        said = answer.model_dump(mode="json", exclude={"request_id"}, exclude_none=True)
        status = self.statuses.get(answer.outcome)
        if status is None:
            detail = answer.reason or f"the shipment is {answer.outcome}"
            return Problem(HTTPStatus.CONFLICT, answer.outcome.lower().replace("_", "-"), detail, **said).response()
        return JSONResponse(said, status)


ASKED = (
    Door("/v1/pack-confirmations", PackConfirmed, PackAnswered, {PackOutcome.PACKED: HTTPStatus.OK}),
    Door(
        "/v1/handovers",
        HandoverRequested,
        HandoverAnswered,
        {HandoverOutcome.HANDED_OVER: HTTPStatus.OK, HandoverOutcome.HELD: HTTPStatus.ACCEPTED},
    ),
)
"""Steps 3 and 4: the caller waits for what becomes of it."""

TOLD: Mapping[str, type[OrderEvent]] = {
    "/v1/orders": OrderPlaced,
    "/v1/b2b-packs": B2BPacked,
    "/v1/deliveries": Delivered,
    "/v1/cancellations": CancellationPosted,
    "/v1/returns": ReturnReceived,
    "/v1/invoice-revocations": InvoiceRevoked,
    "/v1/recipient-corrections": RecipientCorrected,
    "/v1/fixes/invoices": InvoiceFixed,
    "/v1/fixes/packs": PackFixed,
    "/v1/fixes/reversals": ReversalFixed,
}
"""Taken in, once Kafka has it; what becomes of it is told on the topics."""

INVENTORY = "/v1/inventory"
"""Step 1: many quantities in one call, each answered by itself."""

PATHS = (*(door.path for door in ASKED), *TOLD, INVENTORY)


def pending() -> Response:
    """Taken in, and no answer yet. A repeat of the call joins it."""
    return JSONResponse(
        {"status": "PENDING", "remedy": "the call is taken in; repeat the same call to get its answer"},
        HTTPStatus.ACCEPTED,
        headers={"Retry-After": str(ASK_AGAIN_AFTER)},
    )


def unavailable(detail: str) -> Problem:
    """Not taken in for certain; a repeat is safe."""
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", detail, headers={"Retry-After": str(ASK_AGAIN_AFTER)})
