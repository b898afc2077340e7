"""What a person sees while something takes its time: a spinner, or a bar where progress is known."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agent.cli.terminal import clean, err, notice

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Working:
    """A display on stderr that vanishes when the work is done; it is also a progress callback.

    Args:
        told: Whether steps are told in plain lines where stderr is not a terminal.
    """

    def __init__(self, *, told: bool = False) -> None:
        self._told = told
        self._label = ""
        self._display: Progress | None = None
        self._bar: tuple[str, TaskID] | None = None

    @contextmanager
    def on(self, label: str) -> Iterator[None]:
        """Show that work is going on until the block ends or :meth:`pause` is called."""
        self._label = label
        self.resume()
        try:
            yield
        finally:
            self.pause()

    def resume(self) -> None:
        """Show the spinner (again)."""
        self._show(self._label)

    def pause(self) -> None:
        """Take the display away, so that something can be printed."""
        if self._display is not None:
            self._display.stop()
        self._display = self._bar = None

    def __call__(self, what: str, done: int = 0, total: int = 0) -> None:
        """Report that ``done`` of ``total`` steps of ``what`` are done; no total: that it has begun."""
        if self._told and not err().is_terminal and done == total:
            notice(f"{clean(what)}: {total:,}" if total else clean(what))
        if self._display is None:
            return
        if done >= total:
            self._show(self._label if total else what)
            return
        if self._bar is None or self._bar[0] != what:
            self._show(what, total)
        if self._display is not None and self._bar is not None:
            self._display.update(self._bar[1], completed=done)

    def _show(self, label: str, total: int | None = None) -> None:
        self.pause()
        if not err().is_terminal:
            return
        from rich.progress import (
            BarColumn,
            Progress,
            ProgressColumn,
            SpinnerColumn,
            TaskProgressColumn,
            TextColumn,
        )

        columns: list[ProgressColumn] = [
            SpinnerColumn(style="cyan"),
            TextColumn("{task.description}", style="dim", markup=False),
        ]
        if total:
            columns += [BarColumn(bar_width=30), TaskProgressColumn()]
        self._display = Progress(*columns, console=err(), transient=True)
        task = self._display.add_task(clean(label), total=total)
        self._bar = (label, task) if total else None
        self._display.start()
