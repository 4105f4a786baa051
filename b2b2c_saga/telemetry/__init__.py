"""Logs and metrics: how a process tells what it does. No personal data and no record's key or value in either.

Any room of the shell may import this; of other rooms it knows the errors of `model/` alone.
"""
