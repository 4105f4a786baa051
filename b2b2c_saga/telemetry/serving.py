"""How Prometheus reads the metrics of a process that has no HTTP of its own."""

from prometheus_client import start_http_server

from b2b2c_saga.model.errors import BadInput


def serve(port: int, host: str = "127.0.0.1") -> None:
    """Answer `GET /metrics` on a port of this machine, in a thread, until the process ends.

    Raises:
        BadInput: the port can't be had.
    """
    try:
        start_http_server(port, addr=host)
    except (OSError, OverflowError) as error:
        rule = f"a port that is free: {getattr(error, 'strerror', None) or error}"
        raise BadInput("metrics can't be served", field="--metrics-port", value=port, rule=rule) from None
