"""Logs: structlog on standard error, for people or for machines; libraries' logging goes the same way."""

import logging
import sys
import time
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Literal

import structlog

NOISY = ("aiokafka", "faust", "mode", "asyncio", "kafka", "httpx")
"""Libraries that tell of each step; only their errors are ours to show."""
AGAIN_AFTER = 60.0
"""Seconds. While a broker is away a library says the same several times a second."""
REMEMBERED = 1_000
"""Different messages of libraries; what they say is of their own making."""
NEVER = frozenset({"key", "value", "row", "recipient", "headers"})
"""Names under which personal data could slip into a log: dropped, whoever logs them."""


def configure(log_format: Literal["console", "json"] = "console", level: int = logging.INFO) -> None:
    """Set up logging for this process; again is harmless."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_content,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(log_format)],
        )
    )
    handler.addFilter(ToldOnce())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.ERROR)


class ToldOnce(logging.Filter):
    """Of what a library says over and over, the first in a minute passes; the next tells how many were left out."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._told: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it is told; of two messages that differ in their arguments alone the second is not."""
        if record.name.partition(".")[0] not in NOISY:
            return True
        now, said = self._clock(), (record.name, str(record.msg))
        at, left_out = self._told.get(said, (None, 0))
        if at is not None and now - at < AGAIN_AFTER:
            self._told[said] = (at, left_out + 1)
            return False
        if len(self._told) >= REMEMBERED:
            self._told.clear()
        self._told[said] = (now, 0)
        if left_out:
            record.msg, record.args = f"{record.getMessage()} [and {left_out} times before]", ()
        return True


def without_content(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Drop what may hold a consumer's name or address."""
    for name in NEVER & event.keys():
        del event[name]
    return event


def _rendering(log_format: str) -> list[structlog.typing.Processor]:
    if log_format == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    plain = structlog.dev.plain_traceback  # the others show local variables, and with them records
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
