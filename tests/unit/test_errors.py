"""Errors as one line that says what, where and what to do."""

import pickle

from b2b2c_saga.model.errors import BadInput, Bug, Unavailable


def test_bad_input_says_what_where_and_the_rule():
    error = BadInput("field breaks its rule", field="items.0.quantity", value=-1, rule="at least 1")
    assert str(error) == "field breaks its rule: items.0.quantity = -1: at least 1"
    assert str(BadInput("no key")) == "no key"
    assert str(BadInput("too long", value="x" * 500)) == "too long: '" + "x" * 76 + "..."


def test_a_message_is_one_line():
    assert str(Unavailable("first\n  second")) == "first second"
    assert str(Bug("a\tb\r\nc")) == "a b c"


def test_they_cross_processes():
    error = pickle.loads(pickle.dumps(BadInput("r", "f", 3, "rule")))
    assert (error.reason, error.field, error.value, error.rule) == ("r", "f", 3, "rule")
