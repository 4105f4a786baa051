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
