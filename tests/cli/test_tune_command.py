"""``groundrec tune``, and the adapter it makes at the other entrances."""

import json

import pytest
from tiny_model import save_llama
from typer.testing import CliRunner

from agent.cli.app import app
from agent.settings import settings
from agent.tuning import AdapterFolder

pytestmark = pytest.mark.model

ITEMS = ("Alien", "Heat", "Up", "Drive", "Superbad", "Unforgiven")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A catalog, conversations over it, and a tiny model."""
    rows = [f"i{at},{title},{1990 + at}" for at, title in enumerate(ITEMS)]
    (tmp_path / "items.csv").write_text("\n".join(["id,title,year", *rows]) + "\n")
    talks = [
        {
            "id": f"d{n}",
            "turns": [
                {"role": "user", "content": f"wish number {n % 3}"},
                {"role": "assistant", "content": "Try this."},
            ],
            "items": [{"id": f"i{n % 3}", "turn": 1, "by": "assistant", "attitude": 1}],
        }
        for n in range(80)
    ]
    (tmp_path / "talks.jsonl").write_text("".join(json.dumps(talk) + "\n" for talk in talks))
    save_llama(tmp_path / "tiny", ITEMS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GROUNDREC_MODEL", "./tiny:bf16")
    monkeypatch.setenv("GROUNDREC_CACHE_DIR", str(tmp_path / "cache"))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


def run(*words):
    return CliRunner().invoke(app, list(words))


TUNE = (
    *("tune", "--catalog", "items.csv", "--conversations", "talks.jsonl", "--items", "4"),
    *("--weights", "list=0"),
)


def test_tunes_goes_on_and_rolls_back(home):
    options = ("--learning-rate", "0.02", "--licence", "CC0")
    made = run(*TUNE, "--out", "tuned", *options, "--json")
    assert made.exit_code == 0, made.output
    card = json.loads(made.stdout)
    assert card["version"] == "v1"
    assert card["licence"] == "CC0"
    assert set(card["rows"]) == {"next", "item", "reply"}
    assert [d["file"] for d in card["data"]] == ["talks.jsonl"]
    assert card["figures"]["after"]["loss, next"] < card["figures"]["before"]["loss, next"]

    (home / "more.csv").write_text((home / "items.csv").read_text() + "i9,A New One,2020\n")
    listed = run("recommend", "wish number 1", "-c", "more.csv", "--adapter", "tuned", "-n", "2", "--json")
    assert listed.exit_code == 0, listed.output
    assert "more has changed since tuned was tuned: 1 new (A New One)" in listed.stderr
    assert len(json.loads(listed.stdout)["recommendations"]) == 2

    again = run(*TUNE, "--out", "tuned")
    assert again.exit_code == 1
    assert "holds an adapter already (v1)" in again.stderr

    more = run(*TUNE, "--continue", "tuned", "--learning-rate", "0.001")
    assert more.exit_code == 0, more.output
    assert "as v2" in more.stderr
    assert run("tune", "--out", "tuned", "--roll-back", "v1").exit_code == 0
    assert AdapterFolder(home / "tuned").current == "v1"


def test_one_folder_is_named(home):
    assert run("tune", "--catalog", "items.csv").exit_code == 2
    assert run(*TUNE, "--out", "a", "--continue", "b").exit_code == 2
    gone = run(*TUNE, "--continue", "b")
    assert gone.exit_code == 1
    assert "holds no adapter" in gone.stderr
