"""The worker: Faust's group membership around atomic batches, and the orders that run on them.

`engine/` moves bytes and knows nothing of orders; `app.py` runs it as a process. Only this room imports Faust.
It may import `bus/`, `telemetry/`, `settings`, `steps/`, `saga/` and `model/`; only `cli/` and `demo/` import it.
"""
