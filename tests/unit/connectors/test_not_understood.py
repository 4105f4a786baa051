"""Answers that nobody understands: taken for none twice, told the third time, stopped where that can be put right."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from talk import (
    CONSUMER,
    CREDIT,
    CREDIT_NUMBER,
    EWAY_BILL,
    LOOK_UP,
    NUMBER,
    ORDER,
    PERSONAL,
    REGISTER,
    REVERSAL,
    SHIPMENT,
    VOID,
)

from b2b2c_saga.bus.records import Outgoing, Record
from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.bus.wire import Envelope, decode
from b2b2c_saga.connectors.caller import NoAnswer
from b2b2c_saga.connectors.connector import Connector
from b2b2c_saga.connectors.exchange import Heard, MeaninglessAnswer
from b2b2c_saga.connectors.limits import Limits
from b2b2c_saga.connectors.not_understood import CALLS_AT_MOST, NotUnderstood
from b2b2c_saga.connectors.run import SYSTEMS
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.messages import Command, Event, Message
from b2b2c_saga.model.messages import answers as told
from b2b2c_saga.model.messages.answers import (
    HandoverUnanswered,
    InvoiceStepRefused,
    MarketplacePacked,
    MarketplacePackRefused,
    PackUnanswered,
    Refusal,
    ReversalRefused,
)
from b2b2c_saga.model.messages.commands import (
    CancelOnMarketplace,
    FetchLabel,
    HandOverOnMarketplace,
    OfferStock,
    PackOnMarketplace,
    PutGoodsAway,
    ReleaseStock,
)
from b2b2c_saga.model.messages.upstream import LineQuantity

AT = datetime(2026, 4, 1, 10, tzinfo=UTC)
TOPICS = load_topics()
ITEMS = (LineQuantity(order_item_code="i", quantity=1),)
PACK = PackOnMarketplace(**SHIPMENT, items=ITEMS)
HAND_OVER = HandOverOnMarketplace(**SHIPMENT)
PUT_AWAY = PutGoodsAway(**REVERSAL, location="L", goods=())
ODD = MeaninglessAnswer("status 200, not as agreed: invoiceDate")
WHY = str(ODD)
STOPPED = f"the answer was not understood: {WHY}"
PACKED = MarketplacePacked(**SHIPMENT, attempt=3, invoice_code="I", invoice_date=AT)
FITS = 5_000


class Kafka:
    """Keeps what it is given, and takes no record of more than so many bytes."""

    def __init__(self) -> None:
        self.told: list[Message] = []

    async def publish_all(self, records: Sequence[Outgoing]) -> None:
        if any(len(record.value or b"") > FITS for record in records):
            raise BadInput("record too large for the topic")
        for one in records:
            self.told.append(decode(Record(one.topic, 0, 0, one.key, one.value, one.headers, 0)).message)


class System:
    """Answers in turn: events, or what is raised; the last again and again."""

    limits = Limits(_env_file=None)

    def __init__(self, *answers: Event | Exception) -> None:
        self._answers = list(answers)

    async def converse(self, *_: object) -> Sequence[Event]:
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return (answer,)


class Asking:
    """A connector, its system, and what it told."""

    def __init__(self, *answers: Event | Exception, system: str = "marketplace") -> None:
        kafka: Any = Kafka()
        caller: Any = System(*answers)
        self._system = system
        self._told: list[Message] = kafka.told
        self._connector = Connector(system, SYSTEMS[system], caller, kafka, TOPICS)

    async def ask(self, command: Command, attempt: int, key: str = "key") -> list[Message]:
        """What is told of that attempt."""
        before = len(self._told)
        asked = command.model_copy(update={"attempt": attempt})
        said = Envelope(asked, f"id-{attempt}", "test", AT, idempotency_key=key)
        topic = TOPICS.name(f"commands.{self._system}")
        await self._connector.carry(Record(topic, 0, 0, said.key, said.value, said.headers, 0))
        return self._told[before:]


def silent(attempt: int, why: str | None = None) -> PackUnanswered:
    return PackUnanswered(**SHIPMENT, call="pack_on_marketplace", attempt=attempt, not_understood=why)


def refused(attempt: int, reason: str = STOPPED) -> MarketplacePackRefused:
    return MarketplacePackRefused(**SHIPMENT, attempt=attempt, refusal=Refusal.PERMANENT, reason=reason)


async def test_the_third_answer_that_is_not_understood_is_told_and_stops_the_pack():
    marketplace = Asking(ODD)
    assert await marketplace.ask(PACK, 1) == [silent(1)]
    assert await marketplace.ask(PACK, 2) == [silent(2)]
    assert await marketplace.ask(PACK, 3) == [silent(3, WHY), refused(3)]
    assert await marketplace.ask(PACK, 4) == [silent(4)], "put right, it has as many attempts as before"


async def test_only_attempts_count_and_each_once_and_for_its_own_call():
    marketplace = Asking(ODD)
    for _ in range(4):
        assert await marketplace.ask(PACK, 1) == [silent(1)]
        assert await marketplace.ask(PACK, 2) == [silent(2)]
    other = PACK.model_copy(update={"shipment_id": "T"})
    (first,) = await marketplace.ask(other, 3, key="another")
    assert first == silent(3).model_copy(update={"shipment_id": "T"})


async def test_an_answer_that_is_understood_ends_the_count_and_silence_does_not():
    marketplace = Asking(ODD, ODD, PACKED, ODD, NoAnswer("status 503"), ODD)
    assert await marketplace.ask(PACK, 1) == [silent(1)]
    assert await marketplace.ask(PACK, 2) == [silent(2)]
    assert await marketplace.ask(PACK, 3) == [PACKED]
    assert await marketplace.ask(PACK, 4) == [silent(4)]
    assert await marketplace.ask(PACK, 5) == [silent(5)], "no answer"
    assert await marketplace.ask(PACK, 6) == [silent(6)]
    assert await marketplace.ask(PACK, 7) == [silent(7, WHY), refused(7)]


async def test_a_call_that_nothing_could_put_right_is_told_and_goes_on():
    marketplace = Asking(ODD)
    said = [(await marketplace.ask(HAND_OVER, attempt)) for attempt in (1, 2, 3, 4)]
    about = SHIPMENT | {"call": "hand_over_on_marketplace"}
    assert said == [
        [HandoverUnanswered(**about, attempt=1)],
        [HandoverUnanswered(**about, attempt=2)],
        [HandoverUnanswered(**about, attempt=3, not_understood=WHY)],
        [HandoverUnanswered(**about, attempt=4, not_understood=WHY)],
    ]


async def test_what_something_in_between_says_is_told_and_stops_nothing():
    """An hour of a proxy's page must not be put right by hand for each order."""
    page = MeaninglessAnswer("status 403 unexpected, code none", of_the_system=False)
    marketplace = Asking(page)
    assert [len(await marketplace.ask(PACK, attempt)) for attempt in (1, 2, 3, 4)] == [1, 1, 1, 1]
    assert await marketplace.ask(PACK, 5) == [silent(5, "status 403 unexpected, code none")]


