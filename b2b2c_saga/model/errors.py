"""The three kinds of error. UNKNOWN (asked, and no answer) is none of them: it is a state of a document."""

from decimal import Decimal

SHOWN_AT_MOST = 80
"""Characters of a bad value that a message shows."""


class BadInput(Exception):  # noqa: N818 - the field's words, not Python's suffix
    """The sender's fault: refused with a reason, parked, never retried.

    Args:
        reason: What is wrong, as half a sentence.
        field: Where: the path of the field, or the name of the option.
        value: What was found there. Leave it out for personal data.
        rule: What it must be, or what to do.
    """

    def __init__(self, reason: str, field: str | None = None, value: object = None, rule: str | None = None) -> None:
        super().__init__(reason, field, value, rule)
        self.reason = reason
        self.field = field
        self.value = value
        self.rule = rule

    def __str__(self) -> str:
        found = None if self.value is None else _shown(self.value)
        where = " = ".join(part for part in (self.field, found) if part is not None)
        return _one_line(": ".join(part for part in (self.reason, where, self.rule) if part))


class Unreadable(BadInput):
    """Not even a message: nobody can tell what its sender meant."""


class Unavailable(Exception):  # noqa: N818
    """Not now: retried with backoff, a bounded number of times."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return _one_line(self.reason)


class Bug(Exception):  # noqa: N818
    """Ours: the work stops, and the record stays where it is."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return _one_line(self.reason)


def _shown(value: object) -> str:
    text = str(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= SHOWN_AT_MOST else text[: SHOWN_AT_MOST - 3] + "..."


def _one_line(text: str) -> str:
    return " ".join(text.split())
