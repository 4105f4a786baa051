"""A command that can't be read, as it goes to the parked topic: bytes as they came, and why, in headers."""

from b2b2c_saga.bus.records import Outgoing, Record
from b2b2c_saga.model.errors import BadInput

PREFIX = "__dlq.errors."


def parked(record: Record, error: BadInput, topic: str, *, whole: bool = True) -> Outgoing:
    """The record to send; without the value if that is too large for the topic."""
    reason = {
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
        "class": type(error).__name__,
        "message": str(error),
    }
    if not whole:
        reason["omitted"] = str(len(record.value or b""))
    headers = (*record.headers, *((PREFIX + name, text.encode()) for name, text in reason.items()))
    key = record.key or None  # no usable key: none is sent, and any partition will do
    value = record.value if whole else None
    # aiokafka sends no record that has neither key nor value; it came with neither, and stands with an empty value.
    return Outgoing(topic, key, b"" if key is None and value is None else value, headers)
