"""Retrieval alone is no worse than when the committed baseline was made."""

import json

from baseline_run import BASELINE, run_cell
from typer.testing import CliRunner

from agent.cli import app


def test_no_worse_than_the_baseline(tmp_path):
    run_cell(tmp_path)
    gates = ("--max-drop", "recall@50=.02", "--max-drop", "ndcg@50=.01", "--fail-under", "recall@50=.04")
    ran = CliRunner().invoke(app, ["eval", "compare", str(tmp_path / "run"), str(BASELINE), *gates, "--json"])
    assert ran.exit_code == 0, ran.output
    verdicts = json.loads(ran.stdout)
    assert [each["metric"] for each in verdicts] == ["recall@50", "recall@50", "ndcg@50"]
    assert verdicts[1]["comparison"] is not None, "the rows are compared in pairs"
