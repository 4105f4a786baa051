"""Kafka as one writer's protocol sees it: partitions, the transaction coordinator, and a group's offsets.

Each request is one step; what the coordinator does after its answer (markers, partition by partition) and by itself
(ending transactions that last too long) are later steps, through `later`. The states and answers are those of
`TransactionMetadata` and `TransactionCoordinator` of Kafka 4 for clients that speak its first transaction protocol, as
aiokafka 0.14 does: the epoch stays the same from commit to commit.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from model_log import INVALID_PRODUCER_EPOCH, MESSAGE_TOO_LARGE, NONE, Line, PartitionLog

from b2b2c_saga.runtime.engine.labels import Place

INVALID_TXN_STATE = 48
INVALID_PRODUCER_ID_MAPPING = 49
CONCURRENT_TRANSACTIONS = 51
OFFSETS = Place("__consumer_offsets", 0)
LARGEST = 3_000
"""Bytes of a record batch that the broker takes."""

Later = Callable[[str, Callable[[], None]], None]


class State(Enum):
    """Of a transactional id."""

    EMPTY = "empty"
    ONGOING = "ongoing"
    PREPARE_COMMIT = "prepare commit"
    PREPARE_ABORT = "prepare abort"
    COMMITTED = "committed"
    ABORTED = "aborted"


PREPARED = (State.PREPARE_COMMIT, State.PREPARE_ABORT)


@dataclass(slots=True)
class Transactional:
    """What the coordinator knows of one transactional id."""

    producer: int
    epoch: int
    timeout: float
    state: State = State.EMPTY
    places: set[Place] = field(default_factory=set)
    begun: int = 0
    """Number of its transactions."""

    def refusal(self, producer: int, epoch: int) -> int:
        """Why a request is refused whatever it asks for."""
        if producer != self.producer:
            return INVALID_PRODUCER_ID_MAPPING
        return NONE if epoch == self.epoch else INVALID_PRODUCER_EPOCH


class Broker:
    """`later(why, step)` has the caller run a step at a time of its choice; `why` is "marker" or "timeout N"."""

    def __init__(self, topics: Mapping[str, int], later: Later) -> None:
        self.logs = {Place(topic, n): PartitionLog(topic, n) for topic, count in topics.items() for n in range(count)}
        self.ids: dict[str, Transactional] = {}
        self.offsets: dict[Place, int] = {}
        self._pending: dict[int, dict[Place, int]] = {}
        self._later = later
        self.decided: Callable[[str, int, bool, dict[Place, int]], None] = lambda *_: None
        """Called when a transaction's end is decided: id, producer, whether committed, its offsets."""
        self.moved: Callable[[Place], None] = lambda _: None
        """Called when there may be more to read."""

    def publish(self, place: Place, lines: list[Line]) -> int:
        """Somebody else's records, outside of any transaction."""
        base = self.logs[place].append(lines)
        self.moved(place)
        return base

    def init_producer_id(self, name: str, timeout: float) -> tuple[int, int, int]:
        """Error, producer id, epoch."""
        found = self.ids.get(name)
        if found is None:
            found = self.ids[name] = Transactional(len(self.ids) + 1, 0, timeout)
            return NONE, found.producer, found.epoch
        if found.state in PREPARED:
            return CONCURRENT_TRANSACTIONS, -1, -1
        if found.state is State.ONGOING:
            found.epoch += 1  # fences at once; the client asks again until the abort is done
            self._end(name, found, commit=False)
            return CONCURRENT_TRANSACTIONS, -1, -1
        found.epoch += 1
        found.timeout = timeout
        found.state = State.EMPTY
        return NONE, found.producer, found.epoch

    def add(self, name: str, producer: int, epoch: int, places: Iterable[Place]) -> int:
        """AddPartitionsToTxn; with `OFFSETS`, AddOffsetsToTxn."""
        found = self.ids[name]
        if refused := found.refusal(producer, epoch):
            return refused
        if found.state in PREPARED:
            return CONCURRENT_TRANSACTIONS
        if found.state is not State.ONGOING:
            found.state = State.ONGOING
            found.begun += 1
            begun = found.begun
            self._later(f"timeout {found.timeout}", lambda: self._expire(name, begun))
        found.places.update(places)
        return NONE

    def produce(self, name: str, producer: int, epoch: int, place: Place, first: int, lines: list[Line], size: int):
        """Error and offset. As since Kafka 3.6, the coordinator is asked whether such a transaction is open."""
        if size > LARGEST:
            return MESSAGE_TOO_LARGE, -1
        if refused := self._not_in(name, producer, epoch, place):
            return refused, -1
        return self.logs[place].produce(producer, epoch, first, lines)

    def commit_offsets(self, name: str, producer: int, epoch: int, offsets: Mapping[Place, int]) -> int:
        """TxnOffsetCommit."""
        if refused := self._not_in(name, producer, epoch, OFFSETS):
            return refused
        self._pending.setdefault(producer, {}).update(offsets)
        return NONE

    def end(self, name: str, producer: int, epoch: int, commit: bool) -> int:  # noqa: FBT001
        """EndTxn: answered once it is decided; the markers follow."""
        found = self.ids[name]
        if refused := found.refusal(producer, epoch):
            return refused
        match found.state:
            case State.ONGOING:
                self._end(name, found, commit=commit)
                return NONE
            case State.COMMITTED:
                return NONE if commit else INVALID_TXN_STATE
            case State.ABORTED:
                return INVALID_TXN_STATE if commit else NONE
            case State.PREPARE_COMMIT:
                return CONCURRENT_TRANSACTIONS if commit else INVALID_TXN_STATE
            case State.PREPARE_ABORT:
                return INVALID_TXN_STATE if commit else CONCURRENT_TRANSACTIONS
            case _:
                return INVALID_TXN_STATE

    def _not_in(self, name: str, producer: int, epoch: int, place: Place) -> int:
        found = self.ids[name]
        if refused := found.refusal(producer, epoch):
            return refused
        return NONE if found.state is State.ONGOING and place in found.places else INVALID_TXN_STATE

    def _expire(self, name: str, begun: int) -> None:
        found = self.ids[name]
        if found.state is State.ONGOING and found.begun == begun:
            found.epoch += 1
            self._end(name, found, commit=False)

    def _end(self, name: str, found: Transactional, *, commit: bool) -> None:
        found.state = State.PREPARE_COMMIT if commit else State.PREPARE_ABORT
        places, found.places = sorted(found.places), set()
        self.decided(name, found.producer, commit, dict(self._pending.get(found.producer, {})))
        left = set(places)

        def mark(place: Place) -> None:
            if place == OFFSETS:
                pending = self._pending.pop(found.producer, {})
                if commit:
                    self.offsets.update(pending)
            else:
                self.logs[place].mark(found.producer, found.epoch, commit)
                self.moved(place)
            left.discard(place)
            if not left:
                found.state = State.COMMITTED if commit else State.ABORTED

        for place in places:
            self._later("marker", lambda place=place: mark(place))
