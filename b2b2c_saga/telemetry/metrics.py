"""Metrics of the worker, in Prometheus' words. Labels are topics, partition numbers and classes: never a key."""

from prometheus_client import Counter, Gauge, Histogram

EVENTS = Counter("b2b2c_events", "Events decided and committed", ["topic"])
BATCHES = Counter("b2b2c_batches", "Transactions committed", ["partition"])
PARKED = Counter("b2b2c_parked", "Records parked", ["reason"])
RELEASED = Counter("b2b2c_released", "Released records by what became of them: decided, parked, skipped", ["outcome"])
MOVED = Counter("b2b2c_moved", "Records found on the wrong partition and moved to the right one", ["topic"])
ALARMS = Counter("b2b2c_alarms", "Alarms rung and committed", ["table"])
HOLES = Counter("b2b2c_holes", "Holes between fetched batches, asked for again", ["topic"])
DELETED_UNREAD = Counter(
    "b2b2c_deleted_unread",
    "Offsets that retention or an operator deleted before they were read; told at each take-over until the next commit",
    ["topic"],
)
UNDECODABLE = Counter(
    "b2b2c_undecodable", "Records and batches met that Kafka's client can't take apart, at each reading", ["topic"]
)
ABORTS = Counter("b2b2c_aborts", "Transactions that failed with a known outcome", ["partition"])
RESTARTS = Counter("b2b2c_writer_restarts", "Writers started anew after a failure", ["partition"])
WRITER_READY = Gauge("b2b2c_writer_ready", "1: takes events; 0: recovers, settles or has failed", ["partition"])
FENCED = Counter("b2b2c_fenced", "Writers that found a newer owner of their partition", ["partition"])
BATCH_EVENTS = Histogram("b2b2c_batch_events", "Events and alarms in a batch", buckets=(1, 3, 10, 30, 100, 200, 500))
COMMIT_SECONDS = Histogram(
    "b2b2c_commit_seconds", "From the first send of a batch to its commit", buckets=(0.005, 0.01, 0.03, 0.1, 0.3, 1, 3)
)
REBALANCE_SECONDS = Histogram(
    "b2b2c_rebalance_seconds",
    "From the first partition called back to the assignment that follows; 0 at the start",
    buckets=(0.1, 0.3, 1, 3, 10),
)
ROWS = Gauge("b2b2c_rows", "Rows held in memory", ["table", "partition"])
PARKED_KEYS = Gauge("b2b2c_parked_keys", "Keys whose records are parked as they come", ["table", "partition"])
CONFIG_VERSION = Gauge("b2b2c_config_version", "Version of the configuration that new orders are taken in with")


def forget_partition(number: int) -> None:
    """A partition has gone to another process: it tells of it from now on."""
    for gauge in (WRITER_READY, ROWS, PARKED_KEYS):
        for sample in [sample for metric in gauge.collect() for sample in metric.samples]:
            if sample.labels["partition"] == str(number):
                gauge.remove(*sample.labels.values())
