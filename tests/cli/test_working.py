"""The display while something takes its time."""

import io

import pytest
from rich.console import Console

from agent.cli import working as module
from agent.cli.working import Working


@pytest.fixture
def terminal(monkeypatch):
    """Stderr as a terminal; what was written to it is in ``file``."""
    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    monkeypatch.setattr(module, "err", lambda: console)
    return console


def test_a_spinner_then_a_bar_then_nothing(terminal):
    working = Working()
    with working.on("Thinking"):
        working("Embedding", 1, 4)
        working("Embedding", 4, 4)
    shown = terminal.file.getvalue()
    assert shown.index("Thinking") < shown.index("Embedding")
    assert "25%" in shown
    assert shown.rindex("Thinking") > shown.rindex("Embedding")
    assert shown.endswith("\x1b[?25h\r\x1b[1A\x1b[2K")


def test_a_step_without_a_total_names_what_is_going_on(terminal):
    working = Working()
    with working.on("Loading"):
        working("Converting weights")
    assert "Converting weights" in terminal.file.getvalue()


def test_it_can_be_paused_for_printing(terminal):
    working = Working()
    with working.on("Thinking"):
        working.pause()
        length = len(terminal.file.getvalue())
        working.pause()
        assert len(terminal.file.getvalue()) == length
        working.resume()
        assert len(terminal.file.getvalue()) > length


def test_nothing_is_shown_where_nobody_looks(capsys):
    working = Working()
    with working.on("Thinking"):
        working("Embedding", 1, 1)
    assert capsys.readouterr().err == ""


def test_finished_steps_are_told_in_lines_where_asked(capsys):
    working = Working(told=True)
    with working.on("Setting up"):
        working("Converting")
        working("Embedding", 1, 2000)
        working("Embedding", 2000, 2000)
    assert capsys.readouterr().err == "Converting\nEmbedding: 2,000\n"
