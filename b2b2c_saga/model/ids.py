"""Derived ids: the same thing said again has the same id, so that asking twice is asking once."""

from urllib.parse import quote
from uuid import UUID, uuid5

_NAMESPACE = UUID("7c0f2b52-6f0b-5a8e-9d52-b2b2c0000001")


def escaped(name: str) -> str:
    """A name of somebody else's that ids are made of, next to others: one that is a code stays as it is."""
    return quote(name, safe=":#")


def derived_id(*parts: object) -> str:
    """A uuid5 of the parts, in order. Parts are joined by a character that no name contains."""
    return str(uuid5(_NAMESPACE, "\x1f".join(map(str, parts))))
