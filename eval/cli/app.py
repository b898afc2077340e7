"""The commands of ``groundrec eval``, in the order the help lists them."""

from __future__ import annotations

from importlib.util import find_spec

import typer

from agent.errors import SettingsError
from eval.cli import compare, datasets, report, run, runs, score

app = typer.Typer(no_args_is_help=True, help="Which prompt, model and strategy is better, and by how much.")

_NEEDED = ("scipy", "ir_measures")


@app.callback()
def root() -> None:
    """Refuse early where the packages of the suite are not installed."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise SettingsError(
            f"the evaluation suite needs {' and '.join(missing)}", hint="pip install 'groundrec[eval]'"
        )


app.command("run")(run.run)
app.command("score")(score.score)
app.command("report")(report.report)
app.command("compare")(compare.compare)
app.command("list")(runs.list_runs)
app.command("show")(runs.show)
app.command("diff")(runs.diff)
app.command("datasets")(datasets.datasets)
