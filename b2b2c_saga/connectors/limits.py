"""How much a connector asks of a counterparty: a breaker for one that is away, a bucket for one that counts."""

from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

Clock = Callable[[], float]
"""Seconds that never go back."""
MINUTE = 60


class Limits(BaseSettings):
    """What an operator may set of it: `B2B2C_CONNECTOR_*`."""

    model_config = SettingsConfigDict(
        env_prefix="B2B2C_CONNECTOR_", env_file=".env", extra="ignore", frozen=True, use_attribute_docstrings=True
    )

    parallel: int = Field(default=32, ge=1, le=1_000)
    """Calls to one system at a time; commands of one key go one after the other."""
    waiting: int = Field(default=1_000, ge=1, le=100_000)
    """Commands of one system that are fetched and not done. Stock is gathered from these."""
    stock_waits: float = Field(default=0.2, ge=0, le=10)
    """Seconds that a quantity of stock waits at most for others of its account, to be sent in one message."""
    stock_at_once: int = Field(default=300, ge=1, le=300)
    """SKUs in one message."""
    refused_retried_for: float = Field(default=1, ge=0)
    """Seconds that a refused connection is tried again: surely nothing was sent."""
    breaker_failures: int = Field(default=10, ge=1)
    """Calls without an answer, one after the other, after which a system counts as away."""
    breaker_cool_down: float = Field(default=5, gt=0)
    """Seconds that a system which is away is left alone; then one call tries."""
    invoice_calls_a_minute: int = Field(default=6_000, ge=1)
    """Calls to the ERP, and to RMS, for one tax id."""


@dataclass
class Breaker:
    """Opens after so many failures in a row; one call may try after each cool-down; closes when an answer is heard."""

    failures: int
    cool_down: float
    clock: Clock
    _in_a_row: int = 0
    _closed_till: float | None = None

    @property
    def is_open(self) -> bool:
        """The counterparty counts as away."""
        return self._in_a_row >= self.failures

    @property
    def is_cooling(self) -> bool:
        """It is away, and left alone."""
        return self.is_open and self._closed_till is not None and self.clock() < self._closed_till

    def admits(self) -> bool:
        """A call may go out now. An admitted call while open is the one that tries: the next cool-down begins."""
        if self.is_cooling:
            return False
        if not self.is_open:
            return True
        self._closed_till = self.clock() + self.cool_down
        return True

    def heard(self) -> None:
        """An answer came."""
        self._in_a_row = 0

    def failed(self) -> None:
        """None came."""
        self._in_a_row += 1
        if self._in_a_row == self.failures:
            self._closed_till = self.clock() + self.cool_down


@dataclass
class Bucket:
    """Token bucket: so many a minute, and as many at once as ten seconds bring."""

    a_minute: int
    clock: Clock
    _tokens: float = field(init=False)
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        self._tokens, self._at = self._most, self.clock()

    @property
    def _most(self) -> float:
        return max(1.0, self.a_minute / 6)

    def take(self) -> float:
        """Take a token; returns the seconds to wait before using it. Those who come later wait longer."""
        now = self.clock()
        self._tokens = min(self._most, self._tokens + (now - self._at) * self.a_minute / MINUTE) - 1
        self._at = now
        return max(0.0, -self._tokens * MINUTE / self.a_minute)
