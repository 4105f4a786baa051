"""Is a broker ready? Asked in Kafka's own protocol, and which ports are free."""

import socket
import struct
import sys

METADATA, VERSION, CORRELATION = 3, 1, 7
NO_TOPICS = 0
REQUEST = struct.pack(">hhihi", METADATA, VERSION, CORRELATION, -1, NO_TOPICS)
"""Metadata v1 with a null client id: its answer begins with the brokers that may be used."""
LOOPBACK = "127.0.0.1"
HELD_PORTS_SERVE = sys.platform == "linux"
"""Whether two sockets with SO_REUSEADDR, as Kafka and asyncio set it, may share a port of which one listens."""


def is_ready(address: str, timeout: float = 2.0) -> bool:
    """Whether a broker at `host:port` answers and counts itself among the usable ones.

    A bound port is not enough: the listener is up before the broker is let in by its controller.
    """
    host, port = address.rsplit(":", 1)
    try:
        with socket.create_connection((host, int(port)), timeout=timeout) as connection:
            connection.sendall(struct.pack(">i", len(REQUEST)) + REQUEST)
            answer = connection.recv(12, socket.MSG_WAITALL)
    except OSError:
        return False
    if len(answer) < struct.calcsize(">iii"):
        return False
    _, correlation, brokers = struct.unpack(">iii", answer)
    return bool(correlation == CORRELATION and brokers > 0)


def free_port(wanted: int = 0, taken: frozenset[int] = frozenset()) -> int:
    """The wanted port of the loopback interface if it is free, else any other that is."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as Kafka does: TIME_WAIT is free
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            found = int(probe.getsockname()[1])
            if found not in taken:
                return found
    return free_port(0, taken)


def held_port() -> tuple[int, socket.socket]:
    """A free port of the loopback interface, and a socket that holds it until it is closed.

    Held, it is given to nobody who asks for any port, nor to an outgoing connection. Where `HELD_PORTS_SERVE`, a server
    that names it may listen there, come and go; elsewhere the socket is to be closed before.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind((LOOPBACK, 0))
    return int(holder.getsockname()[1]), holder
