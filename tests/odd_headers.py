"""Keys, values and headers that no sender of ours writes, and that Kafka takes all the same."""

from b2b2c_saga.bus.records import Headers

SAID_BY_PARKING = ("topic", "partition", "offset", "class", "message", "scope", "place", "since", "redrives", "release")
ODD_HEADERS: list[Headers] = [
    (("ce_type", None),),
    (("ce_type", b"\xff"), ("ce_id", None)),
    (("ce_type", b"b2b2c.OfferStock.v1"), ("ce_type", None)),
    (("traceparent", None), ("", None)),
    tuple((f"__dlq.errors.{name}", None) for name in SAID_BY_PARKING),
    tuple((f"__dlq.errors.{name}", b"\xff") for name in SAID_BY_PARKING),
    tuple((f"__dlq.errors.{name}", b"9" * 30) for name in SAID_BY_PARKING),
    tuple((f"__dlq.errors.{name}", b"9" * 5_000) for name in SAID_BY_PARKING),
]
ODD = [
    (key, value, headers) for key in (None, b"", b"\xff/\xff") for value in (None, b"\xff") for headers in ODD_HEADERS
]
SPOILT_BY: list[tuple[str, str, Headers]] = [
    ("NULL-TYPE", "header without a value: ce_type", (("ce_type", None),)),
    ("NULL-ID", "header without a value: ce_id", (("ce_id", None),)),
    ("NULL-TRACE", "header without a value: traceparent", (("traceparent", None),)),
    ("NULL-OTHER", "header without a value: x-theirs", (("x-theirs", None),)),
    ("TWO-TYPES", "header stands twice: ce_type", (("ce_type", b"b2b2c.CancellationPosted.v1"),)),
    ("TWO-TRACES", "header stands twice: traceparent", (("traceparent", b"00-1"), ("traceparent", b"00-2"))),
]
"""Headers beside which a good order is unreadable: its code, the reason, and the headers."""
