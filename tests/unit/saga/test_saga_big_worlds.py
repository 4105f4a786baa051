"""Random walks through worlds too big to explore: more shipments, more failures, the check's own rules at each step."""

from random import Random

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from ordered_worlds import moves, ways

from b2b2c_saga.saga.check.history import Happened, entries
from b2b2c_saga.saga.check.samples import (
    FIRM,
    PASS_THROUGH,
    WMS,
    b2b_pack,
    cancel,
    come_back,
    count,
    handover,
    order,
    pack,
)
from b2b2c_saga.saga.check.transitions import Transitions
from b2b2c_saga.saga.check.worlds import Setting
from b2b2c_saga.steps import ORDERS, STOCK

THREE = Setting(
    (order(K=3, L=2), pack("A", 1, line="K"), pack("B", 2, "q2", "K"), pack("C", 2, "q3"), pack("A", 1, "q4", "K"),
     handover("A"), handover("B", "h2"), handover("C", "h3"), cancel(1, "K"), cancel(2, "K"), cancel(1)),
    (come_back("B", "R1", "B0", line="K"), come_back("B", "R2", "B0", "B1", line="K"), come_back("C", "R3", "C0")),
    faults=6, delays=3, quirks=2,
)  # fmt: skip
WHOLE = Setting((*THREE.events, cancel(3, "K"), cancel(2)), THREE.after_handover, faults=6, delays=3, quirks=2)
PLAIN = Setting(THREE.events, THREE.after_handover, faults=4, delays=2, quirks=1, terms=PASS_THROUGH)
FIRM_ONE = Setting(THREE.events, THREE.after_handover, faults=4, delays=2, quirks=2, fixes=3, terms=FIRM)
WAREHOUSE = Setting(
    (*THREE.events, b2b_pack("A", 1, "K"), b2b_pack("B", 2, "K"), b2b_pack("C", 2)), THREE.after_handover,
    faults=5, delays=2, quirks=2, fixes=3, terms=WMS,
)  # fmt: skip
COUNTS = Setting(tuple(count(version, 10 - version) for version in range(1, 6)), faults=6, delays=4)
STEPS_AT_MOST = 2_000


@settings(max_examples=60, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(st.sampled_from([THREE, WHOLE, PLAIN, FIRM_ONE, WAREHOUSE, COUNTS]), st.integers(0, 2**32))
def test_whatever_happens_in_a_big_world_it_comes_to_rest_and_the_books_agree(setting: Setting, seed: int):
    random, saga = Random(seed), STOCK if setting.is_stock else ORDERS
    step = Transitions(saga, is_stock=setting.is_stock)
    first = world = setting.world()  # kept: they know rows by identity, and a dead one's may be given again
    happened: list[Happened] = []

    def told() -> str:
        return "\n".join(entries(saga, setting.world().row, happened))

    for _ in range(STEPS_AT_MOST):
        next_ones = moves(step, world)
        if not next_ones:
            break
        event, before = random.choice(next_ones)
        happened.append(Happened(event, before.now))
        reached = ways(step, (event, before))
        assert [broken for _, broken in reached if broken] == [], told()
        world, _ = random.choice(reached)
    assert not list(step.moves(world)), "never came to rest"
    assert step.at_rest(world) == [], told()
    assert not first.done
