"""The outside systems, simulated over real HTTP: marketplace, Omni, ERP, RMS and WMS, each with a book of its own.

They know nothing of the saga: they import nothing of ours, have their own rules and tables, and recognise a repeat by
`Idempotency-Key` and by what it is about. Faults (slowness, lost answers, refusals, outages) are drawn from a seed,
never from timing, so that a run can be repeated. Only `cli/` starts them; everyone else speaks HTTP to them.
"""
