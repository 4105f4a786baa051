"""What libraries say over and over is told once in a while, and counted; what we say is told each time."""

import logging

from b2b2c_saga.telemetry.logs import AGAIN_AFTER, REMEMBERED, ToldOnce

AWAY = "Unable connect to node with id %s: %s"


class Told:
    """A logger's handler whose clock stands still unless it is put forward."""

    def __init__(self) -> None:
        self.now = 0.0
        self._filter = ToldOnce(lambda: self.now)

    def told(self, message: str, *arguments: object, logger: str = "aiokafka.client") -> list[str]:
        record = logging.LogRecord(logger, logging.ERROR, "", 0, message, arguments, None)
        return [record.getMessage()] if self._filter.filter(record) else []


def test_the_first_is_told_and_the_next_after_a_minute_with_how_often_it_was_said():
    here = Told()
    assert here.told(AWAY, 1, "refused") == ["Unable connect to node with id 1: refused"]
    assert [here.told(AWAY, node, "refused") for node in (1, 2, 3)] == [[], [], []]
    here.now = AGAIN_AFTER - 0.1
    assert here.told(AWAY, 1, "refused") == []
    here.now = AGAIN_AFTER
    assert here.told(AWAY, 2, "reset") == ["Unable connect to node with id 2: reset [and 4 times before]"]
    here.now *= 2
    assert here.told(AWAY, 2, "reset") == ["Unable connect to node with id 2: reset"]


def test_another_message_and_another_logger_are_told_for_themselves():
    here = Told()
    assert here.told(AWAY, 1, "refused")
    assert here.told("no coordinator")
    assert here.told(AWAY, 1, "refused", logger="faust.transport")
    assert here.told("100 % full") == ["100 % full"]


def test_what_we_say_ourselves_is_told_each_time():
    here = Told()
    assert [here.told("parked", logger=name) for name in ("b2b2c_saga.engine", "b2b2c_saga.engine", "kafkaesque")] == [
        ["parked"]
    ] * 3


def test_messages_of_a_librarys_own_making_fill_no_memory():
    here = Told()
    assert all(here.told(f"correlation id {n}") for n in range(3 * REMEMBERED))
    assert len(here._filter._told) <= REMEMBERED
