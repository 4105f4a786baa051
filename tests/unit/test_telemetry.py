"""What a process tells: in one form, each line once, and nothing personal."""

import json
import logging
from typing import Any, Literal

import pytest
import structlog
from prometheus_client import REGISTRY

from b2b2c_saga.telemetry import logs, metrics

Said = pytest.CaptureFixture[str]
FORMS = pytest.mark.parametrize("form", ["json", "console"])


def lines(said: Said) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.readouterr().err.splitlines()]


@FORMS
@pytest.mark.parametrize("name", ["key", "value", "row", "recipient", "headers"])
def test_what_may_be_personal_is_in_no_line(capsys: Said, form: Literal["json", "console"], name: str):
    logs.configure(form)
    log = structlog.get_logger("test")
    log.info("said", **{name: "Asha Rao"}, order="O-1")
    log.bind(**{name: "Asha Rao"}).warning("bound", order="O-1")
    with structlog.contextvars.bound_contextvars(**{name: "Asha Rao"}):
        log.error("around", order="O-1")
    told = capsys.readouterr().err
    assert "Asha" not in told
    assert told.count("O-1") == 3


@FORMS
def test_a_failure_is_told_without_what_its_functions_had_at_hand(capsys: Said, form: Literal["json", "console"]):
    def fails(consumer: str) -> int:
        return len(consumer) // 0

    logs.configure(form)
    try:
        fails("Asha" + " " + "Rao")
    except ZeroDivisionError:
        structlog.get_logger("test").exception("failed")
    told = capsys.readouterr().err
    assert "ZeroDivisionError" in told
    assert "in fails" in told
    assert "Asha Rao" not in told


def test_each_line_is_told_once_however_often_logs_are_set_up(capsys: Said):
    for _ in range(3):
        logs.configure("json")
    structlog.get_logger("test").info("said")
    assert [line["event"] for line in lines(capsys)] == ["said"]


def test_what_a_library_logs_comes_in_the_same_form(capsys: Said):
    logs.configure("json")
    logging.getLogger("library").warning("%d of %d", 1, 2)
    (line,) = lines(capsys)
    assert (line["event"], line["level"], line["logger"]) == ("1 of 2", "warning", "library")
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize("name", ["aiokafka.consumer", "faust.app", "mode", "asyncio", "kafka.conn", "httpx"])
def test_of_libraries_that_tell_of_each_step_errors_alone_are_shown(capsys: Said, name: str):
    logs.configure("json")
    for level in ("info", "warning", "error"):
        getattr(logging.getLogger(name), level)(level)
    assert [line["event"] for line in lines(capsys)] == ["error"]


def test_a_partition_that_has_gone_is_told_of_no_more():
    metrics.WRITER_READY.labels(77).set(1)
    metrics.forget_partition(77)
    assert REGISTRY.get_sample_value("b2b2c_writer_ready", {"partition": "77"}) is None


def test_a_partition_that_was_never_told_of_may_go_too():
    metrics.forget_partition(78)
    metrics.forget_partition(78)
