"""What went wrong, as the caller reads it: problem details (RFC 9457), never with personal data."""

from collections.abc import Mapping
from http import HTTPStatus

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from starlette.responses import JSONResponse

from b2b2c_saga.bus.wire import PERSONAL, where_and_what
from b2b2c_saga.model.errors import BadInput

SHOWN_AT_MOST = 60
"""Characters of a bad value that the caller is shown."""
SHOWN_AS_NUMBER = 2**53
"""Beyond, other readers of JSON lose digits."""


class Problem(Exception):  # noqa: N818 - RFC 9457's word
    """A call that gets no answer; `members` are RFC 9457's extension members."""

    def __init__(
        self,
        status: HTTPStatus,
        kind: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **members: object,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.headers = headers
        self.members = members

    def response(self) -> JSONResponse:
        """The problem as an answer."""
        return JSONResponse(
            {
                "type": f"urn:b2b2c:problem:{self.kind}",
                "title": self.kind.replace("-", " "),
                "status": self.status,
                "detail": self.detail,
                **self.members,
            },
            self.status,
            headers=self.headers,
            media_type="application/problem+json",
        )


DO = "nothing was done; correct each field and call again"


def broken(errors: list[dict[str, object]]) -> Problem:
    """What came in breaks rules."""
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "broken-fields", DO, errors=errors)


def refused(error: BadInput) -> Problem:
    """What came in breaks a rule that no message knows."""
    told = {"field": error.field, "value": error.value, "rule": error.rule}
    return broken([{name: value for name, value in told.items() if value is not None} | {"reason": error.reason}])


Place = tuple[int | str, ...]


def broken_fields(error: ValidationError, within: Place = ()) -> list[dict[str, object]]:
    """Each broken field with its rule, and its value unless that is personal or a whole part of the message.

    `within` is where the validated part stands in the message.
    """
    errors = error.errors(include_url=False)
    return [_broken(broken, within) for broken in errors if not _follows(broken, errors)]


def _follows(error: ErrorDetails, errors: list[ErrorDetails]) -> bool:
    """Too short only because its items were dropped as broken: they are named already."""
    place = error["loc"]
    return error["type"] == "too_short" and any(
        len(other["loc"]) > len(place) and other["loc"][: len(place)] == place for other in errors
    )


def _broken(error: ErrorDetails, within: Place) -> dict[str, object]:
    place, value = where_and_what(error)
    shown: dict[str, object] = {"field": ".".join(map(str, (*within, *place))) or "message"}
    if not place or error["type"] == "json_invalid" or isinstance(value, (dict, list)):
        pass  # the message, or a whole part of it: it may hold anything, personal data too
    elif PERSONAL in place:
        shown["value"] = "(personal)"
    else:
        shown["value"] = value if value is None or isinstance(value, bool) else _short(value)
    return shown | {"rule": error["msg"]}


def _short(value: object) -> object:
    """Numbers that JSON has not (infinity), and long ones, as text."""
    if isinstance(value, (int, float)) and abs(value) < SHOWN_AS_NUMBER:
        return value
    text = str(value)
    return text if len(text) <= SHOWN_AT_MOST else text[:SHOWN_AT_MOST] + "…"
