"""What went wrong, as the caller reads it: problem details (RFC 9457), never with personal data."""

from collections.abc import Mapping
from http import HTTPStatus

from pydantic import ValidationError
from starlette.responses import JSONResponse

from b2b2c_saga.bus.wire import PERSONAL

SHOWN_AT_MOST = 60
"""Characters of a bad value that the caller is shown."""


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


def broken_fields(error: ValidationError) -> list[dict[str, object]]:
    """Each broken field with its rule, and its value unless that is personal or a whole part of the message."""
    return [_broken(dict(broken)) for broken in error.errors(include_url=False, include_context=False)]


def _broken(error: dict[str, object]) -> dict[str, object]:
    place = error["loc"]
    assert isinstance(place, tuple)
    field = ".".join(map(str, place)) or "message"
    shown: dict[str, object] = {"field": field}
    value = error["input"]
    if error["type"] == "json_invalid" or isinstance(value, (dict, list)):
        pass  # a whole part of the message: it may hold anything, personal data too
    elif PERSONAL in place:
        shown["value"] = "(personal)"
    else:
        shown["value"] = value[:SHOWN_AT_MOST] + "…" if isinstance(value, str) and len(value) > SHOWN_AT_MOST else value
    return shown | {"rule": error["msg"]}
