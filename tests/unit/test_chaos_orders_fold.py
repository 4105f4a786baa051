"""The checker of orders under chaos: silent on an honest log, and each kind of violation named when it is planted."""

from collections.abc import Callable

import pytest
from chaos_log import JOB, TOPICS, Log
from said_upstream import DERIVED, cancelled, packed, placed

from b2b2c_saga.bus.records import Record
from b2b2c_saga.chaos.orders.fold import check
from b2b2c_saga.chaos.orders.slices import WORKER
from b2b2c_saga.chaos.orders.violations import Kind
from b2b2c_saga.model.messages.answers import InvoiceAcknowledged, StockLevel, StockReleased
from b2b2c_saga.model.messages.upstream import StockCounted

KEY, STOCK = f"{DERIVED}/A", f"{DERIVED}/WH-{DERIVED}/SKU-L1"


def _log() -> Log:
    """An order packed and invoiced, one cancelled, an alarm, and stock."""
    log = Log()
    log.hear(placed("A", {"L1": 2}, DERIVED), placed("B", {"L1": 1}, DERIVED))
    log.hear(packed("A", {"L1": 2}, DERIVED).model_copy(update={"request_id": "r-1"}))
    log.ring("changelog.orders", KEY.encode())
    log.hear(cancelled("B", {"L1": 1}, DERIVED))
    log.hear(InvoiceAcknowledged(account=DERIVED, order_code="A", shipment_id="S1", attempt=1))
    counted = (StockLevel(sku="SKU-L1", quantity=6, version=2),)
    log.hear(StockReleased(account=DERIVED, order_code="B", release="cancel-1", counted=counted))
    log.hear(StockCounted(account=DERIVED, location="WH", sku="SKU-L1", quantity=5, version=1))
    return log


def test_nothing_is_found_in_an_honest_log():
    log = _log()
    assert check([log.slice], JOB) == []
    assert (len(log.of("changelog.orders")), len(log.of("commands.erp")), len(log.of("commands.omni"))) == (7, 2, 2)
    assert (log.slice.events, len(log.slice.told)) == (8, 1)


def _lost(log: Log) -> None:
    """The cancellation is taken, and nobody did anything."""
    gone = log.of("changelog.orders")[4]
    log.records.remove(gone)


def _twice(log: Log) -> None:
    version = log.of("changelog.orders")[2]
    log.sources(version, lambda named: [*named, *named])


def _ahead(log: Log) -> None:
    log.committed[TOPICS.name("cancel")] -= 1


def _left(log: Log) -> None:
    said = log.of("cancel")[0]
    log.publish(said.topic, said.key, said.value, said.headers)


def _unheard(log: Log) -> None:
    version = log.of("changelog.orders")[4]
    log.sources(version, lambda named: [f"{TOPICS.name('cancel')}:77", *named])


def _of_another_order(log: Log) -> None:
    version = log.of("changelog.orders")[4]
    log.sources(version, lambda _: [f"{TOPICS.name('pack')}:0"])


def _row(log: Log) -> None:
    version = log.of("changelog.orders")[5]
    log.change(version, value=version.value.replace(b"S1", b"S2"))


def _undecidable(log: Log) -> None:
    record = log.of("cancel")[0]
    log.change(record, value=b"{")


def _early_alarm(log: Log) -> None:
    version = log.of("changelog.orders")[3]
    log.sources(version, lambda named: [f"alarm:{int(named[0].split(':')[1]) - 60_000}"])


def _order(log: Log) -> None:
    """Two of one topic, decided the other way round."""
    log.hear(cancelled("A", {"L1": 1}, DERIVED), cancelled("A", {"L1": 2}, DERIVED))
    version = log.of("changelog.orders")[-1]
    log.sources(version, lambda named: named[::-1])


def _missing(log: Log) -> None:
    log.records.remove(log.of("commands.erp")[0])


def _count_told(log: Log) -> Record:
    """An order has told the row of stock how many there are now; it has taken that in."""
    return next(record for record in log.of("inventory") if dict(record.headers)["ce_source"] == WORKER)


def _untold(log: Log) -> None:
    """Somebody else has told it."""
    told = _count_told(log)
    log.change(told, headers=tuple((n, b"warehouse" if n == "ce_source" else v) for n, v in told.headers))


def _told_twice(log: Log) -> None:
    told = _count_told(log)
    log.publish(told.topic, told.key, told.value, told.headers)


def _told_otherwise(log: Log) -> None:
    told = _count_told(log)
    log.change(told, headers=(*told.headers, ("more", b"")))


