"""What connectors count, in Prometheus' words. Labels are systems and calls: never an order."""

from prometheus_client import Counter

ANSWERED = Counter("b2b2c_connector_answered", "Commands answered by their system", ["system", "call"])
UNANSWERED = Counter(
    "b2b2c_connector_unanswered", "Commands without an answer, or with one not understood", ["system", "call"]
)
PARKED = Counter("b2b2c_connector_parked", "Commands that could not be read", ["system"])