async def test_a_bug_in_a_mapping_and_an_answer_that_no_record_holds_are_told_too():
    broken = Asking(ZeroDivisionError("of Asha Rao"))
    assert [len(await broken.ask(PACK, attempt)) for attempt in (1, 2)] == [1, 1]
    told_of, stopped = await broken.ask(PACK, 3)
    assert isinstance(told_of, PackUnanswered)
    assert isinstance(stopped, MarketplacePackRefused)
    assert (told_of.not_understood or "").startswith("a bug in the connector, ZeroDivisionError at test_not_under")
    assert "Asha" not in stopped.reason
    many = told.InvoiceNumberGiven(**SHIPMENT, invoice_attempt=1, numbers=tuple(f"INV/{n}" for n in range(1_000)))
    wordy = Asking(many, system="erp")
    assert [len(await wordy.ask(NUMBER, attempt)) for attempt in (1, 2)] == [1, 1]
    _, no = await wordy.ask(NUMBER, 3)
    assert isinstance(no, InvoiceStepRefused)
    assert no.reason == "the answer was not understood: larger than a record may be"


STOPS: list[tuple[Command, type[Event], dict[str, Any]]] = [
    (PACK, MarketplacePackRefused, {"refusal": Refusal.PERMANENT}),
    (NUMBER, InvoiceStepRefused, {"call": "request_invoice_number"}),
    (EWAY_BILL, InvoiceStepRefused, {"call": "request_eway_bill"}),
    (CREDIT_NUMBER, ReversalRefused, {"call": "request_credit_note_number", "reversal": "R1"}),
    (CREDIT, ReversalRefused, {"call": "issue_credit_note", "reversal": "R1"}),
    (VOID, ReversalRefused, {"call": "void_invoice", "reversal": "R1"}),
    (PUT_AWAY, ReversalRefused, {"call": "put_goods_away", "reversal": "R1"}),
]


