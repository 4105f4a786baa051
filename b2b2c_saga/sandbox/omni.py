"""Omni, Client X's order system: knows the stock it may sell through each seller account."""

from b2b2c_saga.sandbox.stock import STOCK, Offer, take_stock
from b2b2c_saga.sandbox.system import System

omni = System("omni", STOCK)
omni.effect("stock", Offer)(take_stock)
