"""The check: small worlds hold, a rule that is dropped is noticed, and what is found can be read and replayed."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from b2b2c_saga.cli import app
from b2b2c_saga.model.stock import Stock
from b2b2c_saga.saga.check.explore import explore
from b2b2c_saga.saga.check.history import Sagas, replay
from b2b2c_saga.saga.check.mutants import hunt, mutants
from b2b2c_saga.saga.check.worlds import WORLDS
from b2b2c_saga.saga.decide import Saga
from b2b2c_saga.saga.steps import Step
from b2b2c_saga.steps import ORDERS, STOCK

SAGAS = Sagas(ORDERS, STOCK)
STATES = 1_500
"""Of each world; all of them wholly: `b2b2c-saga check`."""

SMALL = {
    "a marketplace of its own mind",
    "no B2B leg",
    "the wrong channel",
    "strays",
    "stock, strays",
    "stock, late alarms",
    "two lines",
}
HISTORIES = Path(__file__).parents[2] / "histories"


@pytest.mark.parametrize("name", WORLDS)
def test_a_world_holds_as_far_as_it_is_explored(name: str):
    found = explore(WORLDS[name], SAGAS, 10_000 if name in SMALL else STATES)
    assert (found.broken, found.history) == ([], [])
    assert found.complete if name in SMALL else found.states >= STATES


def without(gate: str, condition: str) -> Sagas:
    """The sagas with one condition less."""

    def weaker(step: Step) -> Step:
        gates = [
            replace(g, conditions=tuple(c for c in g.conditions if c[0] != condition)) if g.name == gate else g
            for g in step.gates
        ]
        return replace(step, gates=gates)

    return replace(SAGAS, orders=Saga(tuple(weaker(step) for step in ORDERS.steps)))


def test_a_dropped_condition_is_found_by_the_shortest_way_that_a_person_can_read():
    planted = without("hand_over_on_marketplace", "invoice registered")
    found = explore(WORLDS["one unit"], planted)
    assert found.broken == ["handed over without a registered invoice"]
    story = [entry.splitlines()[0].split(" +")[0] for entry in found.history]
    assert sorted(story) == [
        "HandoverRequested A request=h",
        "InvoiceAcknowledged A",
        "MarketplacePacked A",
        "OrderPlaced L=1",
        "PackConfirmed A request=q L=1",
    ]
    assert "  -> HandOverOnMarketplace A attempt=1" in found.history[-1].splitlines()
    text = found.as_text("one unit", WORLDS["one unit"])
    assert text.startswith("# Found by `b2b2c-saga check` in the world of one unit:\n# handed over without")
    assert replay(text, planted) == text
    assert replay(text, SAGAS) != text


def test_a_bug_is_a_violation_with_its_history():
    found = explore(WORLDS["one unit"], without("assign_cancellation", "units to cancel"))
    assert found.broken == ["the gates of ACC/O never come to rest"]
    assert found.history[-1].splitlines()[-1] == "  -> Bug: the gates of ACC/O never come to rest"


def test_stock_is_checked_too():
    forgetful = Saga(tuple(replace(step, gates=step.gates[:1]) for step in STOCK.steps))
    found = explore(WORLDS["stock"], replace(SAGAS, stock=forgetful))
    assert found.broken == ["marketplace does not have the newest count"]
    text = found.as_text("stock", WORLDS["stock"])
    assert "given stock\n" in text
    assert replay(text, replace(SAGAS, stock=forgetful)) == text


def test_what_is_given_is_told_in_a_found_history():
    found = explore(WORLDS["no B2B leg"], without("pack_on_marketplace", "marketplace has not answered"))
    assert found.broken
    assert "\ngiven no B2B leg\n" in found.as_text("no B2B leg", WORLDS["no B2B leg"])
    assert "\ngiven channel OTHER\n" in found.as_text("x", WORLDS["the wrong channel"])


def test_there_is_a_mutant_for_every_condition_and_every_guard():
    names = [mutant.name for mutant in mutants(SAGAS)]
    steps = [step for saga in (ORDERS, STOCK) for step in saga.steps]
    conditions = sum(len(gate.conditions) for step in steps for gate in step.gates)
    guards = sum(len(on.waits_for) + len(on.refused_when) for step in steps for on in step.learnings.values())
    assert len(names) == len(set(names)) == conditions + guards
    assert len(names) > 80


def test_a_superfluous_condition_survives():
    gate = next(g for step in STOCK.steps for g in step.gates)
    padded = replace(gate, conditions=(("always", lambda *_: True), *gate.conditions))
    step = STOCK.steps[0]
    stock: Saga[Stock] = Saga((replace(step, gates=[padded, *step.gates[1:]]),))
    (verdict,) = hunt(Sagas(Saga(()), stock), only="without 'always'", worlds=["stock, late alarms"])
    assert verdict.survived


@pytest.mark.parametrize(
    ("mutant", "world", "broken"),
    [
        ("'this order was placed with other lines' no more", "too much", "took an order for what it did not ask"),
        ("'the channel is not the one", "the wrong channel", "took an order of another channel"),
        ("register_invoice without 'invoice needed", "no B2B leg", "asked for a B2B invoice where there is no B2B leg"),
        ("look_up_invoice without 'no news", "one unit", "looked up before an answer could be missed"),
        ("look_up_invoice without 'invoice needed", "one unit", "looked up what is known"),
        ("cancel_on_marketplace without 'dispatch", "one unit", "cancelled before the promise was broken"),
        ("cancel_on_marketplace without 'an invoice", "one unit", "cancelled an order in good standing"),
        ("pack_on_marketplace without 'invoice", "one unit", "packed before the B2B invoice"),
        ("answer_pack without 'answer known'", "one unit", "answered without an answer"),
        ("'more packed than is open' no more", "one unit", "more packed and cancelled than ordered"),
        ("hand_over_on_marketplace without 'handover", "one unit", "handed over unasked"),
        ("hand_over_on_marketplace without 'marketplace doc", "one unit", "handed over without a label"),
        ("answer_handover without 'answer known'", "no B2B leg", "held without a reason"),
        ("'more cancelled than ordered' no more", "too much", "more cancelled than ordered"),
        ("pull_back without 'marketplace had", "one unit", "pulled back although nobody said so"),
        ("require_b2c_return without 'invoice", "one unit", "b2c_return without a registered invoice"),
        ("void_invoice without 'to be", "one unit", "void_invoice before the B2C return"),
        ("put_goods_away without 'b2b", "one unit", "goods put away before the B2C return"),
        ("close without 'everything", "one unit", "closed with open units"),
        ("close without 'nothing on", "one unit", "closed with a parcel on its way"),
        ("close without 'reversals", "one unit", "closed before a reversal was done"),
        ("close without 'return window", "no B2B leg", "closed inside the return window"),
        ("ReturnReceived waits for 'handed over'", "no B2B leg", "came back before it left"),
        ("offer_stock without 'omni has", "stock", "offered before Omni knows"),
        ("update_omni_stock without 'omni has", "stock, late alarms", "update_omni_stock of a version that is there"),
        ("StockTaken waits for", "stock, strays", "StockTaken was swallowed"),
    ],
)
def test_a_rule_that_is_dropped_is_missed(mutant: str, world: str, broken: str):
    (weaker,) = (each for each in mutants(SAGAS) if mutant in each.name)
    assert broken in explore(WORLDS[world], weaker.sagas).broken


@pytest.fixture
def run() -> Callable[..., tuple[int, str, str]]:
    def invoke(*words: str) -> tuple[int, str, str]:
        done = CliRunner().invoke(app, ["check", *words])
        return done.exit_code, done.stdout, done.stderr

    return invoke


def test_the_command_explores_a_world(run: Callable[..., tuple[int, str, str]]):
    code, out, _ = run("--world", "the wrong channel", "--world", "strays", "--json")
    report = json.loads(out)
    assert (code, report["violations"]) == (0, [])
    assert [world["world"] for world in report["worlds"]] == ["the wrong channel", "strays"]
    assert report["states"] == sum(world["states"] for world in report["worlds"])


def test_the_command_hunts_the_mutants_that_are_named(run: Callable[..., tuple[int, str, str]]):
    code, out, _ = run("--mutants", "--only", "answer_handover", "--workers", "1", "--json")
    report = json.loads(out)
    assert (code, report["mutants"], report["violations"]) == (0, 2, [])


def test_the_command_saves_and_retells_what_it_finds(
    run: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    planted = without("hand_over_on_marketplace", "invoice registered")
    with monkeypatch.context() as patched:
        patched.setattr("b2b2c_saga.steps.ORDERS", planted.orders)
        code, out, _ = run("--world", "one unit", "--save", str(tmp_path))
        assert run("--world", "one unit", "--save", str(tmp_path / "none"))[0] != 0
    assert code == 1
    assert "VIOLATED" in out
    file = tmp_path / "found-one-unit.txt"
    assert "  -> HandOverOnMarketplace A attempt=1" in file.read_text()
    code, out, _ = run("--retell", str(file))
    assert (code, "written anew" in out) == (0, True)
    assert "  -> HandOverOnMarketplace A attempt=1" not in file.read_text()
    assert "as it was" in run("--retell", str(file))[1]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--world", "nowhere"), "no such world"),
        (("--mutants", "--only", "no such thing"), "no such mutant"),
        (("--retell", "none.txt"), "No such file"),
        (("--retell", str(HISTORIES / "test_histories.py")), "line 1: not an event"),
    ],
)
def test_a_mistake_on_the_command_line_is_named(words: tuple[str, ...], says: str):
    done = CliRunner().invoke(app, ["check", *words])
    assert done.exit_code == 1
    assert says in done.stderr
