"""JSON with letters that are none: it says all the rest, and what is right says the same as ever."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b2b2c_saga.bus.json_text import mended, read_json

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
)


@given(VALUES, st.booleans())
def test_what_is_right_says_the_same_mended(value: object, ascii_only: bool):  # noqa: FBT001 - hypothesis draws it
    text = json.dumps(value, ensure_ascii=ascii_only)

    assert json.loads(mended(text)) == json.loads(mended(text.encode())) == value


@given(st.text(st.characters(exclude_categories=(), exclude_characters='"\\')), st.booleans())
def test_whatever_letters_a_text_has_all_the_rest_is_read(text: str, ascii_only: bool):  # noqa: FBT001 - as above
    written = json.dumps(text)[1:-1] if ascii_only else text
    value = f'{{"before": 1, "text": "{written}", "after": ["2"]}}'.encode("utf-8", "surrogatepass")

    said = read_json(value)

    assert (said["before"], type(said["text"]), said["after"]) == (1, str, ["2"])


@given(st.binary().map(lambda some: some.replace(b'"', b"").replace(b"\\", b"")))
def test_whatever_bytes_a_text_has_all_the_rest_is_read(some: bytes):
    said = read_json(b'{"before": 1, "text": "' + some + b'", "after": ["2"]}')

    assert (said["before"], type(said["text"]), said["after"]) == (1, str, ["2"])


@pytest.mark.parametrize("value", [b"", b"{", b"nothing", b'{"a": 1 2}', b"{'a': 1}", b'{"a": "\\"}', b"\xff\xfe"])
def test_what_is_no_json_stays_none(value: bytes):
    with pytest.raises(ValueError, match="line 1 column"):
        read_json(value)
