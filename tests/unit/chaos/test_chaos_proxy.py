"""The network between worker and broker: held back, delayed, broken, broken after a commit was carried out."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from b2b2c_saga.bus.broker.probe import HELD_PORTS_SERVE, LOOPBACK, free_port, held_port
from b2b2c_saga.chaos.frames import END_TXN
from b2b2c_saga.chaos.proxy import Link

PRODUCE = 0
SOON = 0.15


def request(api: int, text: bytes = b"") -> bytes:
    return struct.pack(">ih", 2 + len(text), api) + text


@dataclass
class Echo:
    """A broker that answers each request with itself, and remembers what it carried out."""

    port: int
    carried_out: list[int] = field(default_factory=list)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readexactly(4)
                body = await reader.readexactly(struct.unpack(">i", head)[0])
                self.carried_out.append(struct.unpack(">h", body[:2])[0])
                await asyncio.sleep(0.02)
                writer.write(head + body)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


@asynccontextmanager
async def linked() -> AsyncIterator[tuple[Link, Echo, asyncio.StreamReader, asyncio.StreamWriter]]:
    echo = Echo(free_port())
    server = await asyncio.start_server(echo.answer, LOOPBACK, echo.port)
    link = Link(free_port(taken=frozenset({echo.port})), echo.port)
    await link.open()
    reader, writer = await asyncio.open_connection(LOOPBACK, link.port)
    try:
        yield link, echo, reader, writer
    finally:
        writer.close()
        await link.close()
        server.close()
        await server.wait_closed()


async def test_what_is_sent_arrives_and_is_answered():
    async with linked() as (_, echo, reader, writer):
        sent = request(PRODUCE, b"x" * 100_000)
        writer.write(sent)
        assert await reader.readexactly(len(sent)) == sent
        assert echo.carried_out == [PRODUCE]


async def test_what_is_held_back_arrives_later():
    async with linked() as (link, echo, reader, writer):
        link.hold()
        writer.write(request(PRODUCE))
        await asyncio.sleep(SOON)
        assert echo.carried_out == []
        link.release()
        assert await reader.readexactly(6) == request(PRODUCE)


async def test_half_open_the_request_is_carried_out_and_not_answered():
    async with linked() as (link, echo, reader, writer):
        link.hold(requests=False)
        writer.write(request(PRODUCE))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(SOON):
                await reader.readexactly(6)
        assert echo.carried_out == [PRODUCE]
        link.release()


async def test_a_delay_is_at_least_as_long_as_said_both_ways():
    async with linked() as (link, _, reader, writer):
        link.delay = 0.1
        clock = asyncio.get_running_loop().time
        began = clock()
        writer.write(request(PRODUCE))
        await reader.readexactly(6)
        assert clock() - began >= 0.2


async def test_a_reset_is_felt_as_one():
    async with linked() as (link, _, reader, writer):
        writer.write(request(PRODUCE))
        await reader.readexactly(6)
        assert link.reset() == 1
        with pytest.raises(ConnectionResetError):
            await reader.readexactly(1)
        assert link.resets == 1


async def test_a_commit_is_carried_out_and_its_answer_cut_off():
    async with linked() as (link, echo, reader, writer):
        happened = link.reset_after_commit()
        writer.write(request(PRODUCE))
        assert await reader.readexactly(6) == request(PRODUCE)
        writer.write(request(PRODUCE, b"before") + request(END_TXN, b"commit"))
        with pytest.raises(ConnectionResetError):
            await reader.readexactly(1)
        assert happened.is_set()
        assert echo.carried_out == [PRODUCE, PRODUCE, END_TXN]
        again, to_broker = await asyncio.open_connection(LOOPBACK, link.port)
        to_broker.write(request(END_TXN))
        assert await again.readexactly(6) == request(END_TXN), "it happens once"
        to_broker.close()


async def test_a_dead_broker_is_felt_as_a_broken_connection():
    link = Link(free_port(), free_port())
    await link.open()
    try:
        reader, writer = await asyncio.open_connection(LOOPBACK, link.port)
        with pytest.raises(ConnectionError):
            assert await reader.read(1), "the end of the stream is no reset"
        writer.close()
    finally:
        await link.close()


@pytest.mark.skipif(not HELD_PORTS_SERVE, reason="such ports are let go of here before anybody listens")
async def test_a_held_port_is_for_those_who_name_it_alone():
    port, holder = held_port()
    with holder:
        for _ in range(2):
            server = await asyncio.start_server(lambda _reader, writer: writer.close(), LOOPBACK, port)
            with socket.create_connection((LOOPBACK, port)):
                pass
            server.close()
            await server.wait_closed()
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind((LOOPBACK, port))
