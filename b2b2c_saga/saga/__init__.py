"""The mechanism of the saga: facts merge, gates open. Pure: no clock, no I/O, no rule of the business.

`steps` is how a workflow step is declared, `decide` lets an event in and opens the gates, `check` explores every
order of delivery and every answer of the outside systems. The steps themselves live in `steps/`. Imports `model/` only.
"""
