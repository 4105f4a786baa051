"""What one sees while the day is played: a live table on a terminal, plain lines elsewhere."""

import asyncio
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from b2b2c_saga.demo.tally import Tally
from b2b2c_saga.demo.watch import Watch
from b2b2c_saga.model.shipment import Fulfilment

REFRESHED_EVERY = 0.25
LINE_EVERY = 2.0
NEWS_SHOWN = 6
COLOURS = {Fulfilment.CLOSED: "green", Fulfilment.REVERSING: "yellow", Fulfilment.PARKED: "red"}


@dataclass
class Screen:
    """Draws the day. `say` is for what happens once: a line of its own."""

    console: Console
    orders: int
    watch: Watch
    tally: Tally
    began: float = field(default_factory=time.monotonic)
    news: list[str] = field(default_factory=list)
    _live: Live | None = None

    @property
    def elapsed(self) -> float:
        """Seconds since the first order might have come."""
        return time.monotonic() - self.began

    def say(self, sentence: str) -> None:
        """Tell something that happened."""
        self.news.append(f"{self.elapsed:5.1f} s  {sentence}")
        if self._live is None:
            self.console.print(self.news[-1], highlight=False)

    async def run(self, done: asyncio.Event, pulse: Callable[[], None]) -> None:
        """Draw until done; `pulse` is called at each drawing."""
        if not self.console.is_terminal:
            await self._lines(done, pulse)
            return
        with Live(console=self.console, auto_refresh=False, transient=True) as self._live:
            while not done.is_set():
                pulse()
                self._live.update(self.picture(), refresh=True)
                await asyncio.sleep(REFRESHED_EVERY)
        self._live = None
        for line in self.news:
            self.console.print(line, highlight=False)

    async def _lines(self, done: asyncio.Event, pulse: Callable[[], None]) -> None:
        last = 0.0
        while not done.is_set():
            pulse()
            if time.monotonic() - last >= LINE_EVERY:
                last = time.monotonic()
                self.console.print(self.line(), highlight=False)
                sys.stdout.flush()
            await asyncio.sleep(REFRESHED_EVERY)

    def line(self) -> str:
        """All of it in one line."""
        states = " ".join(f"{state}={n}" for state in Fulfilment if (n := self.watch.by_state[state]))
        return (
            f"{self.elapsed:5.1f} s  {self.tally.placed}/{self.orders} placed, {self.watch.closed} closed, "
            f"{self.watch.events_per_second:.0f} events/s, held {len(self.tally.held)}, "
            f"reversed {len(self.watch.reversed_orders)}, B2C returns {self.watch.b2c_returns}  {states}"
        )

    def picture(self) -> RenderableType:
        """All of it as a table."""
        states = Table.grid(padding=(0, 2))
        for state in Fulfilment:
            n = self.watch.by_state[state]
            bar = ProgressBar(
                total=max(self.orders, 1), completed=n, width=40, complete_style=COLOURS.get(state, "cyan")
            )
            states.add_row(state.value, str(n), bar)
        figures = Table.grid(padding=(0, 3))
        figures.add_row(
            f"[b]{self.tally.placed}[/b] of {self.orders} placed",
            f"[b]{self.watch.events_per_second:.0f}[/b] events/s",
            f"[b]{len(self.tally.held)}[/b] held",
            f"[b]{len(self.watch.reversed_orders)}[/b] reversed",
            f"[b]{self.watch.b2c_returns}[/b] B2C returns",
            f"[b]{sum(self.tally.duplicates.values())}[/b] duplicates",
            f"[b]{len(self.watch.parked)}[/b] parked",
            f"[b]{self.elapsed:.0f}[/b] s",
        )
        return Group(figures, states, *(Text(line) for line in self.news[-NEWS_SHOWN:]))
