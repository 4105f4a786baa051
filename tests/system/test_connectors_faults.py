"""What can go wrong between saga and outside systems: no effect is lost, none happens twice, none is made up."""

import subprocess
import time

import pytest
from commanded import CARRIER, Of
from outside import PROGRAM, Sandbox, running_connectors, running_sandbox
from played_saga import Saga, enveloped, listening_saga, once, outside, saga, sandbox

from b2b2c_saga.bus.records import Outgoing
from b2b2c_saga.bus.topics import Topics
from b2b2c_saga.model.messages import answers
from b2b2c_saga.settings import Settings

__all__ = ["outside", "saga", "sandbox"]

SETTINGS = {
    "B2B2C_CALL_TIMEOUT": "1",
    "B2B2C_CONNECTOR_BREAKER_FAILURES": "3",
    "B2B2C_CONNECTOR_BREAKER_COOL_DOWN": "1",
}


@pytest.fixture
def order(request: pytest.FixtureRequest) -> Of:
    return Of.named_like(request.node.name)


def unanswered(order: Of, attempt: int = 1) -> answers.PackUnanswered:
    return answers.PackUnanswered(**order.shipment, call="pack_on_marketplace", attempt=attempt)


@pytest.mark.parametrize("fault", ["timeout_after_effect", "timeout_before_effect", "late_effect", "error_500", "busy"])
async def test_an_effect_without_an_answer_is_asked_for_again_and_happens_once(
    fault: str, sandbox: Sandbox, saga: Saga, order: Of
) -> None:
    sandbox.faults_of(order.key, marketplace={fault: 1, "only_first": 1, "late_s": [5, 5]})
    assert await saga.ask(order.pack(attempt=1)) == [unanswered(order)]
    done = len(sandbox.book("marketplace", order.key))
    assert done == (1 if fault == "timeout_after_effect" else 0)
    if fault == "late_effect":
        assert await once(lambda: len(sandbox.book("marketplace", order.key)) == 1)
    [packed] = await saga.ask(order.pack(attempt=2))
    [pack] = sandbox.book("marketplace", order.key)
    assert (type(packed), packed.attempt) == (answers.MarketplacePacked, 2)
    assert packed.invoice_code == pack["invoice_code"]


