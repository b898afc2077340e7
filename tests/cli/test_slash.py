"""The commands in a line of a chat."""

import pytest

from agent.cli.slash import Command, read_commands


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
