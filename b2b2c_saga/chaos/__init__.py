"""Faults that nobody scripted by hand, and a checker that counts: `b2b2c-saga chaos`.

What is tested are real processes on a real cluster. `cluster` runs one or three brokers, `proxy` stands between each
worker and each broker, `crew` keeps the worker processes, `skewed` gives them a clock that can be set. `faults` says
what may go wrong and heals it again, `nemesis` picks from them by a seed, whatever the form under test is. The form
*engine* (`engine`, `generator`, `counting`, `worker`) runs a logic that counts, so that `checker` can tell from what is
committed whether anything was lost, doubled or put out of order; `baseline` runs the same logic as plain Faust agents.
May import everything but `cli/`.
"""
