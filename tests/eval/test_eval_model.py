"""One run with the real model and embedder, from the command line to the page."""

import json

import pytest
from film_set import write_films
from typer.testing import CliRunner

from agent.cli import app
from agent.settings import settings


@pytest.mark.model
def test_a_run_with_the_real_model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    films = write_films(tmp_path / "films")
    words = ["eval", "run", "--dataset", films, "--sample", "3", "--out", "out", "--json"]
    words += [
        "--prompt",
        "recommend/zero_shot",
        "-s",
        "constrained,n=3,scored=5",
        "-s",
        "free,n=3,scorer=none",
    ]
    ran = CliRunner().invoke(app, words)
    assert ran.exit_code == 0, ran.output
    found = json.loads(ran.stdout)
    constrained, free = (cell for cell in found["cells"] if cell["kind"] == "system")
    assert constrained["failures"] == free["failures"] == 0
    assert constrained["metrics"]["out_of_catalog_rate"]["value"] == 0
    assert 0 < constrained["metrics"]["list_length"]["value"] <= 3
    assert constrained["cost"]["completion_tokens"] > 0
    assert "smollm2" in constrained["settings"]["weights"].lower()
    floors = [cell["cell"] for cell in found["cells"] if cell["kind"] == "floor"]
    assert sum("lm-alone" in name for name in floors) == 2

    # Neither going on nor scoring again loads the model: it could not be loaded now.
    monkeypatch.setattr("eval.runner.bench.load_model", None)
    again = CliRunner().invoke(app, words)
    assert again.exit_code == 0, again.output
    assert json.loads(again.stdout)["cells"] == found["cells"]
    report = CliRunner().invoke(app, ["eval", "report", "out", "--html", "report.html"])
    assert report.exit_code == 0, report.output
    assert "recommend/zero_shot" in (tmp_path / "report.html").read_text()
    settings.cache_clear()
