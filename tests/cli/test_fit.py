"""``groundrec fit`` and ``--profile`` over a small catalog with the real embedder."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent import Catalog
from agent.cli import app
from agent.settings import settings

pytestmark = pytest.mark.model

DATA = Path(__file__).parents[1] / "data"
GAMES = str(DATA / "catalogs" / "boardgames.csv")
TALKS = str(DATA / "dialogues" / "boardgames.jsonl")
"""Thirty dialogues: zorbly people are given the first two games of the catalog, others the next two."""


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GROUNDREC_CACHE_DIR", str(tmp_path / "cache"))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


def test_what_was_learned_changes_the_list(cache):
    profile = str(cache / "profile")
    ran = CliRunner().invoke(app, ["fit", TALKS, "--catalog", GAMES, "--out", profile, "--json"])
    assert ran.exit_code == 0, ran.stderr
    report = json.loads(ran.stdout)
    assert report["turns"] == 30
    assert report["weights"]["neighbours"] > 0
    ask = [
        "recommend",
        "we are zorbly people",
        "--catalog",
        GAMES,
        "-m",
        "none",
        "-s",
        "fast,diversity=0",
        "-n",
        "2",
    ]
    learned = CliRunner().invoke(app, [*ask, "--json", "--profile", profile])
    ids = [r["id"] for r in json.loads(learned.stdout)["recommendations"]]
    assert set(ids) == {item.id for item in list(Catalog.load(GAMES))[:2]}
    assert "neighbours" in json.loads(learned.stdout)["recommendations"][0]["sources"]


def test_the_table_says_what_helped(cache):
    ran = CliRunner().invoke(app, ["fit", TALKS, "--catalog", GAMES, "--out", str(cache / "p")])
    assert ran.exit_code == 0
    assert "neighbours" in ran.stdout
    assert "use it with --profile" in ran.stderr


def test_bad_input_is_named(cache):
    empty = cache / "none.jsonl"
    empty.write_text("")
    ran = CliRunner().invoke(app, ["fit", str(empty), "--catalog", GAMES, "--out", str(cache / "p")])
    assert ran.exit_code == 1
    assert "20 are needed" in ran.stderr
    assert not (cache / "p").exists()
    ran = CliRunner().invoke(app, ["recommend", "x", "--catalog", GAMES, "--profile", str(cache)])
    assert "holds no profile" in ran.stderr
