"""Messages on the wire: CloudEvents 1.0 in Kafka's binary mode, the data as JSON.

Source: CloudEvents Kafka protocol binding 1.0.2, section 3.2 (attributes as `ce_` headers).
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from b2b2c_saga.bus.json_text import validated
from b2b2c_saga.bus.records import Headers, Record
from b2b2c_saga.model.errors import BadInput, Unreadable
from b2b2c_saga.model.messages import BY_TYPE, Message

M = TypeVar("M", bound=Message)
ATTRIBUTES = "ce_"
TRACE = "traceparent"
PERSONAL = "recipient"
SHOWN_AT_MOST = 60


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message with what travels around it."""

    message: Message
    id: str
    source: str
    time: datetime
    idempotency_key: str | None = None
    carried: Headers = field(default=())
    """Headers that go on with what follows from this message, such as `traceparent`."""

    @property
    def key(self) -> bytes:
        """The record's key."""
        return self.message.key.encode()

    @property
    def value(self) -> bytes:
        """The record's value."""
        return self.message.model_dump_json(exclude_none=True).encode()

    @property
    def headers(self) -> Headers:
        """The record's headers."""
        named = {
            "ce_specversion": "1.0",
            "ce_id": self.id,
            "ce_type": self.message.ce_type(),
            "ce_source": self.source,
            "ce_time": self.time.isoformat().replace("+00:00", "Z"),
            "ce_subject": self.message.subject or self.message.key,
            "content-type": "application/json",
        }
        if self.idempotency_key:
            named["ce_idempotencykey"] = self.idempotency_key
        return (*((name, text.encode()) for name, text in named.items()), *self.carried)


def decode(record: Record, topic: str | None = None) -> Envelope:
    """The message of a record. `topic` is the short name it must belong to.

    Raises:
        Unreadable: headers, key or value break a rule; names the field, the value and the rule.
    """
    try:
        return _decode(record, topic)
    except BadInput as error:
        raise Unreadable(*error.args) from None


def _decode(record: Record, topic: str | None) -> Envelope:
    if record.undecoded is not None:
        raise BadInput("Kafka's client can't take it apart", rule=record.undecoded)
    headers = _headers(record.headers)
    kind = BY_TYPE.get(name := _text(headers, "ce_type"))
    if kind is None:
        raise BadInput(
            "unknown message type", field="ce_type", value=name, rule=f"one of the {len(BY_TYPE)} types in schemas/"
        )
    if topic is not None and topic not in kind.travels_on():
        raise BadInput(
            "message on the wrong topic",
            field="ce_type",
            value=name,
            rule=f"{name} belongs on topic {' or '.join(sorted(kind.travels_on()))}, this is {topic}",
        )
    message = parse(kind, record.value or b"")
    if record.key != message.key.encode():
        raise BadInput(
            "key and message disagree",
            field="key",
            value=_shown(record.key),
            rule="the key is account/orderCode (stock: account/location/sku)",
        )
    return Envelope(
        message,
        id=_text(headers, "ce_id"),
        source=_text(headers, "ce_source"),
        time=_time(headers),
        idempotency_key=_text(headers, "ce_idempotencykey") if "ce_idempotencykey" in headers else None,
        carried=tuple(h for h in record.headers if h[0] == TRACE),
    )


def parse(kind: type[M], value: bytes | str) -> M:
    """The message of that kind.

    Raises:
        BadInput: names the first field that breaks a rule, its value (never a personal one) and the rule.
    """
    try:
        return validated(kind, value)
    except ValidationError as error:
        raise bad_input(error) from None


def bad_input(error: ValidationError) -> BadInput:
    """The first broken rule of a validation, without personal data."""
    first = error.errors(include_url=False)[0]
    loc, found = where_and_what(first)
    place = ".".join(map(str, loc)) or "message"
    if place == "message" and first["type"] == "json_invalid":
        return BadInput("value is not JSON", field=place, rule=first["msg"])
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    if place == "message" or isinstance(found, dict | list):
        # Of a whole message that is no object nothing is shown: JSON within JSON is a string that begins with anything.
        value = None
    else:
        value = "(personal)" if PERSONAL in loc else _shown(found)
    return BadInput("field breaks its rule" + more, field=place, value=value, rule=first["msg"])


def where_and_what(error: ErrorDetails) -> tuple[tuple[int | str, ...], object]:
    """The place that breaks a rule, and what is there; of a list that is too long or too short, how long it is."""
    context = error.get("ctx", {})
    if "place" in context:  # a rule that spans fields says itself which of them breaks it
        return tuple(context["place"]), context["value"]
    length = context.get("actual_length")
    return error["loc"], error["input"] if length is None else length


def _headers(headers: Headers) -> dict[str, bytes]:
    """The headers by name. Others' headers may stand twice, as Kafka allows; those that we read may not.

    Raises:
        BadInput: one has no value, or one that we read stands twice: which of the two is meant, nobody can tell.
    """
    found: dict[str, bytes] = {}
    for name, value in headers:
        if value is None:
            raise BadInput(
                "header without a value", field=_shown_name(name), rule="a header has a value, if it is there"
            )
        if name in found and (name.startswith(ATTRIBUTES) or name == TRACE):
            raise BadInput("header stands twice", field=_shown_name(name), rule="each is there once")
        found[name] = value
    return found


def _text(headers: dict[str, bytes], name: str) -> str:
    if name not in headers:
        raise BadInput(
            "CloudEvents attribute missing",
            field=name,
            rule="ce_id, ce_type, ce_source and ce_time are required headers",
        )
    try:
        return headers[name].decode()
    except UnicodeDecodeError:
        raise BadInput(
            "header is not UTF-8", field=name, value=_shown(headers[name]), rule="headers are UTF-8 text"
        ) from None


def _time(headers: dict[str, bytes]) -> datetime:
    text = _text(headers, "ce_time")
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise BadInput("not a time", field="ce_time", value=text, rule="RFC 3339 with a zone")
    return time


def _shown_name(name: str) -> str:
    return name if len(name) <= SHOWN_AT_MOST else name[:SHOWN_AT_MOST] + "…"


def _shown(value: object) -> object:
    text = repr(value)
    return value if len(text) <= SHOWN_AT_MOST else text[:SHOWN_AT_MOST] + "…"
