"""What the outside systems get wrong on the demo's day."""

from typing import Any

from b2b2c_saga.demo.story import Day, Fate

EVERYDAY: dict[str, Any] = {
    "erp": {
        "latency_ms": [20, 250],
        "registration_delay_s": [0.2, 4],
        "timeout_after_effect": 0.06,
        "timeout_before_effect": 0.02,
        "late_effect": 0.02,
        "error_500": 0.02,
        "stall_s": 5,
    },
    "marketplace": {"latency_ms": [10, 80], "timeout_after_effect": 0.02, "error_500": 0.02, "stall_s": 5},
    "wms": {"latency_ms": [10, 60], "timeout_after_effect": 0.02, "stall_s": 5},
    "omni": {"latency_ms": [5, 30], "error_500": 0.02},
}
"""The ERP is slow, sometimes silent after the effect (or before, or long after), and registers after some seconds."""

REFUSED = {
    Fate.REFUSED_THEN_CANCELLED: {"erp": {"refuse": 1}},
    Fate.REFUSED_THEN_OVERDUE: {"erp": {"refuse": 1}},
    Fate.REFUSED_LATE: {"erp": {"refuse_later": 1}},
}


def faults_of(day: Day) -> dict[str, Any]:
    """For the sandbox's `/control/faults`: everyday trouble, and the refusals that the stories tell of."""
    return EVERYDAY | {"orders": {s.key: REFUSED[s.fate] for s in day.stories if s.fate in REFUSED}}
