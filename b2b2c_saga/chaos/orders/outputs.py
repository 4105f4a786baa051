"""Outputs as they were decided against outputs as they lie on their topics, key by key."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from b2b2c_saga.bus.records import Headers, Record, header_values
from b2b2c_saga.chaos.orders.violations import Kind, Violation
from b2b2c_saga.runtime.engine import Send

ID = "ce_id"
Where = tuple[str, bytes]
"""Topic and key."""


def compare_outputs(
    decided: Mapping[Where, Sequence[Send]], sent: Mapping[Where, Sequence[Record]]
) -> Iterator[Violation]:
    """None missing, none without a decision, none twice; each as it was decided, in the order of the decisions.

    An answer to a request that is repeated has the same id each time: ids are counted, not merely looked for.
    """
    for where in {**decided, **sent}:
        yield from _compare(where, decided.get(where, ()), sent.get(where, ()))


def compare_told(
    decided: Iterable[Mapping[Where, Sequence[Send]]], sent: Iterable[Mapping[Where, Sequence[Record]]]
) -> Iterator[Violation]:
    """The same for what rows of several slices told one row: it lies in no order that anybody decided."""
    all_decided: dict[Where, list[Send]] = defaultdict(list)
    all_sent: dict[Where, list[Record]] = defaultdict(list)
    for of_slice in decided:
        for where, sends in of_slice.items():
            all_decided[where] += sends
    for told in sent:
        for where, records in told.items():
            all_sent[where] += records
    for where in {**all_decided, **all_sent}:
        by_id = sorted(all_decided[where], key=lambda send: _id(send.headers))
        yield from _compare(where, by_id, sorted(all_sent[where], key=lambda record: _id(record.headers)))


def _compare(where: Where, decided: Sequence[Send], sent: Sequence[Record]) -> Iterator[Violation]:
    topic, key = where
    wanted, found = [_id(send.headers) for send in decided], [_id(record.headers) for record in sent]
    if wanted == found:
        for send, record in zip(decided, sent, strict=True):
            if (send.value, send.headers) != (record.value, tuple(record.headers)):
                yield _violation(Kind.OUTPUT_CONTENT, key, topic, record)
        return
    counts, seen = Counter(wanted), Counter[str]()
    for record, id_ in zip(sent, found, strict=True):
        seen[id_] += 1
        if not counts[id_]:
            yield _violation(Kind.OUTPUT_EXTRA, key, topic, record)
        elif seen[id_] > counts[id_]:
            yield _violation(Kind.OUTPUT_TWICE, key, topic, record)
    for id_, lacking in (counts - seen).items():
        send = next(send for send in decided if _id(send.headers) == id_)
        what = f"{topic}: {_named(send.headers)}, {lacking} of {counts[id_]}"
        yield Violation(Kind.OUTPUT_MISSING, key.decode(errors="replace"), what)
    if counts == seen:
        at = next(n for n, (a, b) in enumerate(zip(wanted, found, strict=True)) if a != b)
        yield _violation(Kind.OUTPUT_ORDER, key, topic, sent[at])


def _violation(kind: Kind, key: bytes, topic: str, record: Record) -> Violation:
    what = f"{topic}:{record.partition}:{record.offset}: {_named(tuple(record.headers))}"
    return Violation(kind, key.decode(errors="replace"), what)


def _id(headers: Headers) -> str:
    return header_values(headers).get(ID, b"?").decode()


def _named(headers: Headers) -> str:
    said = header_values(headers)
    return f"{said.get('ce_type', b'?').decode()} {said.get(ID, b'?').decode()}"
