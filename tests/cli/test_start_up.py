"""Starting the command line costs little, and says what there is."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from agent import __version__
from agent.cli import app

HEAVY = (
    "torch",
    "transformers",
    "datasets",
    "sentence_transformers",
    "numpy",
    "prompt_toolkit",
    "openai",
    "sqlalchemy",
    "fastapi",
    "uvicorn",
)
COMMANDS = (
    "setup",
    "demo",
    "chat",
    "recommend",
    "serve",
    "ground",
    "calibrate",
    "catalog",
    "prompts",
    "models",
    "keys",
    "doctor",
    "store",
    "user",
)


@pytest.mark.parametrize(
    "words", [["--help"], ["recommend", "--help"], ["chat", "--help"], ["serve", "--help"], ["--version"]]
)
def test_help_imports_nothing_heavy(words):
    code = (
        "import sys; from agent.cli import app\n"
        f"try: app({words!r})\n"
        f"except SystemExit as leaving: assert leaving.code == 0\n"
        f"print('loaded:', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.endswith("loaded: []\n")


def test_help_names_every_command():
    shown = CliRunner().invoke(app, ["--help"]).stdout
    assert [name for name in COMMANDS if f" {name} " not in shown] == []


def test_version():
    assert CliRunner().invoke(app, ["--version"]).stdout == f"groundrec {__version__}\n"


def test_no_command_shows_the_help():
    ran = CliRunner().invoke(app, [])
    assert "recommend" in ran.output
