"""What the outside systems get wrong on the demo's day."""

from typing import Any

from b2b2c_saga.demo.story import Day, Fate, Quirk, Story, Variant

ISSUER: dict[str, Any] = {
    "latency_ms": [20, 250],
    "registration_delay_s": [0.2, 4],
    "timeout_after_effect": 0.06,
    "timeout_before_effect": 0.02,
    "late_effect": 0.02,
    "error_500": 0.02,
    "stall_s": 5,
    "odd_names": 0.2,
}
"""Slow, sometimes silent after the effect (or before, or long after), and it registers after some seconds."""
EVERYDAY: dict[str, Any] = {
    "erp": ISSUER,
    "rms": ISSUER,
    "marketplace": {
        "latency_ms": [10, 80],
        "timeout_after_effect": 0.02,
        "error_500": 0.02,
        "stall_s": 5,
        "odd_names": 0.2,
    },
    "wms": {"latency_ms": [10, 60], "timeout_after_effect": 0.02, "stall_s": 5, "odd_names": 0.2},
    "omni": {"latency_ms": [5, 30], "error_500": 0.02},
}
LATE_LABEL = {"label_delay_s": [2, 4]}
REFUSED: dict[Fate, dict[str, Any]] = {
    Fate.REFUSED_THEN_CANCELLED: {"refuse": 1},
    Fate.REFUSED_THEN_OVERDUE: {"refuse": 1},
    Fate.REFUSED_LATE: {"refuse_later": 1},
    Fate.REFUSED_THEN_FIXED: {"refuse": 1},
}


def faults_of(day: Day) -> dict[str, Any]:
    """For the sandbox's `/control/faults`: everyday trouble, and what the stories tell of."""
    return EVERYDAY | {"orders": {story.key: faults for story in day.stories if (faults := _of(story))}}


def issuer_of(story: Story) -> str:
    """The system that makes its B2B invoices."""
    return "rms" if story.variant is Variant.WMS else "erp"


def _of(story: Story) -> dict[str, Any]:
    refused = REFUSED.get(story.fate)
    if story.fate is Fate.REFUSED_THEN_CORRECTED:
        refused = {"unknown_pins": [story.recipient.shipping_address.pin]}
    faults = {issuer_of(story): refused} if refused else {}
    return faults | ({"marketplace": LATE_LABEL} if Quirk.LABEL_LATE in story.quirks else {})
