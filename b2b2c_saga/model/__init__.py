"""The words of the business: money, parties, orders, shipments, documents, and the messages that speak of them.

Everything here is a frozen value. This room imports nothing of ours and may be imported by every other; it holds
no rule of the workflow (`steps/`) and no mechanism (`saga/`).
"""
