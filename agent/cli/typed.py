"""What a person types: a line editor with a history that lasts, and completion of commands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from agent.cli.slash import COMMANDS
from agent.cli.terminal import clean
from agent.cli.turn_view import prompt


def typed_lines(history: Path, locale: str) -> Iterator[str]:
    """The lines a person types, until Ctrl-D, or Ctrl-C on an empty line.

    Args:
        history: The file that keeps what was typed, for the arrow keys.
        locale: Language of the prompt.
    """
    session: PromptSession[str] = PromptSession(
        history=_history(history),
        completer=WordCompleter([f"/{name}" for name in COMMANDS], sentence=True),
        complete_while_typing=False,
    )
    message = FormattedText([("bold ansigreen", prompt(locale))])
    while True:
        try:
            yield clean(session.prompt(message))
        except KeyboardInterrupt:
            if not session.default_buffer.text:
                return
        except EOFError:
            return


def _history(path: Path) -> History:
    """A history on disk; in memory where the file cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.open("ab").close()
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(path))
