"""Omni, Client X's order system: is told the stock (seed 1)."""

from b2b2c_saga.connectors.exchange import Exchanges
from b2b2c_saga.connectors.stock import stock_exchange
from b2b2c_saga.model.messages.commands import UpdateOmniStock

EXCHANGES: Exchanges = {UpdateOmniStock: stock_exchange("omni")}
