"""Messages as lines that a domain expert can read, `PackConfirmed A L=2 request=q1`, and back.

What goes without saying in the check's small worlds (account, order code, consumer, prices of 100.00) is left out.
Units are `LINE=2`, with `@250.00` for another price and `-9.50` for a discount, `LINE/SKU=2` for another SKU than the
line's own, `LINE/UNIT=PASS` for a unit that came back, and `SKU:9v4` for what the warehouse has of a SKU after a
movement: 9 units, by its fourth count. On documents, `%18` is another tax rate than 5 percent. `numbers=N1,N2` are
those of a document's parts, `eway_bills=N1:E1` the e-way bill of one, `pin=560002` a consumer who lives elsewhere.
"""

import re
import shlex
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from pydantic import ValidationError

from b2b2c_saga.model.errors import BadInput
from b2b2c_saga.model.messages import BY_TYPE, Event, Message
from b2b2c_saga.model.messages.answers import InvoiceRegistered, Label, StockLevel
from b2b2c_saga.model.messages.commands import B2BOrderLine, GoodsLine, IssueCreditNote, VoidInvoice
from b2b2c_saga.model.messages.fiscal import DocumentLine, DocumentType, EwayBillNumber, FiscalDocument, Transport
from b2b2c_saga.model.messages.upstream import CancelledLine, OrderItem, PaymentMethod, ReturnedUnit
from b2b2c_saga.model.words import Moment, Party, Recipient
from b2b2c_saga.saga.check.outside import LABEL, START
from b2b2c_saga.saga.check.samples import ABOUT, CONSUMER
from b2b2c_saga.saga.decide import Alarm

ABOUT_WHAT = ("shipment_id", "reversal", "release", "return_order_code")
"""Said without a name, in this order, right after the kind."""

SHORT = {
    "request_id": "request",
    "document_number": "number",
    "document_time": "dated",
    "preceding_document": "undoes",
    "client_y": "to",
    "transport": "eway_bill",
    "recipient": "pin",
}
LONG = {short: name for name, short in SHORT.items()}
UNITS = ("items", "units", "lines", "goods", "documents", "counted")
LISTS = ("numbers", "eway_bills")
UNSAID = (
    "account", "order_code", "location", "required_at", "at", "b2b_invoice",
    "seller_gstin", "buyer_gstin", "provider", "issuer",
)  # fmt: skip
NO_LABEL = "label=none"
PRICE = Decimal(100)
RATE = Decimal(5)
OF_COMMANDS: dict[str, Any] = {
    "sku": "SKU", "recipient": CONSUMER, "round_off": Decimal(0), "document_type": DocumentType.INVOICE,
}  # fmt: skip
"""What goes without saying in what is sent."""
USUAL: dict[str, Any] = {
    **ABOUT, "location": "W", "sku": "SKU", "recipient": CONSUMER, "parent_order_code": "P", "channel": "CH",
    "order_time": START, "dispatch_by_time": START + timedelta(hours=48), "payment_method": PaymentMethod.PREPAID,
    "attempt": 1, "look_up": 1, "invoice_code": "M", "invoice_date": START, "label": LABEL,
    "b2b_order_code": "W", "type": "CUSTOMER_RETURN", "reason": "-", "document_number": "-", "registration": "-",
    "invoice_attempt": 1, "corrected_by": "operator",
}  # fmt: skip
USUAL_IN: dict[str, dict[str, Any]] = {
    "CancellationPosted": {"reason": "not stated"},
    "InvoiceRegistered": {"document_number": "B", "registration": "I"},
    "InvoiceRefused": {"reason": "no"},
    "InvoiceDiffers": {"reason": "total"},
    "InvoiceRevoked": {"reason": "revoked"},
    "ReversalRefused": {"reason": "no"},
    "B2BOrderRefused": {"reason": "no"},
    "StockRefused": {"reason": "no such SKU"},
    "MarketplacePackRefused": {"reason": "cancelled"},
    "HandoverRefused": {"reason": "cancelled"},
    "VoidRefused": {"reason": "too late"},
}
_COUNT = re.compile(r"(?P<sku>[^:]+):(?P<quantity>\d+)v(?P<version>\d+)")
_SPAN = re.compile(r"[+-](?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?")


