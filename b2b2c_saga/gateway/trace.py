"""The trace that a call belongs to, as W3C Trace Context writes it (`traceparent`, level 1, section 3.2)."""

import re
import secrets

HEADER = "traceparent"
_WELL_FORMED = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)


def traceparent(given: str | None) -> str:
    """The caller's own `traceparent`; a new one when there is none, or none that the standard allows."""
    if given is not None and _WELL_FORMED.fullmatch(given):
        return given
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