async def test_an_invoice_that_timed_out_after_its_effect_is_found(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    sandbox.faults_of(order.key, erp={"timeout_after_effect": 1, "calls": ["invoices"], "registration_delay_s": [0, 0]})
    unheard = answers.InvoiceUnanswered(**order.shipment, call="register_invoice", attempt=1)
    assert await saga.ask(order.register()) == [unheard]
    [found] = await saga.ask(order.look_up())
    [invoice] = sandbox.book("erp", order.key, "invoices")
    assert isinstance(found, answers.InvoiceRegistered)
    assert (found.document_number, found.registration) == (order.number, invoice["registration"])


@pytest.mark.parametrize("fault", ["timeout_after_effect", "timeout_before_effect", "late_effect"])
async def test_numbers_whose_answer_was_lost_are_asked_for_again_and_given_once(
    fault: str, sandbox: Sandbox, saga: Saga, order: Of
) -> None:
    silent = {fault: 1, "only_first": 1, "calls": ["numbers"], "late_s": [1.5, 1.5]}
    sandbox.faults_of(order.key, erp=silent)
    unheard = answers.InvoiceUnanswered(**order.shipment, call="request_invoice_number", attempt=1)
    assert await saga.ask(order.request_number(count=2)) == [unheard]
    if fault == "late_effect":
        assert await once(lambda: len(sandbox.book("erp", order.key, "numbers")) == 2)
    [given] = await saga.ask(order.request_number(attempt=2, count=2))
    assert isinstance(given, answers.InvoiceNumberGiven)
    assert given.attempt == 2
    rows = sorted(sandbox.book("erp", order.key, "numbers"), key=lambda row: row["serial"])
    assert given.numbers == tuple(row["number"] for row in rows)

    sandbox.faults_of(order.key, erp=silent)
    unheard_too = answers.ReversalUnanswered(
        **order.shipment, reversal="R1", call="request_credit_note_number", attempt=1
    )
    assert await saga.ask(order.request_credit_number()) == [unheard_too]
    [credit] = await saga.ask(order.request_credit_number(attempt=2))
    assert isinstance(credit, answers.CreditNoteNumberGiven)
    assert await saga.ask(order.request_credit_number(attempt=3)) == [credit.model_copy(update={"attempt": 3})]


@pytest.mark.parametrize("fault", ["timeout_after_effect", "late_effect"])
async def test_an_e_way_bill_whose_answer_was_lost_is_issued_once(
    fault: str, sandbox: Sandbox, saga: Saga, order: Of
) -> None:
    silent = {fault: 1, "only_first": 1, "calls": ["eway-bills"], "late_s": [1.5, 1.5]}
    sandbox.faults_of(order.key, erp=silent | {"registration_delay_s": [0, 0]})
    await saga.ask(order.register(), answers=2)
    unheard = answers.InvoiceUnanswered(**order.shipment, call="request_eway_bill", attempt=1)
    assert await saga.ask(order.request_eway_bill()) == [unheard]
    [issued] = await saga.ask(order.request_eway_bill(attempt=2))
    assert isinstance(issued, answers.EwayBillIssued)
    await once(lambda: False, within=1)  # the late one comes now, if it comes
    [bill] = sandbox.book("erp", order.key, "eway_bills")
    assert [one.number for one in issued.eway_bills] == [bill["number"]]


@pytest.mark.parametrize("call", ["voids", "eway-bill-cancellations"])
async def test_a_void_that_was_lost_half_way_is_ended_by_the_next_attempt(
    call: str, sandbox: Sandbox, saga: Saga, order: Of
) -> None:
    sandbox.faults_of(order.key, erp={"registration_delay_s": [0, 0]})
    await saga.ask(order.register(transport=CARRIER), answers=2)
    silent = {"timeout_after_effect": 1, "only_first": 1, "calls": [call]}
    sandbox.faults_of(order.key, erp=silent)
    about = order.shipment | {"reversal": "R1"}
    unheard = answers.ReversalUnanswered(**about, call="void_invoice", attempt=1)
    assert await saga.ask(order.void()) == [unheard]
    undone = answers.FiscalReversed(**about, attempt=2, document_number=order.number)
    assert await saga.ask(order.void(attempt=2)) == [undone]
    assert sandbox.invoice_once(order.key, "VOIDED")["voided_for"] == "R1"


async def test_a_credit_note_that_timed_out_after_its_effect_is_adopted(
    sandbox: Sandbox, saga: Saga, order: Of
) -> None:
    once_silent = {"timeout_after_effect": 1, "calls": ["credit-notes"], "only_first": 1}
    sandbox.faults_of(order.key, erp=once_silent | {"registration_delay_s": [0, 0]})
    await saga.ask(order.register(), answers=2)
    about = order.shipment | {"reversal": "R1"}
    unheard = answers.ReversalUnanswered(**about, call="issue_credit_note", attempt=1)
    assert await saga.ask(order.credit()) == [unheard]
    [note] = sandbox.book("erp", order.key, "credit_notes")
    credited = answers.FiscalReversed(**about, attempt=2, document_number=note["document_number"])
    assert await saga.ask(order.credit(attempt=2)) == [credited]
    assert len(sandbox.book("erp", order.key, "credit_notes")) == 1


async def test_a_system_that_is_away_is_left_alone_and_comes_back(sandbox: Sandbox, saga: Saga, order: Of) -> None:
    sandbox.faults_of(order.key, marketplace={"timeout_before_effect": 1})
    for attempt in (1, 2, 3):
        assert await saga.ask(order.pack(attempt=attempt)) == [unanswered(order, attempt)]
    assert "away: not asked" not in saga.connectors_log.read_text()
    assert await saga.ask(order.pack(attempt=4)) == [unanswered(order, 4)]
    assert "away: not asked" in saga.connectors_log.read_text()
    sandbox.faults_of(order.key, marketplace=None)
    for attempt in range(5, 30):
        [last] = await saga.ask(order.pack(attempt=attempt))
        if isinstance(last, answers.MarketplacePacked):
            break
        await once(lambda: False, within=0.3)
    assert isinstance(last, answers.MarketplacePacked)


async def test_commands_of_a_key_go_one_after_the_other_and_keys_in_parallel(sandbox: Sandbox, saga: Saga) -> None:
    orders = [Of(f"LANES-{n}") for n in range(8)]
    sandbox.faults(marketplace={"latency_ms": [200, 400]})
    began = time.monotonic()
    await saga.send(*(order.pack(attempt=attempt) for attempt in range(1, 6) for order in orders))
    for order in orders:
        packed = await saga.answers(order.key, 5)
        assert [answer.attempt for answer in packed] == list(range(1, 6))
    took = time.monotonic() - began
    sandbox.faults(marketplace={"latency_ms": None})
    assert took < 40 * 0.2  # one after the other they would take longer


async def test_what_is_no_command_is_parked_and_the_next_one_goes_on(saga: Saga, order: Of) -> None:
    good = enveloped(order.pack())
    topic = saga.topics.name("commands.marketplace")
    headers = dict(good.headers)
    keyless = tuple((name, value) for name, value in good.headers if name != "ce_idempotencykey")
    bad = [
        Outgoing(topic, good.key, b"\xff\x00 not JSON", good.headers),
        Outgoing(topic, good.key, b"[" * 100_000, good.headers),
        Outgoing(topic, good.key, good.value, tuple((headers | {"ce_type": b"b2b2c.Nonsense.v1"}).items())),
        Outgoing(topic, good.key, good.value, keyless),
        Outgoing(topic, good.key, None, good.headers),
    ]
    await saga.send_raw(*bad)
    assert [type(answer) for answer in await saga.ask(order.pack())] == [answers.MarketplacePacked]
    assert await once(lambda: len(saga.parked) >= len(bad))
    assert [(record.key, record.value) for record in saga.parked] == [(record.key, record.value) for record in bad]
    for record, sent in zip(saga.parked, bad, strict=True):
        reasons = dict(record.headers)
        assert reasons["__dlq.errors.topic"] == topic.encode()
        assert reasons["__dlq.errors.class"] == b"Unreadable"
        assert set(sent.headers) <= set(record.headers)
    assert b"ce_idempotencykey" in dict(saga.parked[3].headers)["__dlq.errors.message"]
    offsets = [int(dict(record.headers)["__dlq.errors.offset"]) for record in saga.parked]
    assert offsets == list(range(offsets[0], offsets[0] + len(bad)))


async def test_a_connector_killed_between_call_and_answer_does_nothing_twice(
    settings: Settings, topics: Topics
) -> None:
    orders = [Of(f"KILLED-{n}") for n in range(5)]
    stalls = {"marketplace": {"timeout_after_effect": 1, "only_first": 1}}
    with running_sandbox(settings) as sandbox:
        sandbox.faults(**stalls)
        async with listening_saga(settings, topics) as saga:
            with running_connectors(settings, sandbox.url, B2B2C_CALL_TIMEOUT="60") as first:
                await saga.send(*(order.pack() for order in orders))
                assert await once(lambda: len(sandbox.book("marketplace", table="packs")) == len(orders))
                first.kill()
            assert saga.heard == []
            with running_connectors(settings, sandbox.url):
                for order in orders:
                    [packed] = await saga.answers(order.key, 1, within=30)
                    [pack] = sandbox.book("marketplace", order.key)
                    assert packed.invoice_code == pack["invoice_code"]


async def test_connectors_say_at_once_that_topics_are_missing(settings: Settings) -> None:
    named = ("--bootstrap-servers", str(settings.bootstrap_servers), "--topic-prefix", settings.topic_prefix)
    ended = subprocess.run([*PROGRAM, *named, "connectors"], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert "no such topic" in ended.stderr
    assert "b2b2c-saga topics apply" in ended.stderr


async def test_a_stopped_connector_leaves_nothing_undone(settings: Settings, topics: Topics) -> None:
    orders = [Of(f"STOPPED-{n}") for n in range(20)]
    with running_sandbox(settings, "--faults", "marketplace.latency_ms=50-300") as sandbox:
        async with listening_saga(settings, topics) as saga:
            with running_connectors(settings, sandbox.url, B2B2C_CONNECTOR_PARALLEL="2") as first:
                await saga.send(*(order.pack() for order in orders))
                assert await once(lambda: len(saga.heard) > 2)
                assert first.stop() == 0
            with running_connectors(settings, sandbox.url):
                for order in orders:
                    await saga.answers(order.key, 1)
            assert {envelope.message.key for envelope in saga.heard} == {order.key for order in orders}
            assert len({envelope.id for envelope in saga.heard}) == len(orders)
