"""What came in: the body of a call, read within its limits and validated as a message."""

from http import HTTPStatus
from typing import TypeVar

from pydantic import ValidationError
from starlette.requests import ClientDisconnect, Request

from b2b2c_saga.bus.json_text import validated
from b2b2c_saga.gateway.problems import Problem, broken, broken_fields
from b2b2c_saga.model.messages.base import Part

M = TypeVar("M", bound=Part)
BODY_AT_MOST = 1_000_000
"""Bytes; 2,500 lines of the longest codes in ASCII are a quarter of it."""
HEARD_OUT_AT_MOST = 16 * BODY_AT_MOST
"""Bytes; a connection that is closed while more comes is reset, and the 413 lost with it."""


async def read_body(request: Request, kind: type[M]) -> M:
    """The message that the body says.

    Raises:
        Problem: 415 not JSON by its content type, 413 too large, 422 with each broken field.
    """
    given = request.headers.get("content-type", "")
    media = given.partition(";")[0].strip().lower()
    if media != "application/json" and not (media.startswith("application/") and media.endswith("+json")):
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "wrong-content-type",
            "send the body as Content-Type: application/json",
            headers={"Accept-Post": "application/json"},
        )
    body = await _within_limit(request)
    try:
        return validated(kind, body)
    except ValidationError as error:
        raise broken(broken_fields(error)) from None


async def _within_limit(request: Request) -> bytes:
    """The body. One over the limit is read on and dropped, up to a point: who is still sending can't hear an answer."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > HEARD_OUT_AT_MOST:
        raise _too_large()
    body, size = bytearray(), 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size <= BODY_AT_MOST:
                body += chunk
            elif size > HEARD_OUT_AT_MOST:
                raise _too_large()
    except ClientDisconnect:
        raise Problem(HTTPStatus.BAD_REQUEST, "body-cut-off", "the body ended before its length") from None
    if size > BODY_AT_MOST:
        raise _too_large()
    return bytes(body)


def _too_large() -> Problem:
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "body-too-large",
        f"a body may have {BODY_AT_MOST:,} bytes; nothing was done",
        headers={"Connection": "close"},
    )
