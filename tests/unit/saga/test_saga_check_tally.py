"""Each rule of the check is counted, by its sentence."""

import sys
from collections.abc import Iterator

from b2b2c_saga.saga.check import tally
from b2b2c_saga.saga.check.tally import by_rule, rules, said


def _rules_of_this_module(units: int) -> Iterator[str]:
    yield from said(units > 1, f"shipment A: {units} units went back")
    if units > 10:
        yield from said(broken=True, sentence="not positional, and so not counted among the rules")
        yield from said(units, "never looked at")
    yield from said(units < 0, "more went back than was there")


def test_a_rule_says_its_sentence_only_when_it_is_broken_and_is_counted_either_way():
    tally.taken()
    assert list(_rules_of_this_module(2)) == ["shipment A: 2 units went back"]
    assert list(_rules_of_this_module(1)) == []
    counts = tally.taken()
    assert counts == {
        "shipment A: 2 units went back": 1,
        "shipment A: 1 units went back": 1,
        "more went back than was there": 2,
    }
    assert tally.taken() == {}
    assert by_rule(counts, sys.modules[__name__]) == {
        "shipment A: {...} units went back": 2,
        "never looked at": 0,
        "more went back than was there": 2,
    }


def test_a_sentence_of_no_rule_is_counted_as_itself():
    assert by_rule({"made up": 3}) == {"made up": 3}


def test_rules_are_told_in_the_order_of_the_module():
    assert rules(sys.modules[__name__]) == (
        "shipment A: {...} units went back",
        "never looked at",
        "more went back than was there",
    )
