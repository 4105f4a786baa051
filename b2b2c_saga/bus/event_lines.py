"""Events as text: one CloudEvent a line, in CloudEvents' JSON format (1.0.2, section 3), as `publish` takes them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic_core import to_json

from b2b2c_saga.bus.json_text import read_json
from b2b2c_saga.bus.wire import Envelope, parse
from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.messages import BY_TYPE, Event

_ATTRIBUTES = ("specversion", "id", "type", "source", "time")
_KINDS = {name: kind for name, kind in BY_TYPE.items() if issubclass(kind, Event)}


def read_lines(lines: Iterable[bytes]) -> list[Envelope]:
    """The events of all lines; blank ones are passed over.

    Raises:
        BadInput: names the number of the first bad line, the field, its value (never a personal one) and the rule.
    """
    envelopes = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            envelopes.append(read_line(line))
        except BadInput as error:
            raise BadInput(f"line {number}: {error.reason}", error.field, error.value, error.rule) from None
    return envelopes


def read_line(line: bytes) -> Envelope:
    """The event of one line.

    Raises:
        BadInput: names the field, its value (never a personal one) and the rule.
    """
    event = _object(line)
    attributes = {name: _attribute(event, name) for name in _ATTRIBUTES}
    if attributes["specversion"] != "1.0":
        raise BadInput("unknown CloudEvents version", "specversion", attributes["specversion"], '"1.0"')
    kind = _KINDS.get(attributes["type"])
    if kind is None:
        own = attributes["type"] in BY_TYPE
        rule = "the saga alone sends it" if own else f"an event type in schemas/, such as {next(iter(_KINDS))}"
        raise BadInput("not an event that can be published", "type", attributes["type"], rule)
    if (media := event.get("datacontenttype", "application/json")) != "application/json":
        raise BadInput("data is not JSON", "datacontenttype", media, "application/json")
    if "data" not in event:
        raise BadInput("attribute missing", "data", rule="the message, as in schemas/")
    try:
        message = parse(kind, to_json(event["data"]))
    except BadInput as error:
        field = "data" if error.field == "message" else f"data.{error.field}"
        raise BadInput(error.reason, field, error.value, error.rule) from None
    parent = event.get("traceparent")
    return Envelope(
        message,
        id=attributes["id"],
        source=attributes["source"],
        time=_time(attributes["time"]),
        carried=(("traceparent", parent.encode()),) if isinstance(parent, str) else (),
    )


def _object(line: bytes) -> dict[str, Any]:
    try:
        event = read_json(line)
    except ValueError as error:
        raise BadInput("not JSON", rule=f"one CloudEvent a line; {error}") from None
    if not isinstance(event, dict):
        raise BadInput("not a CloudEvent", rule='a JSON object such as {"specversion":"1.0","id":...}')
    return event


def _attribute(event: dict[str, Any], name: str) -> str:
    value = event.get(name)
    if value is None:
        raise BadInput("attribute missing", name, rule=f"a CloudEvent has {', '.join(_ATTRIBUTES)} and data")
    if not isinstance(value, str) or not value:
        shown = None if isinstance(value, (dict, list)) else value
        raise BadInput("attribute breaks its rule", name, shown, "a text that is not empty")
    return value


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise BadInput("not a time", "time", text, "RFC 3339 with a zone, such as 2026-01-31T09:30:00Z")
    return time