def render(message: Message | Alarm, now: Moment = START) -> str:
    """The message as one line. Of an event, what is usual at `now` is left out."""
    if isinstance(message, Alarm):
        return "Alarm"
    words, units = [type(message).__name__], []
    usual = _usual(type(message), now) if isinstance(message, Event) else OF_COMMANDS | {"document_time": now}
    values = {name: getattr(message, name) for name in type(message).model_fields}
    if isinstance(message, VoidInvoice | IssueCreditNote):
        usual |= {"invoice_attempt": 1}
    words += [shlex.quote(values[name]) for name in ABOUT_WHAT if values.get(name) is not None]
    for name, value in values.items():
        if name == "documents" and value and getattr(value[0], "type", None) is DocumentType.BILL_OF_SUPPLY:
            words.append("type=BIL")
        if name in UNITS and not isinstance(message, InvoiceRegistered):
            parts = (line for part in value for line in (part.lines if isinstance(part, FiscalDocument) else (part,)))
            units += [_unit(part) for part in parts]
        elif name not in (*ABOUT_WHAT, *UNSAID) and value not in (None, (), usual.get(name)):
            words.append(f"{SHORT.get(name, name)}={shlex.quote(_listed(value) if name in LISTS else _said(value))}")
    if usual.get("label") and values["label"] is None:
        words.append(NO_LABEL)
    return " ".join(words + units)


def parse(line: str, now: Moment = START) -> Event | Alarm:
    """The event of a line; what it leaves out is as usual at `now`.

    Raises:
        BadInput: names the word and the rule.
    """
    try:
        name, *words = shlex.split(line)
    except ValueError as error:
        raise BadInput("not an event", field="line", value=line, rule=str(error)) from None
    if name == "Alarm" and not words:
        return Alarm()
    kind = BY_TYPE.get(f"b2b2c.{name}.v1")
    if kind is None or not issubclass(kind, Event):
        raise BadInput("not an event", field="line", value=line, rule="starts with a type of event, or is `Alarm`")
    values = _usual(kind, now)
    values |= {"label": None} if NO_LABEL in words and "label" in values else {}
    words, units = _counted(kind, words)
    about = iter(part for part in ABOUT_WHAT if part in kind.model_fields)
    for word in words:
        left, equals, right = word.partition("=")
        field = LONG.get(left, left) if equals else next(about, "")
        if not equals and field:
            values[field] = word
        elif field in kind.model_fields:
            values[field] = _meant(field, right, values.get(field))
        elif equals and left[0].isupper():
            units.append(_part(kind, left, right))
        else:
            raise BadInput("not understood", field=name, value=word, rule="FIELD=VALUE, or LINE=UNITS in upper case")
    if units:
        values[next(part for part in UNITS if part in kind.model_fields)] = tuple(units)
    try:
        return kind.model_validate(values, strict=False)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise BadInput("not an event", field=f"{name}.{first['loc'][0]}", value=line, rule=first["msg"]) from None


def _meant(field: str, text: str, usual: object) -> object:
    """The value of a field, by its text."""
    match field:
        case "numbers":
            return tuple(text.split(","))
        case "eway_bills":
            pairs = (pair.partition(":") for pair in text.split(","))
            return tuple({"document_number": document, "number": bill} for document, _, bill in pairs)
        case "recipient":
            return replace(CONSUMER, shipping_address=replace(CONSUMER.shipping_address, pin=text))
    return moment(text) if isinstance(usual, datetime) else text


def _counted(kind: type[Event], words: list[str]) -> tuple[list[str], list[dict[str, Any]]]:
    """The words that are said of a field, and the counts of a SKU."""
    words = [word for word in words if word != NO_LABEL or "label" not in kind.model_fields]
    if "counted" not in kind.model_fields:
        return words, []
    counts = {word: count.groupdict() for word in words if (count := _COUNT.fullmatch(word))}
    return [word for word in words if word not in counts], list(counts.values())


