"""What the README of the prompts says is tried out."""

import re
from pathlib import Path
from typing import get_args

import pytest

import prompts
from prompts.budget import TRIM_ORDER
from prompts.front_matter import FrontMatter, GenerationOptions, InputSpec, InputType, Task

README = (Path(prompts.__file__).parent / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_example_works_as_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = Path("my_prompts/recommend")
    folder.mkdir(parents=True)
    (template,) = blocks("jinja")
    (folder / "terse.jinja").write_text(template)
    (code,) = blocks("python")
    exec(compile(code, "README.md", "exec"), {})


@pytest.mark.parametrize(
    "word",
    [
        *FrontMatter.model_fields,
        *GenerationOptions.model_fields,
        *InputSpec.model_fields,
        *get_args(InputType),
        *get_args(Task),
        *TRIM_ORDER,
    ],
)
def test_every_key_is_told(word):
    assert f"`{word}`" in README or f"`{word}:" in README


def test_the_order_of_trimming_is_as_told():
    told = re.findall(r"`(\w+)`", README[README.index("oldest entries first, of") :])
    assert tuple(told[: len(TRIM_ORDER)]) == TRIM_ORDER
