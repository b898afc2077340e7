"""What the README says is run: its Python, its commands, and the names it uses."""

import random
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agent import Catalog

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", README, re.S)
COMMANDS = [
    line.split("  #")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", README, re.S)
    for line in block.splitlines()
    if line.startswith("groundrec ")
]


@pytest.mark.model
@pytest.mark.parametrize("number", range(len(PYTHON)))
def test_python(number, tmp_path, monkeypatch, capsys):
    code = PYTHON[number].replace('"tests/', f'"{ROOT.as_posix()}/tests/')
    monkeypatch.chdir(tmp_path)
    exec(compile(code, f"README.md, Python block {number + 1}", "exec"), {})
    assert capsys.readouterr().out.strip()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the commands run one after the other, since some go on with what others wrote."""
    made = tmp_path_factory.mktemp("readme")
    shutil.copy(ROOT / "tests/data/catalogs/boardgames.csv", made / "items.csv")
    shutil.copy(ROOT / "tests/data/dialogues/boardgames.jsonl", made / "conversations.jsonl")
    (made / "events.csv").write_text(events([item.id for item in Catalog.load(made / "items.csv")]))
    return made


def events(items):
    """Likes of a hundred people, at random."""
    draw = random.Random(0)
    rows = [(person, item) for person in range(100) for item in draw.sample(items, 8)]
    draw.shuffle(rows)
    lines = [
        f"u{person},{item},like,,{1_700_000_000 + 3600 * hour}" for hour, (person, item) in enumerate(rows)
    ]
    return "\n".join(["user_id,item_id,event,value,timestamp", *lines]) + "\n"


@pytest.mark.model
@pytest.mark.parametrize("command", COMMANDS)
def test_commands(command, folder):
    _, *arguments = shlex.split(command)
    done = subprocess.run(
        [sys.executable, "-m", "agent.cli", *arguments],
        capture_output=True, text=True, cwd=folder, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() or "--html" in command


def test_both_lengths_are_as_promised():
    five, ten = PYTHON
    assert len(five.strip().splitlines()) == 5
    assert len(ten.strip().splitlines()) == 10


def test_make_targets_are_there():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"\bmake (\w+)", README):
        assert re.search(rf"^{target}:", makefile, re.M), target


def test_links_lead_somewhere():
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert link.startswith("https://") or (ROOT / link).exists(), link
