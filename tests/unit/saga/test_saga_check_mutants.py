"""Mutants: one for each condition, guard and merge; where a rule less makes a difference, it is missed."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from typer.testing import CliRunner
from weaker import SAGAS

from b2b2c_saga.cli import app
from b2b2c_saga.saga.check.forgetting import forgetful, learned_in, weaker
from b2b2c_saga.saga.check.history import Sagas
from b2b2c_saga.saga.check.hunt import Verdict, all_mutants, hunt
from b2b2c_saga.saga.check.mutants import Mutant, mutants, steps_of
from b2b2c_saga.saga.check.samples import PRICES, cancel, order
from b2b2c_saga.saga.check.worlds import WORLDS, Setting
from b2b2c_saga.saga.decide import Saga
from b2b2c_saga.steps import STOCK

STOCK_WORLDS = {name: WORLDS[name] for name in ("stock, late alarms", "stock, strays")}


def verdicts(sagas: Sagas, prey: Iterable[Mutant], settings: dict[str, Setting]) -> dict[str, Verdict]:
    told = hunt(sagas, list(prey), settings, workers=1)
    return {verdict.mutant: verdict for verdict in told if isinstance(verdict, Verdict)}


def test_there_is_a_mutant_for_every_condition_and_every_guard():
    names = [mutant.name for mutant in mutants(SAGAS)]
    steps = steps_of(SAGAS)
    conditions = sum(len(gate.conditions) for step in steps for gate in step.gates)
    guards = sum(len(on.waits_for) + len(on.refused_when) for step in steps for on in step.learnings.values())
    assert len(names) == len(set(names)) == conditions + guards
    assert len(names) > 120


def test_a_mutant_lacks_one_rule_and_nothing_else():
    (one,) = (m for m in mutants(SAGAS) if m.name == "hand_over_on_marketplace without 'invoice registered'")
    pairs = zip(steps_of(SAGAS), steps_of(one.sagas), strict=True)
    ((old, new),) = ((old, new) for old, new in pairs if old is not new)
    changed = [(was, now) for was, now in zip(old.gates, new.gates, strict=True) if was is not now]
    assert [(was.name, {c[0] for c in was.conditions} - {c[0] for c in now.conditions}) for was, now in changed] == [
        ("hand_over_on_marketplace", {"invoice registered"})
    ]
    assert new.learnings == old.learnings


OF_STOCK = {
    "offer_stock without 'omni has this version'": "offered before Omni knows",
    "update_omni_stock without 'omni has an older version'": "told a version that is there",
    "StockTaken waits for 'stock known' no more": "StockTaken was swallowed",
    "StockTaken forgets omni_has": "StockTaken took back what was known: omni_has",
}


def test_rules_and_merges_of_stock_are_missed():
    settings = {name: setting for name, setting in WORLDS.items() if setting.is_stock}
    prey = [one for one in all_mutants(SAGAS, settings, workers=2) if one.name in OF_STOCK]
    assert {name: found.broken for name, found in verdicts(SAGAS, prey, settings).items()} == OF_STOCK


@pytest.mark.parametrize(("echo", "survives"), [("InvoiceNotFound", False), ("", True)])
def test_only_an_answer_that_comes_again_finds_out_that_the_last_word_counts(echo: str, *, survives: bool):
    settings = {"not found": replace(WORLDS["not found, told again"], echo=echo)}
    name = "InvoiceNotFound forgets shipments.invoice.look_ups_answered"
    weak = forgetful(SAGAS, [("InvoiceNotFound", "forgets", ("shipments", "invoice", "look_ups_answered"))])
    found = verdicts(SAGAS, weak, settings)
    assert {mutant: verdict.survived for mutant, verdict in found.items()} == {name: survives}


def padded(**conditions: Callable[..., object]) -> Sagas:
    """Stock with more conditions than it needs."""
    (step,) = STOCK.steps
    gate = step.gates[0]
    more = replace(gate, conditions=(*conditions.items(), *gate.conditions))
    return replace(SAGAS, stock=Saga((replace(step, gates=[more, *step.gates[1:]]),)))


def test_a_condition_that_always_holds_survives_and_makes_no_difference():
    sagas = padded(always=lambda *_: True)
    (verdict,) = verdicts(sagas, (m for m in mutants(sagas) if "'always'" in m.name), STOCK_WORLDS).values()
    assert (verdict.survived, verdict.differed, verdict.example) == (True, 0, ())


def test_a_condition_that_no_rule_misses_survives_with_an_example():
    sagas = padded(seldom=lambda stock: stock.version != 1 or stock.omni_has >= 0)
    (verdict,) = verdicts(sagas, (m for m in mutants(sagas) if "'seldom'" in m.name), STOCK_WORLDS).values()
    assert verdict.survived
    assert verdict.differed > 0
    assert len(verdict.example) <= 2


def test_a_merge_that_writes_the_same_whatever_was_known_makes_no_mutant():
    seen = learned_in(WORLDS["a channel that forbids, as a whole"], SAGAS)
    refused = seen["HandoverRefused"]
    assert refused.ways == {("shipments", "handover_refused")}
    assert weaker(SAGAS, "HandoverRefused", refused) == []
    asked = seen["CancellationPosted"]
    assert weaker(SAGAS, "CancellationPosted", asked) == [("adds up", ("cancel_asked",))]


def test_a_weaker_merge_forgets_or_adds_up():
    seen = learned_in(Setting((order(3), cancel(2), cancel(3))), SAGAS)["CancellationPosted"]
    ways = weaker(SAGAS, "CancellationPosted", seen)
    assert ways == [("forgets", ("cancel_asked",)), ("adds up", ("cancel_asked",))]
    by_name = {one.name: one for one in forgetful(SAGAS, (("CancellationPosted", *way) for way in ways))}
    adds, forgets = (by_name[f"CancellationPosted {how} cancel_asked"] for how in ("adds up", "forgets"))
    by_units = {event.items[0].cancelled_quantity: event for event, _ in seen.events}
    row = next(row for row in seen.rows if row.is_known and not row.cancel_asked and row.ordered.total == 3)
    now = seen.events[0][1]
    two = forgets.merge(row, by_units[2], now, PRICES)
    assert two.cancel_asked.by_line == (("L", 2),)
    assert adds.merge(two, by_units[2], now, PRICES).cancel_asked.by_line == (("L", 4),)
    assert forgets.merge(two, by_units[3], now, PRICES).cancel_asked.by_line == (("L", 3),)


@pytest.mark.parametrize(
    ("mutant", "world", "broken"),
    [
        ("OrderPlaced refused when 'not the channel", "the wrong channel", "took an order of another channel"),
        ("register_invoice without 'invoice needed", "no B2B leg", "asked for a B2B invoice where there is no B2B leg"),
        ("look_up_invoice without 'no news", "one unit", "looked up before an answer could be missed"),
        ("cancel_on_marketplace without 'dispatch", "one unit", "cancelled before the promise was broken"),
        ("pack_on_marketplace without 'invoice", "one unit", "packed before the B2B invoice"),
        ("answer_pack without 'answer known'", "one unit", "answered without an answer"),
        ("PackConfirmed refused when 'more packed", "one unit", "more packed and cancelled than ordered"),
        ("hand_over_on_marketplace without 'handover", "one unit", "handed over unasked"),
        ("'more cancelled than ordered' no more", "too much", "more cancelled than ordered"),
        ("require_b2c_return without 'invoice", "one unit", "b2c_return without a registered invoice"),
        ("close without 'return window", "no B2B leg", "closed inside the return window"),
        ("ReturnReceived waits for 'handed over'", "no B2B leg", "came back before it left"),
    ],
)
def test_a_rule_that_is_dropped_is_missed(mutant: str, world: str, broken: str):
    (one,) = (each for each in mutants(SAGAS) if mutant in each.name)
    (verdict,) = verdicts(SAGAS, [one], {world: WORLDS[world]}).values()
    assert (verdict.broken, verdict.world) == (broken, world)
    assert verdict.events >= 1


def test_the_command_hunts_the_mutants_that_are_named():
    words = ["check", "--mutants", "--only", "StockTaken", "--world", "stock", "--world", "stock, strays"]
    done = CliRunner().invoke(app, [*words, "--workers", "1", "--json"])
    report = json.loads(done.stdout)
    assert (done.exit_code, report["violations"]) == (0, [])
    assert report["mutants"] >= 4


def test_the_command_tells_of_a_survivor_where_it_is_another_saga():
    words = ["check", "--mutants", "--only", "hand_over_on_marketplace without 'marketplace doc"]
    done = CliRunner().invoke(app, [*words, "--world", "the wrong channel"])
    assert (done.exit_code, "SURVIVES\n      in no world does it make a difference" in done.stdout) == (1, True)
