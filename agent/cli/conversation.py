"""A conversation at the terminal: utterances go to the session, commands act on it."""

from __future__ import annotations

import difflib
import shlex
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from agent.cli.flow import hanging
from agent.cli.slash import COMMANDS, NUMBERED, Command, read_commands
from agent.cli.terminal import clean, clipped, notice, one_line, out, program, width
from agent.cli.trace_table import trace_table
from agent.cli.turn_view import INDENT, show_turn, show_utterance
from agent.cli.working import Working
from agent.dialogues import append_dialogue
from agent.errors import GroundrecError
from agent.localisation import text
from agent.session import Session
from prompts.errors import PromptError

_HELP = {
    "like": "/like 2   +2",
    "dislike": "/dislike 2   -2",
    "seen": "/seen 2",
    "why": "/why 2",
    "undo": "/undo",
    "save": "/save FILE",
    "trace": "/trace",
    "reset": "/reset",
    "quit": "/quit",
}


class Conversation:
    """What a line does and what is shown for it.

    Args:
        session: The conversation with the recommender.
        working: The display while it thinks.
    """

    def __init__(self, session: Session, working: Working) -> None:
        self._session, self._working = session, working
        self._locale = session.context.locale

    def welcome(self) -> None:
        """Say what can be done, and where a resumed conversation stands."""
        catalog, model = self._session.recommender.catalog, self._session.recommender.parts.model
        count = text("cli.items", self._locale, count=f"{len(catalog):,}")
        facts = [clean(part) for part in (count, model.name if model else "") if part]
        out().print(Text.assemble((clean(catalog.name), "bold cyan"), *(f" · {fact}" for fact in facts)))
        self.say("welcome", indent="")
        if self._session.context.dialogue:
            self.say("resumed", count=len(self._session.context.dialogue) // 2)
            self._show_list()
        out().print()

    def remember(self, path: Path) -> None:
        """Add the conversation to a file of past ones, where some item came up in it."""
        said = self._session.recollection()
        if said.items:
            append_dialogue(path, said)
            self.say("remembered", path=shlex.quote(str(path)), indent="")

    def echo(self, line: str) -> None:
        """Print a line that was not typed at this terminal."""
        if line.strip():
            show_utterance(line, self._locale)

    def say(self, key: str, *, indent: str = INDENT, **values: Any) -> None:
        """Print one of the localised lines."""
        self._print(text(f"cli.{key}", self._locale, **values), "dim", indent)

    def _print(self, sentence: str, style: str = "", indent: str = INDENT) -> None:
        for line in hanging(Text(indent), sentence, width(), style):
            out().print(line, soft_wrap=True)

    def answer(self, line: str) -> bool:
        """Do what a line says; False where it ends the conversation. Errors are told and end nothing."""
        try:
            commands = read_commands(line)
            if not commands and line.strip():
                show_turn(self._session.stream(line), self._working, self._locale)
            for command in commands:
                if command.name == "quit":
                    return False
                self._run(command)
            if line.strip():
                out().print()
        except (GroundrecError, PromptError) as error:
            notice(f"error: {clean(str(error))}")
        return True

    def _run(self, command: Command) -> None:
        if command.name not in COMMANDS:
            close = difflib.get_close_matches(command.name, COMMANDS, n=1)
            hint = f"/{close[0]}" if close else "/help"
            self.say("unknown_command", command=f"/{command.name}", hint=hint)
        elif command.name in NUMBERED and not command.ranks:
            self.say("needs_number", command=f"/{command.name}")
        elif command.name in NUMBERED:
            for rank in command.ranks:
                self._on_item(command.name, rank)
        else:
            {
                "undo": self._undo,
                "save": lambda: self._save(command.argument),
                "trace": self._trace,
                "reset": self._reset,
                "help": self._help,
            }[command.name]()

    def _on_item(self, name: str, rank: int) -> None:
        if name == "why":
            self._print(self._session.why(rank))
            return
        self._session.feedback(rank, name)  # type: ignore[arg-type]
        catalog = self._session.recommender.catalog
        self.say(f"done_{name}", label=catalog.label(catalog.item(self._session.shown[rank - 1])))

    def _undo(self) -> None:
        before = self._session.context.dialogue
        if not self._session.undo():
            self.say("nothing_to_undo")
            return
        after = self._session.context.dialogue
        if len(after) < len(before):
            self.say("undone_said", text=clipped(before[len(after)].content))
            self._show_list()
        else:
            self.say("undone_feedback")

    def _show_list(self) -> None:
        catalog = self._session.recommender.catalog
        for rank, item_id in enumerate(self._session.shown, start=1):
            label = one_line(catalog.label(catalog.item(item_id)))
            out().print(Text.assemble((f"{rank:>2}  ", "bold cyan"), label), soft_wrap=True)

    def _save(self, path: str) -> None:
        if not path:
            self.say("needs_file")
            return
        self._session.save(Path(path).expanduser())
        self.say("saved", path=shlex.quote(path), program=program())

    def _trace(self) -> None:
        if self._session.last is None:
            self.say("no_trace")
        else:
            out().print(trace_table(self._session.last.trace, self._locale))

    def _reset(self) -> None:
        while self._session.undo():
            pass
        self.say("reset")

    def _help(self) -> None:
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 3, 0, 0))
        table.add_column(style="cyan", no_wrap=True)
        table.add_column()
        for name, usage in _HELP.items():
            table.add_row(INDENT + usage, text(f"cli.help_{name}", self._locale))
        out().print(table)
