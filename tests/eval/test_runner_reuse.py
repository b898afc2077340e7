"""A finished run is resumed without scoring it again, unless something its figures hang on has changed."""

from dataclasses import replace

import pytest
from film_set import write_films
from support import WordEmbedder

from agent.settings import Settings
from eval.matrix import Matrix
from eval.results import RESULTS_FILE, RunResult
from eval.runner import run


@pytest.fixture
def scored(monkeypatch):
    """How often a run was scored."""
    import importlib

    module = importlib.import_module("eval.runner.run")
    calls, results = [], module.results
    monkeypatch.setattr(module, "results", lambda *args: calls.append(1) or results(*args))
    return calls


@pytest.fixture
def make(tmp_path):
    films = write_films(tmp_path / "films")
    settings = Settings(cache_dir=tmp_path / "cache")

    def run_films(**matrix):
        values = {"datasets": films, "models": "none", "strategies": "fast", "floors": "random", **matrix}
        return run(Matrix.of(values), tmp_path / "out", settings=settings, embedder=WordEmbedder())

    return run_films


def test_the_same_run_is_scored_once(make, scored):
    first, second = make(), make()
    assert len(scored) == 1
    assert first.cells == second.cells
    assert first.inputs == second.inputs != ""


@pytest.mark.parametrize("change", [{"metrics": "recall@5"}, {"floors": ["random", "popularity"]}])
def test_another_matrix_is_scored_anew(make, scored, change):
    make()
    changed = make(**change)
    assert len(scored) == 2
    assert changed.cells == make(**change).cells
    assert len(scored) == 2


def test_other_code_or_broken_results_are_scored_anew(make, scored, tmp_path, monkeypatch):
    first = make()
    monkeypatch.setattr("eval.runner.reuse._sources", lambda: "other code")
    second = make()
    assert len(scored) == 2
    assert second == replace(
        first, **{n: getattr(second, n) for n in ("inputs", "seconds", "peak_megabytes")}
    )
    (tmp_path / "out" / RESULTS_FILE).write_text("{")
    make()
    assert len(scored) == 3
    assert RunResult.load(tmp_path / "out").cells == first.cells
