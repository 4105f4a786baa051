"""`python -m b2b2c_saga.cli`: the command line without its script."""

from b2b2c_saga.cli import app

app(prog_name="b2b2c-saga")
