"""Stored outputs of any system as a system: published lists stand in the same table as ours."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, model_validator

from agent.catalog import Catalog
from agent.grounding import Grounder
from eval.datasets import Question
from eval.datasets.lines import Id, Ids, read_lines
from eval.errors import EvalError
from eval.metrics import WrittenTitle
from eval.protocols import Answer, grounded_titles


class OutputLine(BaseModel):
    """A line of stored outputs: titles, which are grounded, or ids of items."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: Id
    titles: tuple[str, ...] | None = None
    items: Ids | None = None

    @model_validator(mode="after")
    def _has_a_list(self) -> OutputLine:
        if (self.titles is None) == (self.items is None):
            raise ValueError("a line has either titles or items")
        return self


class MissingOutputError(EvalError):
    """The stored outputs have no line for a question."""


class OutputsSystem:
    """Answers with what a file holds.

    Args:
        name: What tables call it.
        lines: Lines by question.
        catalog: What can be answered.
        grounder: Links titles to its items.
    """

    def __init__(
        self, name: str, lines: Mapping[str, OutputLine], catalog: Catalog, grounder: Grounder
    ) -> None:
        self.name = name
        self._lines, self._catalog, self._grounder = lines, catalog, grounder

    def __call__(self, question: Question, n: int) -> Answer:
        """The stored list; raises MissingOutputError where there is none."""
        line = self._lines.get(question.id)
        if line is None:
            raise MissingOutputError("the outputs have no line for this question")
        return Answer.of_titles(question.id, self._titles(line))

    def _titles(self, line: OutputLine) -> tuple[WrittenTitle, ...]:
        if line.titles is not None:
            return grounded_titles(self._grounder.ground(line.titles))
        return tuple(self._named(item_id) for item_id in line.items or ())

    def _named(self, item_id: str) -> WrittenTitle:
        if item_id in self._catalog:
            return WrittenTitle(item_id, item_id, "id")
        return WrittenTitle(item_id, None, "rejected", reason="no item has this id")


def read_outputs(path: Path) -> dict[str, OutputLine]:
    """Lines by question.

    Raises:
        DatasetError: the file cannot be read or a line breaks the format; all problems are named.
    """
    return {line.id: line for line in read_lines(path, OutputLine)}


def file_hash(path: Path) -> str:
    """A hash of a file's bytes."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    except OSError as error:
        raise EvalError(f"cannot be read: {error.strerror}", where=str(path)) from None
