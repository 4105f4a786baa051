"""What the payloads of all providers share: JSON, exact amounts in it, and a schema's verdict in our words."""

import json
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TypeAlias

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from b2b2c_saga.model.errors import BadInput, Bug
from b2b2c_saga.model.messages.commands import IssueCreditNote, RegisterInvoice

JSONValue: TypeAlias = "str | int | float | bool | list[JSONValue] | dict[str, JSONValue] | None"
JSON: TypeAlias = dict[str, JSONValue]

Documented: TypeAlias = RegisterInvoice | IssueCreditNote
"""A command that carries documents."""


def number(amount: Decimal) -> float:
    """The JSON number that reads as exactly this amount.

    Up to 15 significant digits a float's shortest form, which `json` writes, is the decimal that it was made from;
    amounts have 14 at most.

    Raises:
        Bug: an amount with more digits than that.
    """
    written = float(amount)
    if Decimal(repr(written)) != amount:
        raise Bug(f"{amount} can't be written as a JSON number without loss")
    return written


def amount(of: JSON, name: str) -> Decimal:
    """The number in that field as it is written."""
    value = of[name]
    assert isinstance(value, int | float)  # the schema says so
    return Decimal(repr(value))


def part(of: JSON, name: str) -> JSON:
    """The object in that field."""
    value = of[name]
    assert isinstance(value, dict)
    return value


def rows(of: JSON, name: str) -> list[JSON]:
    """The objects in that field."""
    value = of[name]
    assert isinstance(value, list)
    return [row for row in value if isinstance(row, dict)]


def must_equal(path: str, found: object, expected: object, rule: str) -> None:
    """A rule that a schema can't say.

    Raises:
        BadInput: it is broken there.
    """
    if found != expected:
        raise BadInput("the document contradicts itself", path, str(found), f"{rule}: {expected}")


def schema_check(file_name: str, personal: str) -> Callable[[JSON], None]:
    """A check by a schema of this folder.

    Args:
        file_name: Of the JSON Schema, 2020-12.
        personal: The payload's one part about a person: of what is wrong there the value is not told.

    Returns:
        What raises `BadInput` for the first broken rule, in the order of the payload's paths.
    """

    @cache
    def validator() -> Draft202012Validator:
        schema = json.loads(Path(__file__).with_name(file_name).read_text())
        Draft202012Validator.check_schema(schema)
        return Draft202012Validator(schema)

    def check(payload: JSON) -> None:
        broken = min(validator().iter_errors(payload), key=_order, default=None)
        if broken is not None:
            secret = bool(broken.absolute_path) and broken.absolute_path[0] == personal
            raise _told(broken, file_name, secret=secret)

    return check


def _order(broken: ValidationError) -> tuple[str, ...]:
    return tuple(f"{step:06}" if isinstance(step, int) else step for step in broken.absolute_path)


def _told(broken: ValidationError, file_name: str, *, secret: bool) -> BadInput:
    """Never with the validator's own message, which quotes the value."""
    path = [str(step) for step in broken.absolute_path]
    rule = f"{broken.validator} {json.dumps(broken.validator_value)}"
    found, wanted = broken.instance, broken.validator_value
    if broken.validator == "required" and isinstance(wanted, list) and isinstance(found, dict):
        path.append(next(name for name in wanted if name not in found))
        rule = "required"
    value = None if secret or isinstance(found, dict | list) else found
    return BadInput(f"not what {file_name} asks for", ".".join(path), value, rule)
