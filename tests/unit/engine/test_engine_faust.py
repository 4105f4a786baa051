"""Faust's and aiokafka's private parts that the engine reaches into: another version fails here, not in production."""

import inspect
import re
from pathlib import Path

import faust
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.consumer.group_coordinator import CoordinatorGroupRebalance, GroupCoordinator
from aiokafka.coordinator.protocol import ConsumerProtocol
from aiokafka.producer.transaction_manager import TransactionManager
from faust.transport.consumer import ThreadDelegateConsumer
from faust.transport.drivers import aiokafka as driver
from faust.types import ConsumerMessage

from b2b2c_saga.bus.security import connection
from b2b2c_saga.runtime import engine
from b2b2c_saga.runtime.engine import transport
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


def test_aiokafka_still_speaks_the_eager_protocol_alone():
    """See ADR 0012: all is called back before joining, all positions are new afterwards."""
    prepare = inspect.getsource(GroupCoordinator._on_join_prepare)
    assert "revoked = previous_assignment.tps" in prepare
    assert "assign_from_subscribed(assignment.partitions())" in inspect.getsource(GroupCoordinator._on_join_complete)
    assert "owned" not in str(ConsumerProtocol.METADATA.SCHEMA.names)


def test_a_static_member_still_leaves_without_a_word_and_its_requests_pass_where_we_listen():
    assert "self._group_instance_id is None" in inspect.getsource(GroupCoordinator._maybe_leave_group)
    for method in (
        GroupCoordinator._do_heartbeat,
        CoordinatorGroupRebalance.perform_group_join,
        CoordinatorGroupRebalance._send_sync_group_request,
    ):
        assert "_send_req(request)" in inspect.getsource(method)
    join = inspect.getsource(CoordinatorGroupRebalance.perform_group_join)
    assert "except Errors.KafkaError:" in join  # a join that we refuse is tried again later, until we have stopped


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
