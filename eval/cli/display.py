"""What a person sees while a run goes on: cells, rows, tokens a second, time left."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

from agent.cli.terminal import clean, err, notice

if TYPE_CHECKING:
    from rich.progress import Progress

    from eval.store import Stored


class RunDisplay:
    """A bar on stderr that vanishes when the run is done; a line a cell where stderr is no terminal.

    It is told about cells and answers (:class:`eval.runner.Watcher`) and, called as a function, about
    models that load and texts that are embedded.
    """

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._cells = self._cell = self._tokens = 0
        self._busy = 0.0
        self._label = ""

    def __enter__(self) -> Self:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        if err().is_terminal:
            self._bar = Progress(
                TextColumn("{task.fields[cells]}", style="cyan"),
                BarColumn(bar_width=24),
                MofNCompleteColumn(),
                TextColumn("{task.fields[speed]}", style="dim"),
                TimeRemainingColumn(compact=True),
                TextColumn("{task.description}", style="dim", markup=False),
                console=err(),
                transient=True,
            )
            self._task = self._bar.add_task("", total=None, cells="", speed="")
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
        if kind is KeyboardInterrupt:
            notice("stopped; run the same command again to go on")

    def begin(self, cells: int, rows: int) -> None:
        """A run of so many cells with so many answers begins."""
        self._cells = cells
        if self._bar is not None:
            self._bar.update(self._task, total=rows)

    def cell(self, label: str, there: int) -> None:
        """The next cell begins; ``there`` of its answers were made before."""
        self._cell += 1
        self._label = clean(label)
        if self._bar is not None:
            cells = f"cell {self._cell}/{self._cells}"
            self._bar.update(self._task, advance=there, cells=cells, description=self._label)
        else:
            kept = f" ({there:,} answers are there)" if there else ""
            notice(f"[{self._cell}/{self._cells}] {self._label}{kept}")

    def answered(self, stored: Stored) -> None:
        """An answer was made and kept."""
        answer = stored.answer
        if answer.usage is not None and answer.milliseconds is not None:
            self._tokens += answer.usage.prompt_tokens + answer.usage.completion_tokens
            self._busy += answer.milliseconds / 1000
        if self._bar is not None:
            speed = f"{self._tokens / self._busy:,.0f} tokens/s" if self._busy else ""
            self._bar.update(self._task, advance=1, speed=speed, description=self._label)

    def __call__(self, what: str, done: int = 0, total: int = 0) -> None:
        """Something else takes its time: loading, embedding."""
        if self._bar is not None:
            share = f" {done:,}/{total:,}" if total else ""
            self._bar.update(self._task, description=f"{clean(what)}{share}")
