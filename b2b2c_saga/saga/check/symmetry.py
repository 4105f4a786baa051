"""Names that may be exchanged: of states that differ by nothing else, one is explored and stands for all.

Which lines, shipments, units, requests and returns of a world may be exchanged is computed: those renamings after which
its first state is the same. That the saga does not tell the names apart either is not taken on trust: the renamed
states of those explored are followed too, the first ones all, then one in so many, and must lead to the renamed
states. What does not (units of one line in two shipments: the first by name gives way) is explored without.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, permutations, product
from typing import Any

from b2b2c_saga.model.messages import Event, Message
from b2b2c_saga.saga.check.outside import World
from b2b2c_saga.saga.check.renaming import Renaming, Unknown
from b2b2c_saga.saga.check.transitions import Decided, Transitions
from b2b2c_saga.saga.decide import Alarm

KINDS = ("order_item_code", "shipment_id", "unit_code", "request_id", "return_order_code")
"""The fields whose values may be exchanged, among their like."""

AT_MOST = 24
"""Renamings of one world: each is tried on each new state."""

CANDIDATES_AT_MOST = 20_000
ALL_OF_THE_FIRST, THEN_ONE_IN = 500, 8


class ToldApart(Exception):  # noqa: N818 - not an error of anybody
    """The saga makes a difference between names."""


class Symmetry:
    """The renamings of one world."""

    def __init__(self, step: Transitions, start: World) -> None:
        self._step = step
        self.renamings = [Renaming(names) for names in exchangeable(start)]
        step.heard = self._learn_numbers if self.renamings else None

    def alike(self, w: World) -> set[World]:
        """The states that differ from this one by names alone.

        Raises:
            ToldApart: names it can't exchange.
        """
        try:
            return {renaming.world(w) for renaming in self.renamings} - {w}
        except Unknown as name:
            raise ToldApart(str(name)) from None

    def prove(self, w: World, nth: int) -> None:
        """That the states alike lead to the states alike; of the nth state explored, if it is its turn.

        Raises:
            ToldApart: they don't.
        """
        if not self.renamings or (nth > ALL_OF_THE_FIRST and nth % THEN_ONE_IN):
            return
        after = set(self._followed(w))
        for renaming in self.renamings:
            try:
                renamed = {world and renaming.world(world) for world in after}
                followed = set(self._followed(self._step.first(renaming.world(w))))
            except Unknown as name:
                raise ToldApart(str(name)) from None
            if renamed != followed:
                raise ToldApart(str(renaming))

    def _followed(self, w: World) -> Iterator[World | None]:
        for event, before in self._step.moves(w):
            for world, broken in self._step.follow(event, before):
                yield None if broken else world

    def _learn_numbers(self, row: object, event: Event | Alarm, now: Any, decided: Decided) -> None:  # noqa: ANN401
        """Numbers of documents are derived from names: those of the renamed row tell what they are renamed to."""
        for command in decided.outputs:
            for renaming in self.renamings:
                if renaming.misses(command):
                    twin = self._step.decide(renaming(row), renaming(event), now)
                    renaming.learn(command, twin.outputs)


def exchangeable(start: World) -> list[dict[str, str]]:
    """The renamings that leave a world as it is, but for that of nothing; none where there are too many."""
    said = (*start.flying, *start.after_handover)
    alike = [names for names in _alike(said) if len(names) > 1]
    if math.prod(math.factorial(len(names)) for names in alike) > CANDIDATES_AT_MOST:
        return []
    found = []
    for orders in product(*(permutations(names) for names in alike)):
        names = {old: new for old, new in zip(chain(*alike), chain(*orders), strict=True) if old != new}
        if names and Renaming(names).world(start) == start:
            found.append(names)
    return found if len(found) < AT_MOST else []


def _alike(said: Iterable[Message]) -> Iterator[list[str]]:
    """Names of one kind of which as much is said, in the same words."""
    kinds: dict[str, set[str]] = {}
    for kind, name in (found for message in said for found in _names(message.model_dump(mode="json"))):
        kinds.setdefault(name, set()).add(kind)
    kind_of = {name: kind for name, (kind, *others) in kinds.items() if not others}
    groups: dict[tuple[str, object], list[str]] = {}
    texts = [_WORD.findall(message.model_dump_json()) for message in said]
    for name, kind in sorted(kind_of.items()):
        about = sorted(sorted(_masked(words, name, kind_of)) for words in texts if name in words)
        groups.setdefault((kind, str(about)), []).append(name)
    yield from groups.values()


def _masked(words: list[str], name: str, kind_of: Mapping[str, str]) -> Iterator[str]:
    return ("*" if word == name else kind_of.get(word, word) for word in words)


def _names(value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - what JSON gives
    if isinstance(value, list):
        yield from chain.from_iterable(map(_names, value))
    if isinstance(value, dict):
        for field, held in value.items():
            kind = _SNAKE.get(field)
            if kind and isinstance(held, str):
                yield kind, held
            yield from _names(held)


_WORD = re.compile(r"[A-Za-z0-9]+")
_SNAKE = {re.sub(r"_(.)", lambda m: m[1].upper(), kind): kind for kind in KINDS}
