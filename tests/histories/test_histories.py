"""Every history is decided today as it was written down, and together they open every gate."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from b2b2c_saga.model.messages import Command, Reply
from b2b2c_saga.model.messages.commands import IssueCreditNote, RegisterInvoice
from b2b2c_saga.model.messages.fiscal import DocumentLine
from b2b2c_saga.model.messages.replies import PackAnswered, PackOutcome
from b2b2c_saga.saga.check import invariants, stock
from b2b2c_saga.saga.check.history import Sagas, events, replay
from b2b2c_saga.saga.check.outside import START
from b2b2c_saga.saga.check.samples import PRICES
from b2b2c_saga.saga.decide import Alarm, Happening, Output
from b2b2c_saga.steps import ORDERS, STOCK

SAGAS = Sagas(ORDERS, STOCK)
FILES = sorted(Path(__file__).parent.glob("*.txt"))
ALL = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def happenings(file: Path, *, times: int = 1) -> list[tuple[Any, Happening[Any], datetime]]:
    """Every learning and opening of a history, with the row before and the time; each event so many times."""
    row, happened = events(file.read_text())
    saga, found = SAGAS.of(row), []
    for one in happened:
        for _ in range(times if one.event else 0):
            for happening in saga.unfold(row, one.event, one.at, PRICES):
                found.append((row, happening, one.at))
                row = happening.row
    return found


def outputs(file: Path, *, times: int = 1) -> list[Output]:
    return [output for _, happening, _ in happenings(file, times=times) for output in happening.outputs()]


@ALL
def test_a_history_is_decided_as_it_was_written_down(file: Path):
    assert replay(file.read_text(), SAGAS) == file.read_text()


@ALL
def test_a_history_begins_with_what_it_is_about(file: Path):
    first = file.read_text().splitlines()[0]
    assert first.startswith("# ")
    assert len(first) > 40


@ALL
def test_nothing_forbidden_happens_in_a_history(file: Path):
    for before, happening, now in happenings(file):
        rules: Any = stock if hasattr(before, "sku") else invariants
        assert rules.of_opening(before, happening, now) == []


@ALL
def test_each_event_twice_is_each_event_once(file: Path):
    once, twice = happenings(file), happenings(file, times=2)
    assert twice[-1][1].row == once[-1][1].row
    lasting = [output for output in outputs(file, times=2) if not isinstance(output.message, Reply)]
    assert lasting == [output for output in outputs(file) if not isinstance(output.message, Reply)]


@ALL
def test_alarms_ring_when_they_are_due_and_none_is_overslept(file: Path):
    row, happened = events(file.read_text())
    saga, now = SAGAS.of(row), START
    for one in happened:
        assert one.event is not None
        due = saga.alarm(row, now)
        assert (due == one.at) if isinstance(one.event, Alarm) else (due is None or due > one.at)
        row, now = saga.decide(row, one.event, one.at, PRICES).row, one.at


@ALL
def test_what_is_sent_is_told_apart_and_an_effect_keeps_its_key(file: Path):
    sent = outputs(file)
    assert len({output.id for output in sent}) == len(sent)
    for output in sent:
        assert (output.idempotency_key is not None) == isinstance(output.message, Command)
    attempts: dict[str | None, list[int]] = {}
    for output in sent:
        if isinstance(output.message, Command):
            attempts.setdefault(output.idempotency_key, []).append(output.message.attempt)
    assert all(each == sorted(set(each)) for each in attempts.values())


@ALL
def test_a_pack_that_was_good_is_answered_the_same_for_ever(file: Path):
    """But for a document that took the place of a dead one."""
    if "\nInvoiceFixed" in file.read_text():
        return
    good: dict[str, set[str]] = {}
    for output in outputs(file, times=2):
        if isinstance(output.message, PackAnswered) and output.message.outcome is PackOutcome.PACKED:
            said = output.message.model_dump_json(exclude={"request_id"})
            good.setdefault(output.message.shipment_id, set()).add(said)
    assert {shipment: len(said) for shipment, said in good.items()} == dict.fromkeys(good, 1)


def _document(message: object) -> tuple[type, str, str]:
    """However often a document is sent, it is one; and a reversal has one credit note, whatever its number."""
    reversal = getattr(message, "reversal", "")
    return type(message), getattr(message, "shipment_id", ""), reversal or getattr(message, "document_number", "")


AMOUNTS = ("taxable_value", "igst", "cgst", "sgst", "total")


@ALL
def test_credit_notes_take_from_an_invoice_what_it_says_of_their_units_and_all_of_it_in_the_end(file: Path):
    invoiced: dict[tuple[str, str], list[DocumentLine]] = {}
    credited: dict[tuple[str, str], list[DocumentLine]] = {}
    for output in {_document(output.message): output for output in outputs(file)}.values():
        match output.message:
            case RegisterInvoice(document_number=number, documents=parts):
                book = invoiced
            case IssueCreditNote(preceding_document=number, documents=parts):
                book = credited
            case _:
                continue
        for line in (line for part in parts for line in part.lines):
            book.setdefault((number, line.order_item_code), []).append(line)
    for key, lines in credited.items():
        (invoice,) = invoiced[key]
        units = sum(line.quantity for line in lines)
        assert units <= invoice.quantity
        for name in AMOUNTS:
            back = sum(getattr(line, name) for line in lines)
            assert back == getattr(invoice, name) if units == invoice.quantity else back <= getattr(invoice, name)


def test_both_variants_and_plain_channels_are_told_and_there_are_many():
    texts = [file.read_text() for file in FILES]
    assert len(texts) >= 80
    wms, plain = (sum(f"\ngiven {what}\n" in text for text in texts) for what in ("WMS variant", "no B2B leg"))
    assert (wms >= 12, plain >= 5) == (True, True)


def test_together_the_histories_open_every_gate_and_learn_every_event():
    gates, kinds = set(), set()
    for file in FILES:
        gates |= {happening.gate for _, happening, _ in happenings(file)}
        kinds |= {type(one.event) for one in events(file.read_text())[1]}
    steps = [step for saga in (ORDERS, STOCK) for step in saga.steps]
    assert {gate.name for step in steps for gate in step.gates} - gates == set()
    assert {kind for step in steps for kind in step.learnings} - kinds == set()
