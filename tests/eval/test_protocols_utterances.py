"""Labelled utterances as a data set, and what is understood of them."""

import json

import pytest
from film_set import write_films
from support import WordEmbedder

from agent.context import Constraint
from agent.settings import Settings
from agent.understanding import Understanding
from agent.understanding.turn import Critique, Mention
from eval.datasets import load_dataset
from eval.errors import DatasetError, ProtocolError
from eval.floors import RandomFloor
from eval.matrix import Matrix
from eval.protocols import UtteranceUnderstanding
from eval.protocols.utterances import from_json, to_json
from eval.runner import rescore, run

ALIEN = {"ids": ["alien"], "start": 8, "end": 13, "attitude": 1, "seen": True}
LINES = (
    {"id": "1", "text": "I loved Alien", "source": "written", "mentions": [ALIEN], "intents": ["inform"]},
    {
        "id": "2",
        "text": "Something before 1990",
        "constraints": [{"field": "year", "op": "<=", "value": 1980}],
        "intents": ["recommend"],
    },
    {"id": "3", "text": "I hated Heat", "mentions": [{**ALIEN, "ids": ["heat"], "end": 12}]},
)


@pytest.fixture
def utterances(tmp_path):
    folder = tmp_path / "said"
    write_films(folder)
    for name in ("conversations.jsonl", "memory.jsonl"):
        (folder / name).unlink()
    (folder / "utterances.jsonl").write_text("".join(json.dumps(line) + "\n" for line in LINES), "utf-8")
    return folder


def test_utterances_by_hand(utterances, tmp_path):
    """The first is read right, of the second the year is labelled wrong, of the third the attitude."""
    settings = Settings(cache_dir=tmp_path / "cache")
    matrix = Matrix.of({"datasets": str(utterances), "models": "none"})
    made = run(matrix, tmp_path / "out", settings=settings, embedder=WordEmbedder())
    (cell,) = made.cells
    assert made.datasets["said"].protocol == "understanding"
    assert (cell.n, cell.failed) == (3, 0)
    figures = {name: (found.value, found.n) for name, found in cell.measurements.items()}
    assert figures["mentions_f1"] == (0.5, 2), "the second names nothing, and nothing was found"
    assert figures["items_f1"] == (1, 2)
    assert figures["constraints_f1"] == (0, 1)
    assert figures["intents_accuracy"] == (1, 3)
    (written,) = (part for part in cell.slices if part.name == "written")
    assert (written.n, written.measurements["mentions_f1"].value) == (1, 1)
    again = rescore(tmp_path / "out", settings=settings, embedder=WordEmbedder())
    assert again.cells[0].measurements["mentions_f1"] == cell.measurements["mentions_f1"]


def test_systems_see_no_labels(utterances):
    data = load_dataset(utterances)
    protocol = UtteranceUnderstanding()
    question = next(protocol.questions(data))
    assert (question.label["id"], question.unanswered.label) == ("1", None)
    with pytest.raises(ProtocolError, match="random reads no utterances"):
        protocol.answer(RandomFloor(data), question, data)


def test_what_is_understood_survives_json():
    said = Understanding(
        "text",
        ("recommend", "critique"),
        (Mention(("a", "b"), "A", 0, 1, -2, True, 1),),
        (Constraint("year", ">=", 1980.0, "after 1980"), Constraint("categories", "in", ("Horror",))),
        (Critique("newer", "a"), Critique("less", value="dark")),
        {("categories", "Western"): 1},
        ("year",),
        n=5,
    )
    assert from_json("text", json.loads(json.dumps(to_json(said)))) == said
    assert from_json("text", {}) == Understanding("text")


def test_without_a_catalog_lines_name_one_and_are_parted_by_it(tmp_path):
    lines = [{**LINES[0], "catalog": "movies"}, {**LINES[1], "catalog": "articles"}]
    file = tmp_path / "utterances.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    first = load_dataset(tmp_path)
    assert (first.fold, first.folds, len(first)) == ("movies", ("movies", "articles"), 1)
    assert load_dataset(tmp_path, fold="articles").catalog.kind == "article"
    with pytest.raises(DatasetError, match="no fold 'games'"):
        load_dataset(tmp_path, fold="games")
    file.write_text(json.dumps(LINES[0]) + "\n", "utf-8")
    with pytest.raises(DatasetError, match="utterance '1': catalog: missing"):
        load_dataset(tmp_path)


def test_broken_labels_name_their_field(utterances):
    line = {**LINES[0], "mentions": [{"ids": ["alien"], "start": 8, "end": 13}]}
    (utterances / "utterances.jsonl").write_text(json.dumps(line), "utf-8")
    with pytest.raises(DatasetError, match=r"utterances\.jsonl:1:mentions\.0\.attitude: missing"):
        load_dataset(utterances)
