"""What the gateway counts, in Prometheus' words: `GET /metrics`. Labels are its paths and HTTP's statuses, no order."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

GATEWAY = CollectorRegistry()
ANSWERED = Counter("b2b2c_gateway_answered", "Calls by what they were answered", ["path", "status"], registry=GATEWAY)
SECONDS = Histogram(
    "b2b2c_gateway_seconds",
    "From a call to its answer",
    ["path"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30),
    registry=GATEWAY,
)
READY = Gauge("b2b2c_gateway_ready", "1: Kafka answers and replies are followed; 0: calls get 503", registry=GATEWAY)
