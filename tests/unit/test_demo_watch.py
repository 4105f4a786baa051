"""What the demo's screen counts, read from records as they come."""

from datetime import UTC, datetime

from b2b2c_saga.bus.records import Record
from b2b2c_saga.bus.wire import Envelope
from b2b2c_saga.demo.events import stock_counted
from b2b2c_saga.demo.outage import Outage, one_for_each_partition
from b2b2c_saga.demo.story import Count
from b2b2c_saga.demo.watch import Watch
from b2b2c_saga.model.messages import Message
from b2b2c_saga.model.messages.commands import UpdateOmniStock
from b2b2c_saga.model.messages.integration import OrderProgressed

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def _record(topic: str, message: Message) -> Record:
    sent = Envelope(message, "id-1", "test", AT)
    return Record(topic, 0, 0, sent.key, sent.value, sent.headers, 0)


def _progress(code: str, fulfilment: str, invoice: str, shipment: str | None = None) -> Record:
    message = OrderProgressed(
        account="YELLOW-MKT", order_code=code, shipment_id=shipment, fulfilment=fulfilment, invoice=invoice, at=AT
    )
    return _record("order-events", message)


def test_an_order_is_where_it_was_last_said_to_be_whatever_its_shipments_say():
    watch = Watch()
    for record in (
        _progress("A", "OPEN", "NONE"),
        _progress("A", "REVERSING", "REGISTERED"),
        _progress("A", "CLOSED", "VOIDED"),
        _progress("A", "PACKED", "REGISTERED", "S1"),
        _progress("B", "PARKED", "REGISTERED"),
    ):
        watch.hear("order-events", record)
    assert dict(watch.by_end) == {"CLOSED / VOIDED": 1, "PARKED / REGISTERED": 1}
    assert (watch.closed, watch.at_rest, watch.reversed_orders) == (1, 2, {"YELLOW-MKT/A"})


def test_events_are_the_records_of_the_steps_and_parked_ones_keep_their_reason():
    watch = Watch()
    nothing = Record("t", 0, 0, b"A/1", b"", (("__dlq.errors.message", b"more packed than is open"),), 0)
    for topic in ("intake", "pack", "b2c-returns", "parked"):
        watch.hear(topic, nothing)
    assert (watch.events, watch.b2c_returns, watch.parked) == (2, 1, ["A/1: more packed than is open"])
    assert watch.events_per_second > 0


def test_an_outage_is_over_when_the_count_of_each_partition_was_passed_on():
    counts = tuple(Count(9, "YELLOW-MKT", "WH", f"SKU-{n}", 5, told_after=3, twice=True) for n in range(40))
    chosen = one_for_each_partition(counts, 8)
    assert (len(chosen), {(count.told_after, count.twice) for count in chosen}) == (8, {(0, False)})
    watch = Watch()
    outage = Outage(watch)
    assert not outage.look(), "nothing was counted yet"
    outage.counted |= {count.key: 7 for count in chosen}
    for version in (6, 8, 5):
        for count in chosen:
            assert version == 5 or not outage.look(), version
            said = stock_counted(count, version).model_dump(by_alias=False)
            watch.hear("commands.omni", _record("commands.omni", UpdateOmniStock(**said)))
    assert outage.look()
    assert outage.recovered_after is not None
    assert not outage.look(), "it is told once"
