"""Progress on a terminal: a bar that moves, or plain lines where nobody watches."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn


class Shown:
    """Called with a sentence and how many of how many are done (0 of 0: no number); on stderr."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24), TimeElapsedColumn()
        self._progress = Progress(*columns, console=self._console, transient=True)
        self._sentence = ""
        self._task: TaskID | None = None

    def __call__(self, sentence: str, done: int, total: int) -> None:
        """Show it."""
        if sentence != self._sentence:
            self._sentence = sentence
            self._console.print(sentence, highlight=False)
            if self._task is not None:
                self._progress.remove_task(self._task)
            self._task = self._progress.add_task("", total=total or None)
        if self._task is not None:
            self._progress.update(self._task, completed=done, description=f"{done}/{total}" if total else "")

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._progress.stop()
