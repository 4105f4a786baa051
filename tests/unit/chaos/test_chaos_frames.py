"""Requests of Kafka's protocol are told apart in a stream that is cut anywhere."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from b2b2c_saga.chaos.frames import END_TXN, Requests


def frame(api: int, body: bytes) -> bytes:
    return struct.pack(">ih", 2 + len(body), api) + body


@given(
    st.lists(st.tuples(st.integers(0, 60), st.binary(max_size=40)), max_size=12),
    st.lists(st.integers(1, 30), max_size=60),
)
def test_each_request_is_named_once_wherever_the_stream_is_cut(requests: list[tuple[int, bytes]], cuts: list[int]):
    stream = b"".join(frame(api, body) for api, body in requests)
    seen, parser = [], Requests()
    for size in [*cuts, len(stream)]:
        piece, stream = stream[:size], stream[size:]
        seen += parser.passed(piece)
    assert seen == [api for api, _ in requests]


def test_a_request_has_passed_with_its_last_byte():
    parser, whole = Requests(), frame(END_TXN, b"abcdef")
    assert parser.passed(whole[:-1]) == []
    assert parser.passed(whole[-1:]) == [END_TXN]
