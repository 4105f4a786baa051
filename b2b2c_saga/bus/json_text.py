r"""JSON as others write it: what is wrong with the letters of a text is mended, not refused.

Strict JSON is UTF-8 without a byte order mark, and no text in it has a line break, another control character, half of
a UTF-16 pair or an escape of its own such as `\'`. Senders break each of these where they cut or copy what people
type, and one bad letter would make the whole message unreadable. A control character becomes a space, what can't be a
letter U+FFFD, and a stray backslash stays one. No code, number or time may hold any of the three, and no identifier of
others U+FFFD.
"""

import re
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

M = TypeVar("M", bound=BaseModel)

_CONTROL = re.compile(r"[\x00-\x1f]")
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a pair
    r"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    r"|\\u[0-9a-fA-F]{4}"
    r'|\\["\\/bfnrt]'
    r"|(?P<stray>\\)"
)
_NO_LETTER, _BACKSLASH = r"\ufffd", r"\\"


def validated(kind: type[M], value: bytes | str, *, by_name: bool = False) -> M:
    """The model that a JSON text says; what is wrong with the letters of its texts is mended.

    Raises:
        ValidationError: it is no JSON, or breaks a rule of the model.
    """
    try:
        return kind.model_validate_json(value, by_name=by_name)
    except ValidationError as error:
        if error.errors(include_url=False, include_input=False)[0]["type"] != "json_invalid":
            raise
        return kind.model_validate_json(mended(value), by_name=by_name)


def read_json(value: bytes | str) -> Any:  # noqa: ANN401 - whatever the text says
    """What a JSON text says; what is wrong with the letters of its texts is mended.

    Raises:
        ValueError: it is no JSON.
    """
    try:
        return from_json(value)
    except ValueError:
        return from_json(mended(value))


def mended(value: bytes | str) -> str:
    """A JSON text, with letters only where letters may be. One that is right already says the same."""
    text = value.decode("utf-8-sig", errors="replace") if isinstance(value, bytes) else value
    return _CONTROL.sub(" ", _ESCAPE.sub(_right, text))


def _right(escape: re.Match[str]) -> str:
    if escape["half"]:
        return _NO_LETTER
    return _BACKSLASH if escape["stray"] else escape[0]
