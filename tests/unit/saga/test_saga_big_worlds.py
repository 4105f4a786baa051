"""Random walks through worlds too big to explore: more shipments, more failures, the check's own rules at each step."""

from random import Random

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from b2b2c_saga.saga.check.explore import _Search
from b2b2c_saga.saga.check.history import Happened, entries
from b2b2c_saga.saga.check.worlds import PASS_THROUGH, Setting, cancel, come_back, count, handover, order, pack
from b2b2c_saga.steps import ORDERS, STOCK

THREE = Setting(
    (order(K=3, L=2), pack("A", 1, line="K"), pack("B", 2, "q2", "K"), pack("C", 2, "q3"), pack("A", 1, "q4", "K"),
     handover("A"), handover("B", "h2"), handover("C", "h3"), cancel(1, "K"), cancel(2, "K"), cancel(1)),
    (come_back("B", "R1", "B0", line="K"), come_back("B", "R2", "B0", "B1", line="K"), come_back("C", "R3", "C0")),
    faults=6, delays=3, quirks=2,
)  # fmt: skip
WHOLE = Setting((*THREE.events, cancel(3, "K"), cancel(2)), THREE.after_handover, faults=6, delays=3, quirks=2)
PLAIN = Setting(THREE.events, THREE.after_handover, faults=4, delays=2, quirks=1, terms=PASS_THROUGH)
COUNTS = Setting(tuple(count(version, 10 - version) for version in range(1, 6)), faults=6, delays=4)
STEPS_AT_MOST = 2_000


@settings(max_examples=60, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(st.sampled_from([THREE, WHOLE, PLAIN, COUNTS]), st.integers(0, 2**32))
def test_whatever_happens_in_a_big_world_it_comes_to_rest_and_the_books_agree(setting: Setting, seed: int):
    random, saga = Random(seed), STOCK if setting.is_stock else ORDERS
    search: _Search = _Search(saga, is_stock=setting.is_stock)
    first = world = setting.world()  # kept: the search knows rows by identity, and a dead one's may be given again
    happened: list[Happened] = []

    def told() -> str:
        return "\n".join(entries(saga, setting.world().row, happened))

    for _ in range(STEPS_AT_MOST):
        moves = sorted(search._moves(world), key=repr)
        if not moves:
            break
        event, before = random.choice(moves)
        happened.append(Happened(event, before.now))
        ways = sorted(search._follow(event, before), key=repr)
        assert [broken for _, broken in ways if broken] == [], told()
        world, _ = random.choice(ways)
    assert not list(search._moves(world)), "never came to rest"
    assert search.rules.at_rest(world, lambda row: saga.waiting(row, world.now)) == [], told()
    assert not first.done