@pytest.mark.parametrize(("command", "kind", "more"), STOPS, ids=lambda one: getattr(one, "call", lambda: "")())
def test_what_can_be_put_right_is_stopped_by_its_own_refusal(command: Command, kind: type[Event], more: dict[str, Any]):
    count = NotUnderstood()
    for attempt in (1, 2):
        count.events(command.model_copy(update={"attempt": attempt}), "key", ODD)
    last = command.model_copy(update={"attempt": 7})
    assert count.events(last, "key", ODD) == (
        last.unanswered(not_understood=WHY),
        kind.model_validate(SHIPMENT | more | {"attempt": 7, "reason": STOPPED}),
    )


@pytest.mark.parametrize(
    "command",
    [
        REGISTER,
        LOOK_UP,
        FetchLabel(**SHIPMENT),
        HAND_OVER,
        CancelOnMarketplace(**ORDER, items=ITEMS, reason="r"),
        ReleaseStock(**ORDER, release="r", location="L", goods=()),
        OfferStock(account="A", location="L", sku="K", quantity=1, version=5),
    ],
    ids=lambda command: command.call(),
)
def test_from_no_other_call_is_anything_concluded(command: Command):
    """Neither that a document is no more, nor that a sale is off."""
    count = NotUnderstood()
    for attempt in range(1, 7):
        (event,) = count.events(command.model_copy(update={"attempt": attempt}), "key", ODD)
        assert isinstance(event, command.unanswered_as)


def test_nothing_personal_is_told():
    count = NotUnderstood()
    for attempt in (1, 2, 3):
        asked = EWAY_BILL.model_copy(update={"attempt": attempt})
        events = count.events(asked, "key", MeaninglessAnswer(f"status 400 unexpected, code {CONSUMER.name}"))
    said = "".join(event.model_dump_json() for event in events)
    assert "code ***" in said
    assert [part for part in PERSONAL if part in said] == []


def test_what_is_forgotten_is_counted_anew_and_nothing_grows_for_ever():
    count = NotUnderstood()
    for n in range(CALLS_AT_MOST + 10):
        count.events(PACK, f"key {n}", ODD)
    assert len(count._attempts) == CALLS_AT_MOST


@pytest.mark.parametrize(
    ("status", "body", "is_of_the_system"),
    [
        (200, b'{"result": "OK"}', True),
        (200, b"<html>", False),
        (200, b"", False),
        (401, b'{"message": "Unauthorized"}', False),
        (403, b"<html>", False),
        (404, b'{"detail": "Not Found"}', False),
        (404, b'{"code": "NOT_PACKED", "reason": "no such parcel"}', True),
        (409, b'{"code": "ELSE", "reason": "r"}', True),
        (422, b"{}", True),
        (400, b'{"errors": []}', True),
    ],
)
def test_a_proxys_page_is_not_the_systems_word(status: int, body: bytes, *, is_of_the_system: bool):
    assert Heard(status, body).unexpected().of_the_system is is_of_the_system


def test_a_sentence_in_the_place_of_a_code_is_not_repeated():
    said = Heard(409, b'{"code": "Asha Rao moved", "reason": "r"}').unexpected()
    assert str(said) == "status 409 unexpected, code in other words"
