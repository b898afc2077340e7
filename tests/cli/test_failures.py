"""Failures become one line on stderr and an exit code."""

import os
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from agent.cli import app
from agent.cli.failures import run, without_debug
from agent.errors import CatalogError
from prompts.errors import UnknownPromptError


def failing(error):
    def command():
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (CatalogError("no rows", where="a.csv", hint="add some"), 1, "error: a.csv: no rows. add some.\n"),
        (UnknownPromptError("unknown prompt 'x'"), 1, "error: unknown prompt 'x'.\n"),
        (
            FileNotFoundError(2, "No such file or directory", "a.csv"),
            1,
            "error: a.csv: No such file or directory\n",
        ),
        (typer.BadParameter("too small"), 2, "error: Invalid value: too small\n"),
        (
            ValueError("odd\nvery"),
            70,
            "unexpected error: ValueError: odd very; run with --debug to see where\n",
        ),
        (KeyError(), 70, "unexpected error: KeyError; run with --debug to see where\n"),
        (CatalogError("\x1b[31mred\x07"), 1, "error: [31mred .\n"),
        (KeyboardInterrupt(), 130, ""),
        (typer.Abort(), 130, ""),
    ],
)
def test_one_line_and_a_code(error, code, line, capsys):
    assert run(failing(error)) == code
    assert capsys.readouterr().err == line


def test_debug_shows_the_traceback(capsys):
    assert run(failing(ValueError("odd")), debug=True) == 70
    shown = capsys.readouterr().err
    assert shown.startswith("Traceback")
    assert shown.endswith("\nunexpected error: ValueError: odd\n")


@pytest.mark.parametrize(
    ("words", "left", "debug"),
    [
        (["recommend", "--debug", "x"], ["recommend", "x"], True),
        (["--debug", "models"], ["models"], True),
        (["recommend", "--", "--debug"], ["recommend", "--", "--debug"], False),
        (["recommend", "x"], ["recommend", "x"], False),
    ],
)
def test_debug_works_anywhere_but_in_text(words, left, debug):
    assert without_debug(words) == (left, debug)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["recommend", "-n", "0"], 2, "greater than or equal to 1"),
        (["recommend", "-n", "101"], 2, "less than or equal to 100"),
        (["recommend", "--quantization", "nf5"], 2, "'nf5'"),
        (["recommned"], 2, "recommned"),
        (["recommend", "--strategy", "quick"], 1, "unknown strategy 'quick'"),
        (["recommend", "--strategy", "fast,lenght=3"], 1, "unknown name 'lenght'"),
        (["recommend", "--columns", "title"], 2, "title=name"),
        (["recommend", "--catalog", "moovies"], 1, "did you mean 'movies'"),
        (["recommend", "--catalog", "nowhere.csv"], 1, "nowhere.csv: no such file"),
        (["chat", "--catalog", "nowhere.csv"], 1, "nowhere.csv: no such file"),
        (["recommend", "--prompt", "recommend/zero_shoot"], 1, "did you mean 'recommend/zero_shot'"),
        (["chat", "--strategy", "prompt=nope"], 1, "unknown prompt 'nope'"),
        (["prompts", "show", "recommend/zero_shoot"], 1, "did you mean 'recommend/zero_shot'"),
    ],
)
def test_wrong_options(words, code, said):
    ran = CliRunner().invoke(app, words)
    assert (ran.exit_code, ran.stdout) == (code, "")
    assert said in ran.stderr
    assert ran.stderr.splitlines()[-1].startswith("error: ")
    assert "Traceback" not in ran.stderr


def test_a_reader_that_leaves_early_is_no_error():
    command = [sys.executable, "-m", "agent.cli", "prompts", "list", "--json"]
    read, write = os.pipe()
    os.close(read)
    ran = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert ran.stderr == ""
