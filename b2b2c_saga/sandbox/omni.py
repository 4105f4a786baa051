"""Omni, Client X's order system: knows the stock it may sell through each seller account."""

from b2b2c_saga.sandbox.stock import STOCK, takes_stock
from b2b2c_saga.sandbox.system import System

omni = System("omni", STOCK)
takes_stock(omni)
