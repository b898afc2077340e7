"""What the suite's README says of the matrix is so."""

import re
from pathlib import Path

import yaml

from eval.cells import cells
from eval.matrix import DatasetSpec, Matrix, OutputsSpec, PromptSpec

README = (Path(__file__).parents[2] / "eval" / "README.md").read_text("utf-8")


def test_the_matrix_in_it_is_one():
    (text,) = re.findall(r"```yaml\n(.*?)```", README, re.S)
    matrix = Matrix.of(yaml.safe_load(text))
    labels = [cell.label for cell in cells(matrix) if cell.dataset == "redial"]
    assert matrix.baseline in labels
    assert len(labels) == 3, "without a generation, prompts make no difference"


def test_it_names_every_key():
    rows = re.findall(r"^\| (`.*?) \| (.*?) \|", README, re.M)
    keys = {key for names, _ in rows for key in re.findall(r"`(\w+)`", names)}
    assert keys == set(Matrix.model_fields)
    for spec, row in ((DatasetSpec, "datasets"), (PromptSpec, "prompts"), (OutputsSpec, "outputs")):
        (said,) = (text for names, text in rows if names == f"`{row}`")
        assert set(spec.model_fields) <= set(re.findall(r"`(\w+)`", said))
