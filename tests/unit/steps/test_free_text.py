"""Free text never decides: whatever it says, the message is taken in, and the same follows as of plain words.

Each record takes the real path, from bytes to the decision.
"""

import json
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from free_texts import DECIDED_BY, FREE, FROM_UPSTREAM, LOGIC, PACKED, SAID, TOPICS, record, row, saying, wire
from hypothesis import given, settings
from hypothesis import strategies as st

from b2b2c_saga.bus.records import Record
from b2b2c_saga.bus.schemas import schema_of
from b2b2c_saga.bus.wire import decode
from b2b2c_saga.model.errors import Unreadable
from b2b2c_saga.model.messages import Message
from b2b2c_saga.model.messages.commands import HandOverOnMarketplace
from b2b2c_saga.model.messages.upstream import HandoverRequested, RecipientCorrected

KEPT_TEXTS = {
    "name", "phone", "email", "line", "city", "reason", "problem", "by", "gate_pass", "gatePassCode"
}  # fmt: skip
"""Where the texts are in rows and in what is sent."""

BEFORE = {kind: row() if kind == "OrderPlaced" else row(*PACKED) for kind in SAID}

ANYTHING = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=300),
    st.text(st.sampled_from('a \t\r\n\x00\x85\u2028\u202e\ud83d\ude00"\\'), max_size=20),
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.lists(st.text(max_size=5), max_size=3),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3),
)
"""What JSON can hold, and what it can't hold rightly but is sent all the same."""
PLACES = st.sampled_from([(kind, path) for kind, paths in FREE.items() for path in sorted(paths)])


def leaves(whole: dict[str, Any], part: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, bool]]:
    """The texts of a schema that have no form of their own, by path, and whether they are free."""
    if "$ref" in part:
        part = whole["$defs"][part["$ref"].removeprefix("#/$defs/")]
    if part.get("description", "").startswith("Free text"):
        yield ".".join(path), True
        return
    for name, inner in part.get("properties", {}).items():
        yield from leaves(whole, inner, (*path, name))
    for inner in (*part.get("anyOf", ()), *([part["items"]] if "items" in part else ())):
        yield from leaves(whole, inner, path)
    if part.get("type") == "string" and not part.keys() & {"pattern", "format", "enum", "const"}:
        yield ".".join(path), False


@pytest.mark.parametrize("kind", sorted(FROM_UPSTREAM, key=lambda kind: kind.__name__), ids=lambda kind: kind.__name__)
def test_each_text_of_what_upstream_says_is_free_or_something_is_decided_by_it(kind: type[Message]):
    found = set(leaves(schema := schema_of(kind), schema))

    free = FREE.get(kind.__name__, frozenset())
    assert found == {(path, True) for path in free} | {(path, False) for path in DECIDED_BY.get(kind.__name__, ())}


@given(PLACES, ANYTHING, st.booleans())
@settings(deadline=None)
def test_any_free_text_is_read_as_one_line_and_nothing_else_of_the_message_changes(
    place: tuple[str, str],
    told: object,
    ascii_only: bool,  # noqa: FBT001 - hypothesis draws it
):
    kind, path = place

    said = decode(saying(kind, path, told, ascii_only=ascii_only)).message.model_dump(mode="json", by_alias=True)

    _, plain = wire(SAID[kind])
    *inner, last = path.split(".")
    here, there = said, plain
    for part in inner:
        here, there = here[part], there[part]
    text = here.pop(last)
    there.pop(last)
    assert {name: value for name, value in said.items() if value is not None} == plain
    if text is not None or path != "gatePassCode":
        assert 1 <= len(text) <= 200
        assert text == text.strip()
        assert {unicodedata.category(letter) for letter in text}.isdisjoint({"Cc", "Zl", "Zp", "Cs"})


@given(PLACES, ANYTHING)
@settings(deadline=None)
def test_the_same_follows_whatever_a_free_text_says(place: tuple[str, str], told: object):
    kind, path = place
    envelope, plain = wire(SAID[kind])

    decided = LOGIC.decide(envelope.key, BEFORE[kind], saying(kind, path, told))

    of_plain = LOGIC.decide(envelope.key, BEFORE[kind], record(envelope, json.dumps(plain).encode()))
    assert decided.alarm == of_plain.alarm
    assert without_texts(decided.row) == without_texts(of_plain.row)
    assert [(s.topic, s.key, s.headers, without_texts(s.value)) for s in decided.sends] == [
        (s.topic, s.key, s.headers, without_texts(s.value)) for s in of_plain.sends
    ]


def without_texts(value: bytes | None) -> object:
    def walked(part: Any) -> Any:  # noqa: ANN401 - whatever JSON has
        if isinstance(part, dict):
            return {name: walked(inner) for name, inner in part.items() if name not in KEPT_TEXTS}
        return [walked(inner) for inner in part] if isinstance(part, list) else part

    return None if value is None else walked(json.loads(value))


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("", "not stated"),
        (None, "not stated"),
        (" \r\n\t ", "not stated"),
        ("\x00", "not stated"),
        ("x" * 201, "x" * 200),
        ("x" * 1_000_000, "x" * 200),
        ("x" * 199 + " y", "x" * 199),
        ("  changed\r\nmy\x00\x1f mind\u2028", "changed my  mind"),
        ("half \ud83d of it", "half \ufffd of it"),
        ("all \ud83d\ude00 of it", "all \U0001f600 of it"),
        ("\u202eback\ufeff", "back"),
        ("back\\ud83dslash", "back\\ud83dslash"),
        ("no  line  break", "no  line  break"),
        (42, "42"),
        (True, "true"),
        (1.5, "1.5"),
        ({"code": "X", "text": "dear"}, '{"code":"X","text":"dear"}'),
        (["a", "b"], '["a","b"]'),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_cancellation_is_one_whatever_reason_is_given_for_it(told: object, read: str):
    said = decode(saying("CancellationPosted", "reason", told)).message

    assert said == wire(SAID["CancellationPosted"])[0].message.model_copy(update={"reason": read})


