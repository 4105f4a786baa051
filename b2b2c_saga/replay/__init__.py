"""Parked records and their way back: what waits, what would become of it, release and skip.

    parked, audit --Standing--> Waiting --select--> plan | release | skip --one transaction--> released, audit

- `parked`: a record of the parked topic, and what parking said of it.
- `waiting`: what waits, in line: an order (or an SKU) with all its parked records, or a record parked alone.
- `standing`: how it stands, read from the topics: the parked topic less what the audit topic says is done.
- `select`: which of it an operator means, and what of that can't be released.
- `whole`: the value of what was too large to be kept, from where it first came.
- `plan`: the worker's own batch, folded over the rows of now, with nothing written.
- `run`: releasing and skipping, chunk by chunk; `audit`: the record that each chunk commits with.

Imports `runtime` (the engine's rules of parking, and the real `decide`); `cli` imports it.
"""
