"""India's time: a document bears the date there. Books keep seconds since 1970."""

from datetime import date, datetime, timedelta, timezone

INDIA = timezone(timedelta(hours=5, minutes=30))
HOURS_24 = 24 * 3600
"""Seconds."""


def day_in_india(seconds: float) -> date:
    """The date there."""
    return datetime.fromtimestamp(seconds, INDIA).date()


def iso_in_india(seconds: float) -> str:
    """Date and time there, to the second, with the zone."""
    return datetime.fromtimestamp(seconds, INDIA).isoformat(timespec="seconds")
