"""How a transaction ends, with a double in the producer's place: all of it or nothing, or nobody knows."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError, KafkaError, MessageSizeTooLargeError, ProducerFenced

from b2b2c_saga.runtime.engine import transaction
from b2b2c_saga.runtime.engine.labels import Place
from b2b2c_saga.runtime.engine.parking import Line
from b2b2c_saga.runtime.engine.transaction import Aborted, Fenced, Refused, Transactions, Unknown

RECORDS_OF_A_BATCH = 2
OUT, OTHER = Place("out", 0), Place("other", 0)
READ = {Place("intake", 0): 7}


class Builder:
    """A record batch that takes so many records."""

    def __init__(self) -> None:
        self.values: list[bytes | None] = []

    def append(self, *, timestamp: int | None, key: bytes, value: bytes | None, headers: object) -> object | None:
        if len(self.values) == RECORDS_OF_A_BATCH:
            return None
        self.values.append(value)
        return self

    def close(self) -> None:
        pass


class Producer:
    """Does what it is told to, in order, but for the steps that `fail`."""

    def __init__(self, fail: dict[str, list[KafkaError]], **_: object) -> None:
        self.fail = fail
        self.did: list[str] = []
        self.batches: list[tuple[str, list[bytes | None]]] = []
        self.client = SimpleNamespace(send=None)
        self._txn_manager = SimpleNamespace(producer_id=1, producer_epoch=0)

    def _do(self, step: str) -> None:
        self.did.append(step)
        if self.fail.get(step):
            raise self.fail[step].pop(0)

    async def start(self) -> None:
        self._do("start")

    async def stop(self) -> None:
        self._do("stop")

    async def begin_transaction(self) -> None:
        self._do("begin")

    def create_batch(self) -> Builder:
        return Builder()

    async def send_batch(self, batch: Builder, topic: str, partition: int) -> "asyncio.Future[None]":
        self.batches.append((topic, batch.values))
        delivery: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        try:
            self._do("send")
        except KafkaError as error:
            delivery.set_exception(error)
        else:
            delivery.set_result(None)
        return delivery

    async def send_offsets_to_transaction(self, offsets: object, group: str) -> None:
        self._do("offsets")

    async def abort_transaction(self) -> None:
        self._do("abort")

    async def commit_transaction(self) -> None:
        self._do("commit")


async def opened(monkeypatch: pytest.MonkeyPatch, **fail: list[KafkaError]) -> tuple[Transactions, Producer]:
    producer = Producer(fail)
    monkeypatch.setattr(transaction, "AIOKafkaProducer", lambda **_: producer)
    transactions = Transactions({}, "w-0", "group")
    await transactions.open()
    return transactions, producer


def lines(count: int) -> list[Line]:
    return [(b"k", b"%d" % n, [], None) for n in range(count)]


async def test_outputs_and_offsets_are_sent_and_then_committed(monkeypatch: pytest.MonkeyPatch):
    transactions, producer = await opened(monkeypatch)
    await transactions.commit({OUT: lines(5), OTHER: lines(1)}, READ)
    assert producer.did == ["start", "begin", *["send"] * 4, "offsets", "commit"]
    out = [("out", [b"0", b"1"]), ("out", [b"2", b"3"]), ("out", [b"4"])]
    assert producer.batches == [*out, ("other", [b"0"])]
    await transactions.close()


RESET, LARGE, FENCED = KafkaConnectionError("reset"), MessageSizeTooLargeError("large"), ProducerFenced("newer")


@pytest.mark.parametrize(
    ("fail", "ends", "aborts"),
    [
        ({"begin": [RESET]}, Aborted, True),
        ({"send": [RESET]}, Aborted, True),
        ({"send": [LARGE]}, Refused, True),
        ({"send": [RESET, LARGE]}, Refused, True),
        ({"send": [RESET, FENCED]}, Fenced, False),
        ({"offsets": [RESET]}, Aborted, True),
        ({"offsets": [FENCED]}, Fenced, False),
        ({"commit": [FENCED]}, Fenced, False),
        ({"commit": [RESET]}, Unknown, False),
        ({"send": [RESET], "abort": [RESET]}, Aborted, True),
    ],
    ids=str,
)
async def test_a_failure_is_known_for_what_it_is_and_the_producer_is_thrown_away(
    monkeypatch: pytest.MonkeyPatch, fail: dict[str, list[KafkaError]], ends: type[Exception], *, aborts: bool
):
    transactions, producer = await opened(monkeypatch, **{step: list(errors) for step, errors in fail.items()})
    with pytest.raises(ends):
        await transactions.commit({OUT: lines(2), OTHER: lines(1)}, READ)
    await transactions.close()
    assert ("abort" in producer.did, "stop" in producer.did) == (aborts, True)
    assert ("commit" in producer.did) == ("commit" in fail)
    with pytest.raises(Aborted, match="no producer"):
        await transactions.commit({OUT: lines(1)}, READ)


async def test_an_epoch_with_an_unanswered_request_carries_no_further_transaction(monkeypatch: pytest.MonkeyPatch):
    transactions, _ = await opened(monkeypatch)
    assert transactions._answers is not None
    transactions._answers.missing = True
    with pytest.raises(Fenced, match="another owner came between"):
        await transactions.commit({OUT: lines(1)}, READ)  # the double gives no newer epoch
    await transactions.close()


async def test_a_record_that_no_batch_takes_is_refused(monkeypatch: pytest.MonkeyPatch):
    def takes_nothing(*_: object, **__: Any) -> None:  # noqa: ANN401
        return None

    monkeypatch.setattr(Builder, "append", takes_nothing)
    transactions, _ = await opened(monkeypatch)
    with pytest.raises(Refused):
        await transactions.commit({OUT: lines(1)}, READ)
    await transactions.close()
