"""The commands of ``groundrec eval`` over a tiny set on disk."""

import json

import pytest
from film_set import write_films
from support import WordEmbedder
from typer.testing import CliRunner

from agent.cli import app
from eval.runner import bench


@pytest.fixture
def films(tmp_path, monkeypatch):
    """The folder of the set; embeddings need no weights, and everything is written below tmp_path."""
    monkeypatch.setattr(bench, "load_embedder", lambda *_, **__: WordEmbedder())
    monkeypatch.setenv("GROUNDREC_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    from agent.settings import settings

    settings.cache_clear()
    yield write_films(tmp_path / "films")
    settings.cache_clear()


def invoke(*words):
    return CliRunner().invoke(app, ["eval", *map(str, words)])


def one_cell(films, *more):
    return invoke("run", "--dataset", films, "--model", "none", "--strategy", "fast", *more)


def test_one_cell_as_json(films):
    ran = one_cell(films, "--out", "out", "--sample", "4", "--json")
    assert ran.exit_code == 0, ran.output
    found = json.loads(ran.stdout)
    assert set(found["metrics"]["recall@10"]) == {"value", "low", "high"}
    assert (found["n"], found["failures"], found["cell"]) == (4, 0, "films: none + fast")
    assert found["slices"]["nothing mentioned"]["n"] + 0 <= 4
    assert "milliseconds_p50" not in found["metrics"]
    assert found["cost"]["milliseconds_p50"] > 0
    assert {c["kind"] for c in found["cells"]} == {"system", "floor"}
    assert found["datasets"]["films"]["checksum"]


def test_a_matrix_file(films, tmp_path):
    (tmp_path / "prompts.yaml").write_text(
        "datasets: ./films\nmodels: none\nstrategies: [fast, {preset: fast, diversity: 0.8, name: varied}]\n"
    )
    ran = invoke("run", "prompts.yaml", "--limit", 5, "--metric", "recall@10", "--metric", "coverage@10")
    assert ran.exit_code == 0, ran.output
    assert "varied" in ran.stdout
    assert "kept in runs/prompts" in ran.stderr
    assert (tmp_path / "runs" / "prompts" / "results.json").exists()
    listed = invoke("list", "--json")
    assert [each["folder"] for each in json.loads(listed.stdout)] == ["runs/prompts"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "matrix file or a data set"),
        (("m.yaml", "--dataset", "redial"), "not both"),
        (("m.yaml",), "No such file"),
        (("--dataset", "rediall"), "did you mean 'redial'"),
        (("--dataset", "films", "--strategy", "quick"), "unknown strategy 'quick'"),
        (("--dataset", "films", "--metric", "recal@10"), "Did you mean 'recall'"),
    ],
)
def test_misuse_is_one_line(films, words, said):
    ran = invoke("run", *words)
    assert ran.exit_code in (1, 2)
    assert said in ran.stderr
    assert "Traceback" not in ran.output


def test_gates(films, tmp_path):
    assert one_cell(films, "--out", "one").exit_code == 0
    passed = invoke("compare", "one", "--fail-under", "recall@10=.1")
    assert passed.exit_code == 0, passed.output
    failed = invoke(
        "compare",
        "one",
        "one",
        "--fail-under",
        "recall@10=.99",
        "--max-drop",
        "ndcg@10=0",
        "--junit",
        "j.xml",
    )
    assert failed.exit_code == 100
    assert "FAILED" in failed.stdout
    assert 'failures="1"' in (tmp_path / "j.xml").read_text()
    told = json.loads(invoke("compare", "one", "one/results.json", "--json").stdout)
    assert all(each["passed"] and each["limit"] is None for each in told)
    assert {each["comparison"]["p"] for each in told} == {1.0}
    assert invoke("compare", "one").exit_code == 2
    assert invoke("compare", "one", "--fail-under", "recall@7=.1").exit_code == 1


def test_outputs_of_any_system(films, tmp_path):
    (tmp_path / "gpt.jsonl").write_text(
        '{"id": "t1", "items": ["thing82"]}\n{"id": "t4", "titles": ["Heat"]}\n'
    )
    ran = invoke("score", "--dataset", films, "--outputs", "gpt.jsonl", "--name", "GPT-4", "--json")
    assert ran.exit_code == 0, ran.output
    found = json.loads(ran.stdout)
    assert (found["cell"], found["n"], found["failures"]) == ("films: GPT-4", 6, 4)
    assert found["metrics"]["recall@1"]["value"] == pytest.approx(1 / 6)


def test_scoring_again(films, tmp_path, monkeypatch):
    """From another folder, and without the file that the answers came from."""
    (tmp_path / "gpt.jsonl").write_text('{"id": "t1", "items": ["thing82"]}\n')
    assert invoke("score", "--dataset", "films", "--outputs", "gpt.jsonl", "--out", "one").exit_code == 0
    (tmp_path / "gpt.jsonl").unlink()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    ran = invoke("score", tmp_path / "one", "--metric", "mrr@3", "--json")
    assert ran.exit_code == 0, ran.output
    assert list(json.loads(ran.stdout)["metrics"]) == ["mrr@3"]
    assert invoke("score").exit_code == 2
    assert "there is no run" in invoke("score", films).stderr


def test_reports(films, tmp_path):
    one_cell(films, "--out", "one")
    assert "none + fast" in invoke("report", "one").stdout
    ran = invoke("report", "one", "--html", "r.html", "--markdown", "r.md", "--junit", "r.xml")
    assert ran.exit_code == 0, ran.output
    assert all((tmp_path / name).stat().st_size for name in ("r.html", "r.md", "r.xml"))
    assert "there are no results" in invoke("report", "films").stderr


def test_stamps_and_their_differences(films):
    one_cell(films, "--out", "one")
    one_cell(films, "--out", "two", "--sample", 3)
    stamps = json.loads(invoke("show", "one", "--json").stdout)
    assert stamps["machine"]["packages"]["numpy"]
    assert stamps["cells"]["films: none + fast"]["options"]["generation"] == "none"
    found = json.loads(invoke("diff", "one", "two", "--json").stdout)
    assert found["datasets.films.rows"] == ["6", "3"]
    assert not any(name.startswith(("machine.", "cells.")) for name in found)
    assert "none + fast" in invoke("show", "one").stdout
    (line,) = (line for line in invoke("diff", "one", "two").stdout.splitlines() if ".films.rows" in line)
    assert line.split()[1:] == ["6", "3"], "both have room"


def test_an_unfinished_run_says_so(films, tmp_path):
    """A segment cut in the middle, as after a kill: scoring tells what is missing, running goes on."""
    one_cell(films, "--out", "one")
    (segment,) = (tmp_path / "one" / "answers").iterdir()
    segment.write_bytes(segment.read_bytes()[: segment.stat().st_size // 2])
    found = json.loads(invoke("score", "one", "--json").stdout)
    assert found["complete"] is False
    assert any("not complete" in note for note in found["notes"])
    again = one_cell(films, "--out", "one", "--json")
    assert json.loads(again.stdout)["complete"] is True
