"""The network between a worker slot and a broker: it holds back, delays, and breaks connections when told to.

What is held back is not lost: as TCP does, it comes late, when the way is open again, even if the sender has long given
up. So a commit may be applied after its producer took it for dead.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Mapping

from b2b2c_saga.bus.broker.probe import LOOPBACK
from b2b2c_saga.chaos.frames import END_TXN, Requests

CHUNK = 1 << 18
ANSWERS_WITHIN = 5.0
"""Seconds that the broker has to answer a commit whose answer is swallowed: that it is done is what is wanted."""


class Link:
    """The way from one worker slot to one broker: all connections of it have the same weather.

    Args:
        port: Where the worker comes.
        upstream: Where the broker listens for that slot.
    """

    def __init__(self, port: int, upstream: int) -> None:
        self.port = port
        self.upstream = upstream
        self.delay = 0.0
        """Seconds that each piece takes longer, in both directions."""
        self.resets = 0
        """Connections that were reset, ever."""
        self.requests, self.answers = asyncio.Event(), asyncio.Event()
        self.release()
        self._commit_seen: asyncio.Event | None = None
        self._server: asyncio.Server | None = None
        self._connections: dict[_Connection, asyncio.Task[None]] = {}

    async def open(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._accept, LOOPBACK, self.port, limit=CHUNK)

    async def close(self) -> None:
        """End everything."""
        if self._server is not None:
            self._server.close()
        self.reset()
        self.release()
        await asyncio.gather(*self._connections.values(), return_exceptions=True)

    def hold(self, *, requests: bool = True, answers: bool = True) -> None:
        """A black hole: nothing goes on in these directions, and nobody is told (half-open: in one of them)."""
        if requests:
            self.requests.clear()
        if answers:
            self.answers.clear()

    def release(self) -> None:
        """Both directions are open again; what was held back arrives."""
        self.requests.set()
        self.answers.set()

    def reset(self) -> int:
        """RST to both ends of every connection; returns how many."""
        connections = list(self._connections)
        for connection in connections:
            connection.reset()
        self.resets += len(connections)
        return len(connections)

    def reset_after_commit(self) -> asyncio.Event:
        """The next end of a transaction reaches the broker, its answer does not reach the worker: both get a RST.

        Returns what is set when it has happened.
        """
        self._commit_seen = asyncio.Event()
        return self._commit_seen

    def let_commits_pass(self) -> None:
        """Wait for no commit any more."""
        self._commit_seen = None

    def take_commit(self) -> asyncio.Event | None:
        """Whether a commit that has just gone by is the one that was waited for: once."""
        seen, self._commit_seen = self._commit_seen, None
        return seen

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            up_reader, up_writer = await asyncio.open_connection(LOOPBACK, self.upstream, limit=CHUNK)
        except OSError:
            _reset(writer)
            return
        connection = _Connection(self, (reader, writer), (up_reader, up_writer))
        running = self._connections[connection] = asyncio.create_task(connection.run())
        try:
            await running
        finally:
            del self._connections[connection]


class _Connection:
    """One connection of a worker and its continuation to the broker."""

    def __init__(
        self,
        link: Link,
        worker: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        broker: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        self._link = link
        self._worker, self._to_worker = worker
        self._broker, self._to_broker = broker
        self._unanswered = 0
        self._swallowing: asyncio.Event | None = None
        self._pumps: list[asyncio.Task[None]] = []

    async def run(self) -> None:
        self._pumps = [asyncio.create_task(self._pump_requests()), asyncio.create_task(self._pump_answers())]
        await asyncio.wait(self._pumps, return_when=asyncio.FIRST_COMPLETED)
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)
        for writer in (self._to_worker, self._to_broker):
            writer.close()

    def reset(self) -> None:
        for pump in self._pumps:
            pump.cancel()
        _reset(self._to_worker)
        _reset(self._to_broker)

    async def _pump_requests(self) -> None:
        requests = Requests()
        while data := await self._worker.read(CHUNK):
            await self._weather(self._link.requests)
            passed = requests.passed(data)
            self._unanswered += len(passed)
            if END_TXN in passed:
                self._swallowing = self._link.take_commit()
            self._to_broker.write(data)
            await self._to_broker.drain()
            if self._swallowing is not None:
                await asyncio.sleep(ANSWERS_WITHIN)  # the answer ends this; or the broker is gone
                self._break(self._swallowing)

    async def _pump_answers(self) -> None:
        answers = Requests()  # the same frames; what stands in the place of the API key does not matter
        while data := await self._broker.read(CHUNK):
            self._unanswered -= len(answers.passed(data))
            if self._swallowing is not None:
                if self._unanswered:
                    continue  # an earlier request's; a broker answers in order
                self._break(self._swallowing)
                return
            await self._weather(self._link.answers)
            self._to_worker.write(data)
            await self._to_worker.drain()

    def _break(self, seen: asyncio.Event) -> None:
        seen.set()
        self._link.resets += 1
        self.reset()

    async def _weather(self, way: asyncio.Event) -> None:
        if self._link.delay:
            await asyncio.sleep(self._link.delay)
        await way.wait()


def _reset(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        raw: socket.socket | None = writer.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close means RST
    writer.transport.abort()


class Network:
    """All links, by worker slot and broker."""

    def __init__(self, listeners: Mapping[tuple[int, int], int], proxies: Mapping[tuple[int, int], int]) -> None:
        self.links = {place: Link(proxies[place], listeners[place]) for place in listeners}

    async def open(self) -> None:
        """Listen on all of them."""
        for link in self.links.values():
            await link.open()

    async def close(self) -> None:
        """End all connections."""
        await asyncio.gather(*(link.close() for link in self.links.values()))

    def of(self, slot: int) -> list[Link]:
        """The links of a worker slot, to every broker."""
        return [link for (found, _), link in self.links.items() if found == slot]
