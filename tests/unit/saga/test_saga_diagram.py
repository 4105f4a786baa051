"""Drawings of steps, of all together, and of states: text for text, from what was declared and seen."""

import subprocess
import sys
from datetime import datetime, timedelta

import pytest

from b2b2c_saga.model.messages import Message
from b2b2c_saga.model.messages.answers import PackUnanswered
from b2b2c_saga.model.messages.commands import HandOverOnMarketplace, PackOnMarketplace
from b2b2c_saga.model.messages.replies import PackAnswered
from b2b2c_saga.model.messages.upstream import PackConfirmed
from b2b2c_saga.model.shipment import Fulfilment
from b2b2c_saga.saga.check.history import Sagas
from b2b2c_saga.saga.check.worlds import WORLDS
from b2b2c_saga.saga.diagrams.mermaid import quoted
from b2b2c_saga.saga.diagrams.named import named
from b2b2c_saga.saga.diagrams.seen import Cause, Condition, Move, Seen, Turn
from b2b2c_saga.saga.diagrams.state_chart import state_chart
from b2b2c_saga.saga.diagrams.step_chart import step_chart
from b2b2c_saga.saga.diagrams.walk import walk
from b2b2c_saga.saga.diagrams.whole_chart import gates_chart, idle
from b2b2c_saga.saga.steps import After, Scope, Step
from b2b2c_saga.steps import ORDERS, STOCK

NOW = datetime(2026, 1, 1)  # noqa: DTZ001 - nobody looks at it
SAGAS = Sagas(ORDERS, STOCK)
CONFIRMED = Cause("packing", "PackConfirmed", is_gate=False)
SENT = Cause("packing", "send_pack", is_gate=True)
CANCELLED = Cause("cancel", "assign_cancellation", is_gate=True)


def made_up_step() -> Step:
    step = Step("packing")
    step.learns(PackConfirmed, {"order known": all}, {'more than is "open" & <left>': any})(lambda row, event, now: row)
    step.learns(PackUnanswered)(lambda row, event, now: row)
    boxes = Scope("box", lambda row: iter([(row,)]), lambda path, new: new)

    @step.gate(boxes, units_left=bool, not_too_soon=After(lambda b: NOW, lambda b: timedelta(0)))
    def send_pack(box: object, now: datetime) -> tuple[object, list[Message]]:
        """What is sent."""
        return box, [PackOnMarketplace.model_construct(), HandOverOnMarketplace.model_construct()]

    @step.gate(boxes, units_left=bool)
    def tell(box: object, now: datetime) -> tuple[object, list[Message]]:
        """What is told."""
        return box, [PackAnswered.model_construct()]

    return step


def what_was_seen() -> Seen:
    left, soon = Condition("packing", "send_pack", "units left"), Condition("packing", "send_pack", "not too soon")
    turns = {Turn(CONFIRMED, left, holds=True), Turn(CANCELLED, left, holds=False)}
    turns |= {Turn(cause, Condition("packing", "tell", left.label), holds) for cause, _, holds in turns}
    return Seen(
        sent={("packing", "send_pack", PackOnMarketplace), ("packing", "tell", PackAnswered)},
        turns={*turns, Turn(Cause("packing", "PackUnanswered", is_gate=False), left._replace(label=""), holds=True)},
        births={Turn(CONFIRMED, soon, holds=True)},
        clocks={(SENT._replace(name="tell"), soon)},
        opens={(CONFIRMED, "packing", "send_pack"), (CONFIRMED, "packing", "tell")},
        answers={(PackOnMarketplace, PackUnanswered)},
    )


def test_a_step_is_drawn_from_what_it_declares_and_what_was_seen():
    drawn = step_chart(made_up_step(), what_was_seen())

    assert [line for line in drawn.splitlines() if "classDef" not in line] == [
        '%%{init: {"flowchart": {"nodeSpacing": 18, "rankSpacing": 45}}}%%',
        "flowchart LR",
        (
            '  PackConfirmed("<b>PackConfirmed</b><br/>waits for: order known'
            '<br/>refused: more than is #34;open#34; #38; #60;left#62;"):::upstream'
        ),
        '  PackUnanswered("<b>PackUnanswered</b><br/>answers PackOnMarketplace"):::answer',
        '  packing_send_pack_0["units left"]:::condition',
        '  cancel_assign_cancellation["assign cancellation<br/>(cancel)"]:::elsewhere',
        '  packing_send_pack_1{{"not too soon"}}:::time',
        '  packing_send_pack[["<b>send pack</b><br/>each box<br/>again after PackUnanswered"]]:::gate',
        '  send_HandOverOnMarketplace[/"<b>HandOverOnMarketplace</b><br/>to Marketplace"/]:::command',
        '  send_PackOnMarketplace[/"<b>PackOnMarketplace</b><br/>to Marketplace"/]:::command',
        '  packing_tell[["<b>tell</b><br/>each box"]]:::gate',
        '  send_PackAnswered>"<b>PackAnswered</b><br/>to topic replies"]:::message',
        "  cancel_assign_cancellation --x packing_send_pack_0",
        "  PackConfirmed --> packing_send_pack_0",
        "  packing_send_pack_0 --> packing_send_pack",
        "  packing_tell -.->|since| packing_send_pack_1",
        "  packing_send_pack_1 --> packing_send_pack",
        "  packing_send_pack -.-x send_HandOverOnMarketplace",
        "  packing_send_pack --> send_PackOnMarketplace",
        "  packing_send_pack_0 --> packing_tell",
        "  packing_tell --> send_PackAnswered",
    ]


