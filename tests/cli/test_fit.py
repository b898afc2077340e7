"""``groundrec fit`` and ``--profile`` over a small catalog with the real embedder."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from agent import Catalog
from agent.cli import app
from agent.cli.fit import _choice, beaten_by
from agent.history_rankers import Comparison
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


def log_of(file, users=160):
    """Users who like the first five games of the catalog, or the next five, in an order of their own."""
    order = np.random.default_rng(0)
    games = [item.id for item in Catalog.load(GAMES)]
    with file.open("w", newline="") as opened:
        rows = csv.writer(opened)
        rows.writerow(("user_id", "item_id", "event", "value", "timestamp"))
        for user in range(users):
            for place, game in enumerate(order.permutation(games[5 * (user % 2) :][:5]).tolist()):
                rows.writerow((f"u{user}", game, "like", "", 3600 * (user + 40 * place)))
    return str(file)


def test_interactions_and_conversations_are_learned_together(cache):
    events, profile = log_of(cache / "events.csv"), str(cache / "profile")
    ask = ["fit", TALKS, "--catalog", GAMES, "--interactions", events, "--out", profile]
    ran = CliRunner().invoke(app, [*ask, "--json"])
    assert ran.exit_code == 0, ran.stderr
    report = json.loads(ran.stdout)
    assert report["turns"] == 30
    assert report["history"]["provenance"]["interactions"] == 800
    assert report["history"]["ndcg@10"]["fitted"] > report["history"]["ndcg@10"]["popularity"]
    games = [item.id for item in Catalog.load(GAMES)]
    ask = [
        "recommend",
        "",
        "--like",
        games[0],
        "--catalog",
        GAMES,
        "-m",
        "none",
        "-n",
        "4",
        "--profile",
        profile,
    ]
    made = CliRunner().invoke(app, [*ask, "-s", "fast,diversity=0", "--json"])
    assert made.exit_code == 0, made.stderr
    assert {r["id"] for r in json.loads(made.stdout)["recommendations"]} == set(games[1:5])


def test_too_few_interactions_are_said_before_anything_is_written(cache):
    events, profile = log_of(cache / "events.csv", users=5), cache / "profile"
    ask = ["fit", "--catalog", GAMES, "--interactions", events, "--out", str(profile)]
    ran = CliRunner().invoke(app, ask)
    assert ran.exit_code == 1
    assert "50 are needed" in ran.stderr
    assert not profile.exists()
    ran = CliRunner().invoke(app, ["fit", "--catalog", GAMES, "--out", str(profile)])
    assert ran.exit_code == 1
    assert "there is nothing to learn from" in ran.stderr


def test_a_taken_folder_is_refused_before_fitting(cache):
    (cache / "own").mkdir()
    (cache / "own" / "notes.txt").write_text("mine")
    for taken in ("own", "own/notes.txt"):
        ran = CliRunner().invoke(
            app, ["fit", "no such file", "--catalog", GAMES, "--out", str(cache / taken)]
        )
        assert ran.exit_code == 1
        assert "name a folder that does not exist yet" in ran.stderr
    assert (cache / "own" / "notes.txt").read_text() == "mine"


def test_bad_input_is_named(cache):
    empty = cache / "none.jsonl"
    empty.write_text("")
    ran = CliRunner().invoke(app, ["fit", str(empty), "--catalog", GAMES, "--out", str(cache / "p")])
    assert ran.exit_code == 1
    assert "20 are needed" in ran.stderr
    assert not (cache / "p").exists()
    ran = CliRunner().invoke(app, ["recommend", "x", "--catalog", GAMES, "--profile", str(cache)])
    assert "holds no profile" in ran.stderr


def test_a_source_that_beats_the_weights_is_named():
    figures = {"fitted": 0.2, "als": 0.1, "recent": 0.3, "without als": 0.9}
    assert beaten_by(figures) == "recent"
    assert beaten_by({**figures, "recent": 0.2}) is None


def test_the_report_says_which_ranker_was_chosen_and_why():
    assert _choice(Comparison(0.2, 0.225, 0.01, 1200)) == (
        "boosted trees join the weights: NDCG@10 0.225 with boosted trees, 0.200 with weights alone, over "
        "1,200 lists that neither was fitted on; the table is of weights alone"
    )
    kept = _choice(Comparison(0.2, 0.205, 0.01, 80))
    assert kept.startswith("weights alone are kept: ")
    assert kept.endswith("the difference is not above its standard error 0.0100")
