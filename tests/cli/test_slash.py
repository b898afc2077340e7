"""What is typed in a chat: the commands in a line, and the lines that are kept."""

import pytest
from prompt_toolkit.history import InMemoryHistory

from agent.cli.slash import Command, read_commands
from agent.cli.typed import _history


@pytest.mark.parametrize(
    ("line", "commands"),
    [
        ("/like 2", [Command("like", "2", (2,))]),
        ("/SEEN 1, 3", [Command("seen", "1, 3", (1, 3))]),
        ("  /why 2 ", [Command("why", "2", (2,))]),
        ("/like the first", [Command("like", "the first", ())]),
        ("/like", [Command("like", "", ())]),
        ("/save my talks/a b.json", [Command("save", "my talks/a b.json", ())]),
        ("/exit", [Command("quit")]),
        ("/?", [Command("help")]),
        ("/nonsense", [Command("nonsense")]),
        ("+2", [Command("like", "2", (2,))]),
        ("-10", [Command("dislike", "10", (10,))]),
        (
            "+1 -2, +3",
            [Command("like", "1", (1,)), Command("dislike", "2", (2,)), Command("like", "3", (3,))],
        ),
    ],
)
def test_commands(line, commands):
    assert read_commands(line) == commands


@pytest.mark.parametrize(
    "line", ["", "I liked 2", "2", "- 2", "+2 please", "/", "//", "50/50", "+2-3", "-1234"]
)
def test_what_is_said_is_no_command(line):
    assert read_commands(line) == []


def test_what_is_typed_is_kept_in_memory_where_there_is_no_file_for_it(tmp_path):
    (tmp_path / "typed.txt").mkdir()
    assert isinstance(_history(tmp_path / "typed.txt"), InMemoryHistory)
    kept = _history(tmp_path / "new" / "typed.txt")
    kept.store_string("something scary")
    assert "something scary" in (tmp_path / "new" / "typed.txt").read_text()
