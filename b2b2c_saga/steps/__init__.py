"""The workflow, one file a step; one each for numbers of documents, e-way bills, what follows any reversal, and alerts.

Each says what it learns from which event, and which gates it keeps. Pure; imports `saga/` and `model/` only. `ORDERS`
and `STOCK` are the sagas that the worker, `check` and `order show` run.
"""

from b2b2c_saga.model.order import Order
from b2b2c_saga.model.stock import Stock
from b2b2c_saga.saga.decide import Saga
from b2b2c_saga.steps.alerts import alerts
from b2b2c_saga.steps.cancel import cancel
from b2b2c_saga.steps.eway_bill import eway_bill
from b2b2c_saga.steps.handover import handover
from b2b2c_saga.steps.intake import intake
from b2b2c_saga.steps.inventory import inventory
from b2b2c_saga.steps.invoice import invoice
from b2b2c_saga.steps.numbers import numbers
from b2b2c_saga.steps.pack import pack
from b2b2c_saga.steps.returns import returns
from b2b2c_saga.steps.reversals import reversals

ORDERS: Saga[Order] = Saga((intake, numbers, invoice, eway_bill, pack, handover, cancel, returns, reversals, alerts))
STOCK: Saga[Stock] = Saga((inventory,))

__all__ = ["ORDERS", "STOCK"]
