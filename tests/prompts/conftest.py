"""Helpers for tests of prompts."""

from collections.abc import Callable
from pathlib import Path

import pytest

from prompts import Prompt, PromptLibrary

MATTER = """\
name: mine
version: 1
task: recommend
description: A prompt of a test.
inputs:
{inputs}
examples:
  - {example}
"""


@pytest.fixture
def write_prompt(tmp_path: Path) -> Callable[..., Path]:
    """Write ``recommend/mine.jinja``; its body begins on line 11. Returns the folder."""

    def write(body: str, inputs: str = "  []", name: str = "mine.jinja", example: str = "{}") -> Path:
        folder = tmp_path / "prompts"
        (folder / "recommend").mkdir(parents=True, exist_ok=True)
        text = f"---\n{MATTER.format(inputs=inputs, example=example)}---\n{body}"
        (folder / "recommend" / name).write_text(text, "utf-8")
        return folder

    return write


@pytest.fixture
def make_prompt(write_prompt: Callable[..., Path]) -> Callable[..., Prompt]:
    """The prompt that :func:`write_prompt` wrote, read by a library."""

    def make(body: str, inputs: str = "  []", example: str = "{}") -> Prompt:
        return PromptLibrary(write_prompt(body, inputs, example=example)).get("recommend/mine")

    return make