def test_all_together_a_gate_that_only_tells_is_a_line_where_it_is_opened():
    drawn = gates_chart([made_up_step()], what_was_seen())

    assert [line for line in drawn.splitlines() if "classDef" not in line][1:] == [
        "flowchart TB",
        '  packing_send_pack[["<b>send pack</b><br/>PackOnMarketplace to Marketplace"]]:::gate',
        '  PackConfirmed("<b>PackConfirmed</b><br/>tells PackAnswered"):::upstream',
        "  PackConfirmed --> packing_send_pack",
    ]
    assert idle([made_up_step()], what_was_seen()) == [PackUnanswered]


def test_what_leads_from_one_state_to_the_same_other_is_one_arrow():
    moves = {
        Move("PACKED", "CLOSED", Cause("returns", "close", is_gate=True), by_time=True),
        Move("OPEN", "PACKED", Cause("pack", "pack_up", is_gate=True), by_time=False),
        Move("OPEN", "PACKED", Cause("pack", "pack_up", is_gate=True), by_time=True),
        Move("OPEN", "PACKED", Cause("pack", "PackConfirmed", is_gate=False), by_time=False),
        Move("[*]", "OPEN", Cause("intake", "OrderPlaced", is_gate=False), by_time=False),
    }

    assert state_chart(Fulfilment, moves).splitlines() == [
        "stateDiagram-v2",
        "  direction TB",
        "  [*] --> OPEN: OrderPlaced",
        "  OPEN --> PACKED: PackConfirmed<br/>pack up",
        "  PACKED --> CLOSED: close (in time)",
    ]


def test_code_is_asked_for_the_messages_it_names_also_through_what_it_calls():
    gates = {(step.name, gate.name): named(gate.opens) for step in ORDERS.steps for gate in step.gates}

    assert gates["pack", "pack_on_marketplace"] == {PackOnMarketplace}
    assert {kind.__name__ for kind in gates["reversals", "update_inventory"]} == {"StockCounted"}
    assert {kind.__name__ for kind in gates["alerts", "alert_about_shipment"]} == {"AlertRaised"}
    assert gates["returns", "close"] == frozenset()


@pytest.fixture(scope="module")
def one_unit() -> Seen:
    return walk([WORLDS["one unit"]], SAGAS, 300)


def test_a_walk_sees_what_a_handover_waits_for(one_unit: Seen):
    waits = {
        (turn.cause.name, turn.condition.label)
        for turn in one_unit.turns
        if turn.condition[:2] == ("handover", "hand_over_on_marketplace") and turn.holds and turn.condition.label
    }

    assert waits == {
        ("HandoverRequested", "handover requested"),
        ("InvoiceRegistered", "invoice registered"),
        ("MarketplacePacked", "marketplace documents"),
    }
    assert ("handover", "hand_over_on_marketplace", HandOverOnMarketplace) in one_unit.sent


def test_a_walk_sees_the_way_of_an_order(one_unit: Seen):
    way = {(move.before, move.after): move.cause.name for move in one_unit.fulfilment}

    assert way["[*]", "OPEN"] == "OrderPlaced"
    assert way["OPEN", "PACKING"] == "PackConfirmed"
    assert way["PACKING", "PACKED"] == "MarketplacePacked"
    assert way["PACKED", "HANDING_OVER"] == "hand_over_on_marketplace"
    assert way["HANDING_OVER", "HANDED_OVER"] == "HandedOver"
    assert way["HANDED_OVER", "DELIVERED"] == "Delivered"
    assert {move.by_time for move in one_unit.fulfilment if move[:2] == ("DELIVERED", "CLOSED")} == {True}


SHOW = """
from b2b2c_saga.saga.check.history import Sagas
from b2b2c_saga.saga.check.worlds import WORLDS
from b2b2c_saga.saga.diagrams.pages import pages
from b2b2c_saga.saga.diagrams.walk import walk
from b2b2c_saga.steps import ORDERS, STOCK
sagas = Sagas(ORDERS, STOCK)
print(pages(sagas, walk([WORLDS["part of a shipment"], WORLDS["stock"]], sagas, 120)))
"""


def test_the_same_steps_give_the_same_drawing_whatever_the_hashes():
    told = {
        subprocess.run(
            [sys.executable, "-c", SHOW], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }

    assert len(told) == 1
    assert "hand over on marketplace" in told.pop()


@pytest.mark.parametrize("text", ['a "b"', "a & b", "<i>a</i>", "a; b", "`a`", "a#b", "a\\b"])
def test_a_label_can_break_nothing(text: str):
    assert not set(quoted(text).replace("#", "").replace(";", "")) & set('"&<>`\\')