def moment(text: str) -> datetime:
    """`+1d2h3m4s`: so long after the start of the world; with `-`, before it.

    Raises:
        BadInput: not such a text.
    """
    found = _SPAN.fullmatch(text)
    if found is None or len(text) == 1:
        raise BadInput("not a time", field="time", value=text, rule="since the start, such as +2m or +1d12h")
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    passed = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return START - passed if text[0] == "-" else START + passed


def span(at: datetime) -> str:
    """How long after the start of the world, `+1d2h3m4s`, or before it, `-1h`."""
    passed = abs(at - START)
    minutes, seconds = divmod(passed.seconds, 60)
    parts = {"d": passed.days, "h": minutes // 60, "m": minutes % 60, "s": seconds + passed.microseconds / 1e6}
    return ("-" if at < START else "+") + ("".join(f"{n:g}{unit}" for unit, n in parts.items() if n) or "0s")


def _usual(kind: type[Message], now: Moment) -> dict[str, Any]:
    known = (
        USUAL | dict.fromkeys(("handed_over_at", "delivered_at", "corrected_at"), now) | USUAL_IN.get(kind.__name__, {})
    )
    fields = kind.model_fields.items()
    optional = {name: field.default for name, field in fields if not field.is_required()}
    return optional | {name: value for name, value in known.items() if name in kind.model_fields}


SAID: dict[type, Callable[[Any], str]] = {
    datetime: span,
    Party: lambda party: party.account_code,
    Recipient: lambda recipient: recipient.shipping_address.pin,
    Transport: lambda _: "asked",
    Label: lambda label: label.awb_number,
    tuple: lambda parts: ", ".join(map(str, parts)),
}


def _said(value: object) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    return SAID.get(type(value), str)(value)


def _listed(values: Iterable[Any]) -> str:
    return ",".join(f"{of.document_number}:{of.number}" if isinstance(of, EwayBillNumber) else str(of) for of in values)


def _unit(part: Any) -> str:  # noqa: ANN401 - a part of any message that counts units
    if isinstance(part, StockLevel):
        return f"{part.sku}:{part.quantity}v{part.version}"
    if isinstance(part, ReturnedUnit):
        return f"{part.order_item_code}/{part.unit_code}={part.quality_check}"
    units = part.cancelled_quantity if isinstance(part, CancelledLine) else part.quantity
    line = part.order_item_code
    other = isinstance(part, OrderItem) and part.channel_sku_code != f"SKU-{line}"
    return f"{line}{f'/{part.channel_sku_code}' if other else ''}={units}{_more(part)}"


def _more(part: object) -> str:
    match part:
        case OrderItem(selling_price_per_unit=price, discount=discount):
            return ("" if price == PRICE else f"@{price}") + (f"-{discount}" if discount else "")
        case B2BOrderLine(cost_price=price):
            return f"@{price}"
        case DocumentLine(unit_price=price, gst_rate=rate):
            return f"@{price}" + ("" if rate == RATE else f"%{rate}")
        case GoodsLine(disposition=disposition):
            return f":{disposition}"
    return ""


def _part(kind: type[Message], left: str, right: str) -> dict[str, Any]:
    match kind.__name__:
        case "OrderPlaced":
            line, _, sku = left.partition("/")
            much, _, discount = right.partition("-")
            units, _, price = much.partition("@")
            return {
                "order_item_code": line, "channel_sku_code": sku or f"SKU-{line}", "quantity": units,
                "selling_price_per_unit": price or PRICE, "discount": discount or 0,
            }  # fmt: skip
        case "ReturnReceived":
            line, _, unit = left.partition("/")
            return {"order_item_code": line, "unit_code": unit, "quality_check": right}
        case "CancellationPosted":
            return {"order_item_code": left, "cancelled_quantity": right}
        case "PackConfirmed" | "B2BPacked":
            return {"order_item_code": left, "quantity": right}
    raise BadInput("not understood", field=kind.__name__, value=f"{left}={right}", rule="carries no units")
