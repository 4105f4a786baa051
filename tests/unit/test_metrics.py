"""Metrics are served where they are asked for; what is told of a partition ends when it has gone to another process."""

import socket
from collections.abc import Iterator

import httpx
import pytest
from prometheus_client import REGISTRY
from typer.testing import CliRunner

from b2b2c_saga.bus.broker.probe import free_port
from b2b2c_saga.cli import app
from b2b2c_saga.connectors.counts import ANSWERED
from b2b2c_saga.telemetry import metrics
from b2b2c_saga.telemetry.serving import serve


def told() -> set[tuple[str, str]]:
    """The gauges by partition."""
    names = ("b2b2c_writer_ready", "b2b2c_rows", "b2b2c_parked_keys")
    samples = (sample for metric in REGISTRY.collect() if metric.name in names for sample in metric.samples)
    return {(sample.name, sample.labels["partition"]) for sample in samples}


def test_nothing_is_told_of_a_partition_that_was_given_away():
    for number in (7_001, 7_002):
        metrics.WRITER_READY.labels(number).set(1)
        for table in ("orders-changelog", "stock-changelog"):
            metrics.ROWS.labels(table, number).set(3)
            metrics.PARKED_KEYS.labels(table, number).set(1)
    metrics.forget_partition(7_001)
    assert {name for name, partition in told() if partition == "7001"} == set()
    assert {name for name, partition in told() if partition == "7002"} == {
        "b2b2c_writer_ready",
        "b2b2c_rows",
        "b2b2c_parked_keys",
    }
    metrics.forget_partition(7_001)
    metrics.forget_partition(7_002)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody has."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_metrics_are_served_on_the_loopback():
    port = free_port()
    serve(port)
    ANSWERED.labels("erp", "asked_in_a_test").inc()
    said = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
    assert 'b2b2c_connector_answered_total{call="asked_in_a_test",system="erp"} 1.0' in said


@pytest.mark.parametrize("command", ["connectors", "pull"])
def test_a_port_that_somebody_has_is_told_before_anything_begins(command: str, taken: int):
    said = CliRunner().invoke(app, [command, "--metrics-port", str(taken)])
    assert said.exit_code == 1
    assert f"--metrics-port = {taken}: a port that is free: " in said.stderr
