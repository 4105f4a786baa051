"""The exhaustive check: every order of delivery, every answer of the outside systems, each alarm whenever it is due.

`outside` models the outside systems and what they may do with a command, `worlds` are the small worlds explored,
`invariants` what must hold in each state and each transition, `explore` the search, `mutants` the proof that every
condition is needed, `forgetting` the same for merges, `hunt` who looks for them. Runs the real `decide`; the steps are
handed in, so this room imports `model/` and `saga/` only.
"""
