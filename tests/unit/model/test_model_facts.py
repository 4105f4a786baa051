"""Facts, the subjects of gates, and derived ids."""

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b2b2c_saga.model.facts import Silence, Subject
from b2b2c_saga.model.ids import derived_id
from b2b2c_saga.model.invoice import Invoice

AT = datetime(2026, 1, 1, tzinfo=UTC)
CALLS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 4)), max_size=12)


def test_a_fact_is_a_value():
    invoice = Invoice(needed=True, refused=frozenset({1}))
    assert invoice == Invoice(needed=True, refused=frozenset({1}))
    assert hash(invoice) == hash(Invoice(needed=True, refused=frozenset({1})))
    assert hash(invoice) == hash(invoice)
    assert hash(replace(invoice, numbers=("B1",))) != hash(invoice)
    assert replace(invoice, numbers=("B1",)) != invoice
    with pytest.raises(FrozenInstanceError):
        invoice.number = "B1"  # type: ignore[misc]


def test_a_subject_counts_how_often_each_gate_opened():
    subject = Subject().having_opened("pack").having_opened("close").having_opened("pack")
    assert (subject.times("pack"), subject.times("close"), subject.times("other")) == (2, 1, 0)
    assert (subject.has("pack"), subject.has("other")) == (True, False)
    assert subject == Subject().having_opened("close").having_opened("pack").having_opened("pack")
    assert Subject().name == ""


def test_the_highest_attempt_without_an_answer_counts_and_keeps_its_time():
    once = Subject().having_heard_nothing("pack", 2, AT)
    assert (once.unanswered("pack"), once.unanswered("other"), once.silence("other")) == (2, 0, None)
    assert once.silence("pack") == Silence("pack", 2, AT)
    assert once.having_heard_nothing("pack", 2, AT + timedelta(hours=1)) is once
    assert once.having_heard_nothing("pack", 1, AT + timedelta(hours=1)) is once
    assert once.having_heard_nothing("pack", 3, AT + timedelta(hours=1)).silence("pack") == Silence(
        "pack", 3, AT + timedelta(hours=1)
    )


@given(CALLS, st.randoms())
def test_silences_merge_in_any_order(calls: list[tuple[str, int]], random: object):
    def heard(order: list[tuple[str, int]]) -> Subject:
        subject = Subject()
        for call, attempt in order:
            subject = subject.having_heard_nothing(call, attempt, AT)
        return subject

    shuffled = [*calls]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert heard(calls) == heard(shuffled) == heard([*calls, *shuffled])


def test_the_same_parts_give_the_same_id_and_others_another():
    assert derived_id("a", 1) == derived_id("a", 1) == str(UUID(derived_id("a", 1)))
    several = {derived_id(*parts) for parts in [("a", 1), ("a", 2), ("a1",), ("a", "1", ""), ("", "a", 1), ("1", "a")]}
    assert len(several) == 6


def test_ids_stay_what_they_are_from_version_to_version():
    assert derived_id("ACC/O", "register_invoice", "A", "") == "898635ec-0b14-51eb-a306-a92c6b3697ca"
