"""Faust's and aiokafka's private parts that the engine reaches into: another version fails here, not in production."""

import inspect
import re
from pathlib import Path

import faust
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.producer.transaction_manager import TransactionManager
from faust.transport.consumer import ThreadDelegateConsumer
from faust.transport.drivers import aiokafka as driver
from faust.types import ConsumerMessage

from b2b2c_saga.bus.security import connection
from b2b2c_saga.model.errors import Bug
from b2b2c_saga.runtime import engine
from b2b2c_saga.runtime.engine import transport
from b2b2c_saga.runtime.engine.labels import Fetched, Place
from b2b2c_saga.runtime.engine.owners import Owners
from b2b2c_saga.settings import Settings


@pytest.mark.parametrize(
    ("owner", "name", "parameters"),
    [
        (driver.AIOKafkaConsumerThread, "_create_worker_consumer", ["self", "transport"]),
        (
            driver.AIOKafkaConsumerThread,
            "_fetch_records",
            ["self", "consumer", "active_partitions", "timeout", "max_records"],
        ),
        (driver.AIOKafkaConsumerThread, "_ensure_consumer", ["self"]),
        (driver.AIOKafkaConsumerThread, "call_thread", ["self", "fun", "args", "kwargs"]),
        (driver.Consumer, "_new_consumer_thread", ["self"]),
        (driver.Consumer, "getmany", ["self", "timeout"]),
        (driver.Consumer, "_wait_next_records", ["self", "timeout"]),
        (driver.Consumer, "perform_seek", ["self"]),
        (driver.Consumer, "commit", ["self", "topics", "start_new_transaction"]),
        (driver.Consumer, "_add_gap", ["self", "tp", "offset_from", "offset_to"]),
        (driver.Consumer, "track_message", ["self", "message"]),
        (driver.Consumer, "verify_event_path", ["self", "now", "tp"]),
        (faust.App, "_new_transport", ["self"]),
        (faust.App, "_create_directories", ["self"]),
        (faust.App, "_on_partitions_revoked", ["self", "revoked"]),
    ],
)
def test_what_we_override_or_call_is_still_there(owner: type, name: str, parameters: list[str]):
    assert list(inspect.signature(getattr(owner, name)).parameters) == parameters


def test_faust_still_takes_records_where_we_label_them():
    source = inspect.getsource(driver.AIOKafkaConsumerThread._fetch_records)
    assert "fetcher.fetched_records(" in source
    assert "self._fetch_records," in inspect.getsource(driver.AIOKafkaConsumerThread.getmany)
    assert "self._thread = self._new_consumer_thread()" in inspect.getsource(ThreadDelegateConsumer.__init__)


def test_faust_still_drops_what_lies_before_the_last_offset_it_saw():
    """So offsets of Faust messages count up, whatever a writer asks for again (see `Consumer.getmany`)."""
    source = inspect.getsource(driver.Consumer._drain_messages)
    assert "r_offset is None or offset >= r_offset" in source


def test_faust_uses_its_own_assignor_although_there_are_no_tables():
    source = inspect.getsource(driver.AIOKafkaConsumerThread._create_worker_consumer)
    assert "table_standby_replicas > 0" in re.sub(r"\s+", " ", source)


def test_a_revocation_waits_for_our_signal():
    assert "await T(self.on_partitions_revoked.send)(revoked)" in inspect.getsource(faust.App._on_partitions_revoked)


async def test_aiokafka_still_keeps_what_we_set_and_read():
    consumer = AIOKafkaConsumer()
    assert {"_isolation_level", "_fetch_max_wait_ms"} <= vars(consumer).keys()
    producer = AIOKafkaProducer(transactional_id="t")
    try:
        assert {"_txn_manager", "_sender", "client"} <= vars(producer).keys()
        assert hasattr(producer._sender, "sender_task")
        assert isinstance(producer._txn_manager, TransactionManager)
        assert (producer._txn_manager.producer_id, producer._txn_manager.producer_epoch) == (-1, -1)
    finally:
        await producer.stop()
        await consumer.stop()


def test_a_message_carries_a_whole_batch():
    names = list(inspect.signature(ConsumerMessage.__init__).parameters)
    assert names[1:13] == [
        "topic", "partition", "offset", "timestamp", "timestamp_type", "headers",
        "key", "value", "checksum", "serialized_key_size", "serialized_value_size", "tp",
    ]  # fmt: skip


def test_only_one_module_of_ours_knows_faust():
    folder = Path(engine.__file__).parent
    knowing = {
        path.name
        for path in folder.glob("*.py")
        if "faust" in re.findall(r"^(?:from|import) (\w+)", path.read_text(), re.MULTILINE)
    }
    assert knowing == {Path(transport.__file__).name}


class _Writer:
    def __init__(self, number: int) -> None:
        self.number = number
        self.told: list[str] = []

    def start(self) -> None:
        self.told.append("start")

    async def settle(self) -> None:
        self.told.append("settle")

    async def close(self) -> None:
        self.told.append("close")

    def submit(self, fetched: Fetched) -> None:
        self.told.append(f"submit {fetched.previous}")


async def test_writers_stay_while_their_partition_does():
    made: dict[int, _Writer] = {}
    owners = Owners(["intake", "pack"], lambda number: made.setdefault(number, _Writer(number)))  # type: ignore[arg-type]
    await owners.assigned([Place(topic, number) for topic in ("intake", "pack") for number in (0, 1)])
    owners.submit(Fetched(Place("intake", 1), [], 7, 1))
    await owners.revoked()
    owners.submit(Fetched(Place("intake", 1), [], 8, 1))
    await owners.assigned([Place("intake", 0), Place("pack", 0)])
    await owners.close()
    assert made[0].told == ["start", "settle", "settle", "start", "close"]
    assert made[1].told == ["start", "submit 7", "settle", "settle", "close"]


async def test_a_split_partition_number_is_refused():
    owners = Owners(["intake", "pack"], _Writer)  # type: ignore[arg-type, return-value]
    with pytest.raises(Bug, match=r"\{1: \['pack'\]\}"):
        await owners.assigned([Place("intake", 0), Place("pack", 0), Place("intake", 1)])


@pytest.mark.parametrize(
    ("protocol", "expected"),
    [("PLAINTEXT", None), ("SSL", "SSL"), ("SASL_PLAINTEXT", "SASL_PLAINTEXT"), ("SASL_SSL", "SASL_SSL")],
)
def test_faust_connects_as_our_other_clients_do(protocol: str, expected: str | None):
    settings = Settings(
        _env_file=None, bootstrap_servers="h:1", security_protocol=protocol, sasl_username="u", sasl_password="p"
    )
    credentials = transport._credentials(connection(settings))
    options = driver.credentials_to_aiokafka_auth(credentials)
    ours = connection(settings)
    assert options["security_protocol"] == (expected or "PLAINTEXT")
    for name in ("sasl_mechanism", "sasl_plain_username", "sasl_plain_password"):
        assert options.get(name) == ours.get(name)
    assert ("ssl_context" in options and options["ssl_context"] is not None) == protocol.endswith("SSL")
