"""Worlds in an order that is the same in every process: sets of strings come in another one each time."""

from b2b2c_saga.model.rows import encode_order, encode_stock
from b2b2c_saga.model.stock import Stock
from b2b2c_saga.saga.check.outside import World
from b2b2c_saga.saga.check.transitions import Move, Transitions


def moves(step: Transitions, world: World) -> list[Move]:
    """All that may happen next, in order."""
    return sorted(step.moves(world), key=lambda move: (repr(move[0]), *_in_order(move[1])))


def ways(step: Transitions, move: Move) -> list[tuple[World, list[str]]]:
    """All worlds that a move leads to, in order, with what is broken."""
    return sorted(step.follow(*move), key=lambda way: _in_order(way[0]))


def _in_order(world: World) -> tuple[str, ...]:
    row = encode_stock(world.row) if isinstance(world.row, Stock) else encode_order(world.row)
    sets = (sorted(map(repr, part)) if isinstance(part, frozenset) else part for part in world[1:])
    return (row.decode(), *map(repr, sets))
