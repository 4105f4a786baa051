"""The path of one call from its body to its answer: admitted, published, and where the saga answers, answered."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID, uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from b2b2c_saga.bus.records import Headers
from b2b2c_saga.bus.wire import Envelope
from b2b2c_saga.gateway import trace
from b2b2c_saga.gateway.bodies import read_body
from b2b2c_saga.gateway.doors import Door, pending, unavailable
from b2b2c_saga.gateway.exchange import Exchange
from b2b2c_saga.gateway.problems import refused
from b2b2c_saga.model.admission import admit, order_event_id
from b2b2c_saga.model.catalogue import Catalogue
from b2b2c_saga.model.errors import BadInput, Unavailable
from b2b2c_saga.model.ids import derived_id
from b2b2c_saga.model.messages import Event, OrderEvent
from b2b2c_saga.model.messages.upstream import OrderPlaced

SOURCE = "b2b2c-saga/gateway"
Call = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Desk:
    """What every call has at hand."""

    exchange: Exchange
    catalogue: Callable[[], Catalogue]
    """The newest set."""
    wait: float
    """Seconds that a call waits at most for the saga's answer."""
    process: UUID = field(default_factory=uuid4)

    def admit(self, account: str, event: Event | None = None) -> None:
        """Nothing, if what is said about a seller account may come in.

        Raises:
            Problem: 422, with field, value and rule.
        """
        try:
            admit(account, event, self.catalogue(), datetime.now(UTC))
        except BadInput as error:
            raise refused(error) from None


def ask(door: Door, desk: Desk) -> Call:
    """A call that waits for what becomes of it."""

    async def call(request: Request) -> Response:
        said = await read_body(request, door.event)
        desk.admit(said.account, said)
        # The same call through the same process is the same request: repeats wait together, and the row does not grow.
        request_id = derived_id(desk.process, said.ce_type(), said.model_dump_json(exclude={"request_id"}))
        event = said.model_copy(update={"request_id": request_id})
        envelope = enveloped(event, under_key(request, event) or str(uuid4()), request)
        try:
            answer = await desk.exchange.ask(envelope, request_id, door.answers, desk.wait)
        except Unavailable as error:
            raise come_again(error) from None
        return pending() if answer is None else door.response(answer)

    return call


def tell(kind: type[OrderEvent], desk: Desk) -> Call:
    """A call that is answered once Kafka has what it says."""

    async def call(request: Request) -> Response:
        event = await read_body(request, kind)
        desk.admit(event.account, event)
        envelope = enveloped(event, _event_id(request, event), request)
        try:
            await desk.exchange.tell([envelope])
        except Unavailable as error:
            raise come_again(error) from None
        return JSONResponse({"status": "ACCEPTED", "eventId": envelope.id}, HTTPStatus.ACCEPTED)

    return call


def enveloped(event: Event, event_id: str, request: Request) -> Envelope:
    """An event as this call's: of now, and in the caller's trace."""
    carried: Headers = ((trace.HEADER, trace.traceparent(request.headers.get(trace.HEADER)).encode()),)
    return Envelope(event, id=event_id, source=SOURCE, time=datetime.now(UTC), carried=carried)


def under_key(request: Request, event: Event) -> str | None:
    """The id that the caller's `Idempotency-Key` gives an event: a repeat under the same key is the same CloudEvent."""
    key = request.headers.get("idempotency-key")
    return derived_id(SOURCE, event.ce_type(), event.key, key) if key else None


def same_content(event: Event) -> str:
    """The id of whatever says the same about the same."""
    return derived_id(SOURCE, event.ce_type(), event.key, event.model_dump_json())


def come_again(error: Unavailable) -> Exception:
    """503; whoever repeats the call does no harm."""
    return unavailable(f"{error}; repeat the same call, it is taken in once")


def _event_id(request: Request, event: OrderEvent) -> str:
    if isinstance(event, OrderPlaced):
        return order_event_id(event)
    return under_key(request, event) or same_content(event)
