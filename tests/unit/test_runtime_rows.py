"""Where bytes meet the saga: which terms hold for a row, what travels on, and what has which id."""

from dataclasses import replace
from datetime import datetime, timedelta

from b2b2c_saga.bus.records import Record
from b2b2c_saga.bus.topics import load_topics
from b2b2c_saga.bus.wire import Envelope, decode
from b2b2c_saga.model.catalogue import Account, Catalogue
from b2b2c_saga.model.messages import Event
from b2b2c_saga.model.messages.integration import OrderProgressed
from b2b2c_saga.model.order import Order
from b2b2c_saga.model.rows import decode_order
from b2b2c_saga.model.terms import Terms
from b2b2c_saga.model.words import to_epoch_ms
from b2b2c_saga.runtime.engine import Decided, Job
from b2b2c_saga.runtime.rows import SagaLogic, saga_job
from b2b2c_saga.saga.check.outside import START
from b2b2c_saga.saga.check.samples import PRICES, TERMS, order, pack

TOPICS = load_topics()
ORDERS = TOPICS.name("changelog.orders")
LATER = START + timedelta(minutes=1)
TRACE = ("traceparent", b"00-1")


def job(terms: Terms = TERMS) -> Job:
    """What a worker runs while these terms are configured."""
    return saga_job("test", TOPICS, Catalogue({"ACC": Account(terms, PRICES)}))


def told(event: Event, *headers: tuple[str, bytes], offset: int = 0, at: datetime = START) -> Record:
    said = Envelope(event, "id", "test", START)
    topic = TOPICS.name(event.topic)
    return Record(topic, 0, offset, said.key, said.value, (*said.headers, *headers), to_epoch_ms(at))


def decided(*events: Event, terms: Terms = TERMS) -> bytes:
    """The row after these events."""
    row: bytes | None = None
    for event in events:
        row = job(terms).logics[ORDERS].decide(b"ACC/O", row, told(event)).row
    assert row is not None
    return row


def headers(sent: Decided, name: str) -> list[bytes | None]:
    return [dict(send.headers).get(name) for send in sent.sends]


def test_the_terms_of_the_day_it_is_taken_in_hold_for_an_order_whose_events_came_first():
    early = decided(pack("A"), terms=replace(TERMS, version=1))
    newer = replace(TERMS, version=2, cancel_after_pack=False)
    row = job(newer).logics[ORDERS].decide(b"ACC/O", early, told(order())).row
    assert row is not None
    assert decode_order(early).terms.version == 1
    assert decode_order(row).terms == newer


def test_an_order_that_is_taken_in_keeps_its_terms():
    row = job(replace(TERMS, version=2)).logics[ORDERS].decide(b"ACC/O", decided(order()), told(pack("A"))).row
    assert row is not None
    assert decode_order(row).terms == TERMS


def always_telling() -> SagaLogic[Order]:
    """The orders' logic, but each decision tells downstream."""
    logic = job().logics[ORDERS]
    assert isinstance(logic, SagaLogic)

    def tells(_: Order | None, after: Order, now: datetime) -> tuple[OrderProgressed, ...]:
        return (OrderProgressed(account=after.account, order_code=after.code, fulfilment="X", invoice="X", at=now),) * 2

    return SagaLogic(replace(logic.table, tells=tells), TOPICS, logic.catalogue)


def test_what_alarms_tell_has_an_id_of_its_own_each_time_and_the_same_again():
    logic, row = always_telling(), decided(order())
    at = to_epoch_ms(LATER)
    rung = [logic.ring(key, row, now) for key, now in ((b"ACC/O", at), (b"ACC/O", at + 1), (b"ACC/P", at))]
    ids = [said for one in rung for said in headers(one, "ce_id")]
    assert len(set(ids)) == len(ids) == 6
    assert headers(logic.ring(b"ACC/O", row, at), "ce_id") == ids[:2]


def test_what_records_tell_has_an_id_of_its_own_each_time_and_the_same_again():
    logic = always_telling()
    first, second = (logic.decide(b"ACC/O", None, told(order(), offset=offset)) for offset in (0, 1))
    ids = headers(first, "ce_id") + headers(second, "ce_id")
    assert len(set(ids)) == len(ids) == 4
    assert headers(logic.decide(b"ACC/O", None, told(order())), "ce_id") == ids[:2]


def test_the_trace_of_an_event_goes_on_with_all_that_follows_from_it():
    sent = job().logics[ORDERS].decide(b"ACC/O", decided(order()), told(pack("A"), TRACE))
    assert {TOPICS.short(send.topic) for send in sent.sends} == {"commands.erp", "order-events"}
    assert all(TRACE in send.headers for send in sent.sends)


def test_an_event_that_waited_in_vain_is_parked_by_itself_and_what_comes_then_goes_on():
    row = decided(pack("A", units=2, request=None))
    sent = job().logics[ORDERS].decide(b"ACC/O", row, told(order(units=1)))
    (parked,) = (send for send in sent.sends if TOPICS.short(send.topic) == "parked")
    said = dict(parked.headers)
    assert (said["__dlq.errors.topic"], said["__dlq.errors.class"]) == (TOPICS.name("pack").encode(), b"BadInput")
    assert said["__dlq.errors.message"].startswith(b"more packed than is open")
    record = Record(parked.topic, 0, 0, parked.key, parked.value, parked.headers, 0)
    assert decode(record).message == pack("A", units=2, request=None)
    assert sent.row is not None
    assert decode_order(sent.row).is_known