def _extra(log: Log) -> None:
    said = log.of("commands.erp")[0]
    log.publish(said.topic, said.key, said.value, [("ce_id", b"never-decided")])


def _output_twice(log: Log) -> None:
    said = log.of("order-events")[0]
    log.publish(said.topic, said.key, said.value, said.headers)


def _content(log: Log) -> None:
    said = log.of("commands.erp")[0]
    log.change(said, value=said.value.replace(b"S1", b"S2"))


def _output_order(log: Log) -> None:
    first, second = (log.records.index(record) for record in log.of("commands.erp"))
    log.records[first], log.records[second] = log.records[second], log.records[first]


def _parked(log: Log) -> None:
    """The cancellation is parked, and its order waits."""
    origin = {"topic": TOPICS.name("cancel"), "partition": "3", "offset": "0", "message": "a bug"}
    said = log.of("cancel")[0]
    headers = [(f"__dlq.errors.{name}", text.encode()) for name, text in origin.items()]
    log.publish(TOPICS.name("parked"), said.key, said.value, headers)


def _waits(log: Log) -> None:
    version = log.of("changelog.orders")[4]
    log.change(version, headers=(*version.headers, ("parked", b"2")))


PLANTED: dict[str, tuple[Callable[[Log], None], set[Kind]]] = {
    "no version names it": (_lost, {Kind.LOST, Kind.OUTPUT_EXTRA}),
    "named twice": (_twice, {Kind.TWICE, Kind.OUT_OF_ORDER}),
    "an offset behind": (_ahead, {Kind.AHEAD}),
    "nobody took it": (_left, {Kind.LEFT}),
    "not there": (_unheard, {Kind.UNHEARD}),
    "another order's": (_of_another_order, {Kind.UNHEARD, Kind.LOST, Kind.TWICE, Kind.ROW, Kind.OUTPUT_EXTRA}),
    "another row": (_row, {Kind.ROW}),
    "a row after a bad record": (_undecidable, {Kind.UNDECIDABLE, Kind.ROW, Kind.OUTPUT_EXTRA}),
    "an alarm too early": (_early_alarm, {Kind.EARLY_ALARM}),
    "another order of inputs": (_order, {Kind.OUT_OF_ORDER}),
    "an output missing": (_missing, {Kind.OUTPUT_MISSING}),
    "a row not told": (_untold, {Kind.OUTPUT_MISSING}),
    "a row told twice": (_told_twice, {Kind.OUTPUT_TWICE}),
    "a row told something else": (_told_otherwise, {Kind.OUTPUT_CONTENT}),
    "an output more": (_extra, {Kind.OUTPUT_EXTRA}),
    "an output twice": (_output_twice, {Kind.OUTPUT_TWICE}),
    "another content": (_content, {Kind.OUTPUT_CONTENT}),
    "another order of outputs": (_output_order, {Kind.OUTPUT_ORDER}),
    "parked": (_parked, {Kind.PARKED, Kind.TWICE}),
    "an order that waits": (_waits, {Kind.PARKED}),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_what_is_planted_is_named(plant: str):
    log = _log()
    tamper, kinds = PLANTED[plant]
    tamper(log)
    assert kinds <= set(log.found)
    assert {violation.key for violation in check([log.slice], JOB)} <= {KEY, f"{DERIVED}/B", STOCK}


def test_every_promise_that_logs_can_break_is_planted():
    of_the_run = {Kind.BOOKS, Kind.STORY, Kind.ANSWER, Kind.PROCESS}
    assert {kind for _, kinds in PLANTED.values() for kind in kinds} == set(Kind) - of_the_run


def test_a_violation_tells_where_and_nothing_of_the_consumer():
    log = _log()
    _row(log)
    (violation,) = check([log.slice], JOB)
    assert (violation.kind, violation.key) == (Kind.ROW, KEY)
    assert "t.b2b2c.orders.changelog.v1:3:5" in violation.what
    assert "Asha" not in str(violation)


def test_a_request_refused_before_there_is_an_order_leaves_an_answer_and_no_row():
    log = _log()
    early = packed("C", {"L1": 1}, account="NOBODY").model_copy(update={"request_id": "r-9"})
    record = log.take(early)
    answer = JOB.logics[JOB.steps[record.topic]].decide(record.key, None, record)
    assert answer.row is None
    assert log.found == [Kind.OUTPUT_MISSING]
    for send in answer.sends:
        log.publish(send.topic, send.key, send.value, send.headers)
    assert log.found == []
