"""What connectors count, in Prometheus' words. Labels are systems, calls and accounts: never an order."""

from prometheus_client import Counter

ANSWERED = Counter("b2b2c_connector_answered", "Commands answered by their system", ["system", "call"])
UNANSWERED = Counter(
    "b2b2c_connector_unanswered", "Commands without an answer, or with one not understood", ["system", "call"]
)
NOT_UNDERSTOOD = Counter("b2b2c_connector_not_understood", "Answers that were not understood", ["system", "call"])
PARKED = Counter("b2b2c_connector_parked", "Commands that could not be read", ["system"])
STOCK_MESSAGES = Counter("b2b2c_connector_stock_messages", "Messages of stock that were answered", ["system"])
ORDERS_PULLED = Counter("b2b2c_orders_pulled", "Orders pulled from the marketplace and published", ["account"])
ORDERS_PARKED = Counter("b2b2c_orders_pulled_parked", "Pulled orders that broke a rule", ["account"])