@pytest.mark.parametrize(
    ("reason", "read"),
    [
        (b'"Zo\xeb"', "Zo\ufffd"),
        (b'"one\ntwo"', "one two"),
        (b'"one\r\n\ttwo"', "one   two"),
        (b'"\x00"', "not stated"),
        (rb'"\ud83d"', "\ufffd"),
        (rb'"\ude00\ud83d"', "\ufffd\ufffd"),
        (rb'"\\\ud83d\\"', "\\\ufffd\\"),
        (b'"\xed\xa0\xbd"', "\ufffd\ufffd\ufffd"),
        (rb'"O\'Brien"', r"O\'Brien"),
        (rb'"C:\new\x41 \u12 \u0041"', "C: ew\\x41 \\u12 A"),
    ],
)
def test_a_letter_that_is_none_makes_no_message_unreadable(reason: bytes, read: str):
    envelope, said = wire(SAID["CancellationPosted"])
    value = json.dumps({**said, "reason": "HERE"}).encode().replace(b'"HERE"', reason)

    assert decode(record(envelope, value)).message == envelope.message.model_copy(update={"reason": read})
    assert decode(record(envelope, b"\xef\xbb\xbf" + envelope.value)).message == envelope.message


NO_LETTER = (b"L\xff", rb"\ud83d", b"")


@pytest.mark.parametrize("code", [*NO_LETTER, b"L\n", b"\x00L", rb"\L"])
def test_what_is_decided_by_is_as_strict_as_ever(code: bytes):
    envelope, said = wire(SAID["CancellationPosted"])

    with pytest.raises(Unreadable) as refused:
        decode(record(envelope, json.dumps(said | {"orderCode": "HERE"}).encode().replace(b"HERE", code)))

    assert refused.value.field == "orderCode"


@pytest.mark.parametrize("code", [*NO_LETTER, b"\n"])
def test_a_name_that_others_gave_has_letters_alone(code: bytes):
    envelope, said = wire(SAID["CancellationPosted"])
    said["items"][0]["orderItemCode"] = "HERE"

    with pytest.raises(Unreadable) as refused:
        decode(record(envelope, json.dumps(said).encode().replace(b"HERE", code)))

    assert refused.value.field == "items.0.orderItemCode"


def test_a_parcel_whose_cancellation_gives_no_reason_does_not_leave():
    cancelled, said = wire("CancellationPosted L=2")
    asked, _ = wire(SAID["HandoverRequested"])

    for reason in ("", None, "x" * 201):
        value = json.dumps({**said, "reason": reason}).encode()
        kept = LOGIC.decide(cancelled.key, row(*PACKED), record(cancelled, value)).row
        sends = LOGIC.decide(asked.key, kept, record(asked, asked.value)).sends

        assert not [send for send in sends if TOPICS.short(send.topic) == "commands.marketplace"]


def test_a_gate_pass_goes_on_as_the_gate_wrote_it():
    envelope, said = wire("HandoverRequested A")
    value = json.dumps({**said, "gatePassCode": " GP 7/25-26\n(Blue Dart) "}).encode()

    asked = decode(record(envelope, value)).message
    sends = LOGIC.decide(envelope.key, row(*PACKED), record(envelope, value)).sends

    assert isinstance(asked, HandoverRequested)
    assert asked.gate_pass_code == "GP 7/25-26 (Blue Dart)"
    (command,) = (send for send in sends if TOPICS.short(send.topic) == "commands.marketplace")
    sent = decode(Record(command.topic, 0, 0, command.key, command.value, command.headers, 0)).message
    assert isinstance(sent, HandOverOnMarketplace)
    assert sent.gate_pass_code == "GP 7/25-26 (Blue Dart)"


@pytest.mark.parametrize("said", ["", " ", "\n", None])
def test_a_gate_pass_that_says_nothing_is_none(said: str | None):
    asked = decode(saying("HandoverRequested", "gatePassCode", said)).message

    assert isinstance(asked, HandoverRequested)
    assert asked.gate_pass_code is None


def test_a_revocation_needs_no_reason():
    envelope, said = wire(SAID["InvoiceRevoked"])
    value = json.dumps({name: value for name, value in said.items() if name != "reason"}).encode()

    assert decode(record(envelope, value)).message == envelope.message.model_copy(update={"reason": "not stated"})


def test_who_corrected_an_address_is_kept_as_one_line():
    corrected = decode(saying("RecipientCorrected", "correctedBy", "asha\n(care desk)")).message

    assert isinstance(corrected, RecipientCorrected)
    assert corrected.corrected_by == "asha (care desk)"


def test_an_address_with_a_line_break_that_a_row_has_kept_is_read_as_one_line():
    kept = row("OrderPlaced L=1")
    assert kept is not None
    old = json.loads(kept)
    old["recipient"]["shipping_address"]["line"] = "Flat 7\nLake View"

    envelope, _ = wire("PackConfirmed A L=1")
    decided = LOGIC.decide(envelope.key, json.dumps(old).encode(), record(envelope, envelope.value))

    after = json.loads(decided.row or b"")
    assert after["recipient"]["shipping_address"]["line"] == "Flat 7 Lake View"
