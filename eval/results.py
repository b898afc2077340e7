"""The record of a finished run: everything that tables, pages and gates show, in one JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from eval.errors import ResultsError
from eval.files import write_whole
from eval.statistics import Comparison, Interval, Spread

FORMAT = 1
"""Counted up when the record changes in a way that older readers cannot take."""

CellKind = Literal["system", "floor", "outputs"]


@dataclass(frozen=True, slots=True)
class Machine:
    """Where a run was made: the versions that its figures hang on."""

    groundrec: str
    revision: str | None
    python: str
    platform: str
    processor: str
    cores: int
    packages: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DatasetStamp:
    """A data set as it was when the run was made.

    Attributes:
        name: How the matrix calls it.
        protocol: The task: ``next_item``, ``history``, ``choice``, ...
        checksum: Of all its rows and its memory.
        catalog: Fingerprint of its catalog.
        items: How many items that catalog has.
        rows: How many questions were asked of it.
        clusters: How many dialogues or users those belong to.
        licence: One line.
        unknown_targets: Right answers that are not in the catalog; they count as missed.
    """

    name: str
    protocol: str
    checksum: str
    catalog: str
    items: int
    rows: int
    clusters: int
    licence: str
    unknown_targets: int = 0


@dataclass(frozen=True, slots=True)
class CellSettings:
    """What one cell of the matrix is made of.

    Attributes:
        prompt: The prompt asked for; ``auto`` where the recommender chooses; None where none is used.
        prompt_hashes: Hash by name of the prompts that were rendered.
        model: As asked for: ``auto``, ``none``, a folder, ...; None for floors and stored outputs.
        weights: The model's own name: weights, revision and quantisation.
        strategy: How the matrix calls it.
        options: Every switch of the strategy.
        seeds: One list was made for each row and seed.
    """

    dataset: str
    prompt: str | None = None
    prompt_hashes: Mapping[str, str] = field(default_factory=dict)
    model: str | None = None
    weights: str | None = None
    strategy: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    seeds: tuple[int, ...] = (0,)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a cell cost.

    ``milliseconds_p50`` and ``_p95`` are of one answer; tokens are of all answers together;
    ``peak_megabytes`` is the greatest resident memory of the process while the cell ran, model and data sets
    included. None where nothing was measured.
    """

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None
    milliseconds_p50: float | None = None
    milliseconds_p95: float | None = None
    seconds: float | None = None
    peak_megabytes: float | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """The same figures over a part of the rows."""

    name: str
    n: int
    measurements: Mapping[str, Interval]


@dataclass(frozen=True, slots=True)
class NamedItem:
    """An item as people read it; ``rank`` counts from 1, None where the list does not hold it."""

    id: str
    label: str
    rank: int | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TitleRecord:
    """A title that the model wrote, and what became of it."""

    text: str
    item_id: str | None
    label: str | None
    method: str
    confidence: float | None = None
    reason: str = ""
    is_target: bool = False


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a dialogue or of a rendered prompt."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One row in full, to look into.

    Attributes:
        id: The row.
        cluster: The dialogue or user it belongs to.
        request: What the user says now.
        dialogue: What was said before, oldest first.
        history: The items the user had named or used.
        targets: The right items, each with the rank it was given.
        ranked: The head of the list.
        prompt: The rendered prompt; empty where no model ran.
        text: What the model wrote.
        titles: Each title in it and what became of it.
        trace: The stages of the turn, as :meth:`agent.trace.Trace.to_json` gives them.
        error: Why the row failed; None where it did not.
        values: The row's own metrics, by name.
    """

    id: str
    cluster: str
    request: str = ""
    dialogue: tuple[ChatMessage, ...] = ()
    history: tuple[NamedItem, ...] = ()
    targets: tuple[NamedItem, ...] = ()
    ranked: tuple[NamedItem, ...] = ()
    prompt: tuple[ChatMessage, ...] = ()
    text: str | None = None
    titles: tuple[TitleRecord, ...] = ()
    trace: tuple[Mapping[str, Any], ...] = ()
    error: str | None = None
    milliseconds: float | None = None
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RowTable:
    """Metrics of every row, so that other runs can be compared with this one row by row.

    Attributes:
        ids: The rows, sorted; n of them.
        clusters: Their dialogues or users.
        values: n values by metric; None where the metric says nothing of a row.
    """

    ids: tuple[str, ...]
    clusters: tuple[str, ...]
    values: Mapping[str, tuple[float | None, ...]]


@dataclass(frozen=True, slots=True)
class CellResult:
    """One row of the table.

    Attributes:
        id: Unique in the run, and the same in every run of the same settings.
        label: Short, for people; unique within its data set.
        kind: A system of ours, a floor, or the stored outputs of any system.
        settings: What it is made of.
        n: Rows, the failed ones among them.
        failures: How many rows failed, by reason; they score 0.
        measurements: Values with intervals by metric (``recall@10``).
        slices: The same over parts of the rows.
        comparisons: By metric, this cell against the baseline cell of its data set; empty for the
            baseline itself and where there is none.
        spreads: Over the ``orders`` and the ``paraphrases`` of its prompt, by metric.
        cost: Tokens, time and memory.
        samples: Some rows in full.
        rows: The headline metrics of all rows.
        notes: What a reader of the figures must know.
    """

    id: str
    label: str
    kind: CellKind
    settings: CellSettings
    n: int
    failures: Mapping[str, int] = field(default_factory=dict)
    measurements: Mapping[str, Interval] = field(default_factory=dict)
    slices: tuple[Slice, ...] = ()
    comparisons: Mapping[str, Comparison] = field(default_factory=dict)
    spreads: Mapping[str, Mapping[str, Spread]] = field(default_factory=dict)
    cost: Cost = Cost()
    samples: tuple[Sample, ...] = ()
    rows: RowTable | None = None
    notes: tuple[str, ...] = ()

    @property
    def failed(self) -> int:
        """Rows that failed, whatever the reason."""
        return sum(self.failures.values())


@dataclass(frozen=True, slots=True)
class RunResult:
    """A run: its cells and everything needed to make it again.

    Attributes:
        id: The run's name, unique where runs are kept.
        created: When it was begun, ISO 8601 in UTC.
        machine: What made it.
        matrix: The matrix as it was asked for.
        datasets: Stamps by name.
        cells: Systems in the matrix's order, then floors, then stored outputs, data set by data set.
        baselines: Id of the cell that the others are compared with, by data set.
        level: Confidence of the intervals.
        resamples: Draws of the bootstrap.
        seconds: Wall-clock time of the last call of the run.
        peak_megabytes: The greatest resident memory of a process of the run.
        complete: Whether every row of every cell is there.
        notes: What a reader of the figures must know.
        inputs: Hash of all that the results hang on; empty where it was not taken.
    """

    id: str
    created: str
    machine: Machine
    matrix: Mapping[str, Any]
    datasets: Mapping[str, DatasetStamp]
    cells: tuple[CellResult, ...]
    baselines: Mapping[str, str] = field(default_factory=dict)
    level: float = 0.95
    resamples: int = 2000
    seconds: float | None = None
    peak_megabytes: float | None = None
    complete: bool = True
    notes: tuple[str, ...] = ()
    inputs: str = ""
    format: int = FORMAT

    def cell(self, cell_id: str) -> CellResult:
        """The cell with this id or label; raises ResultsError where there is none or several."""
        found = [cell for cell in self.cells if cell_id in (cell.id, cell.label)]
        if len(found) == 1:
            return found[0]
        names = ", ".join(repr(cell.id) for cell in found or self.cells)
        what = f"{len(found)} cells are called" if found else "there is no cell"
        raise ResultsError(f"{what} {cell_id!r}", where=f"run {self.id!r}", hint=f"There are: {names}")

    def of(self, dataset: str) -> tuple[CellResult, ...]:
        """The cells of one data set."""
        return tuple(cell for cell in self.cells if cell.settings.dataset == dataset)

    def to_json(self) -> dict[str, Any]:
        """A JSON-ready mapping with the names of the fields."""
        mapping: dict[str, Any] = _adapter().dump_python(self, mode="json")
        return mapping

    @classmethod
    def from_json(cls, mapping: Mapping[str, Any], *, where: str = "results") -> RunResult:
        """The run that :meth:`to_json` was called on.

        Raises:
            ResultsError: the mapping is no record of a run, or one of another format.
        """
        if not isinstance(mapping, Mapping) or "cells" not in mapping:
            raise ResultsError("this is no record of a run", where=where, hint="Name a run's results.json")
        if mapping.get("format") != FORMAT:
            raise ResultsError(
                f"the record has format {mapping.get('format')!r}, this version reads {FORMAT}",
                where=where,
                hint="Score the run again: `groundrec eval score FOLDER`",
            )
        try:
            return _adapter().validate_python(mapping)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise ResultsError(f"{place}: {first['msg'].lower()}", where=where) from None

    def save(self, path: Path) -> None:
        """Write the record in one step; raises StoreError where it cannot be written."""
        text = json.dumps(self.to_json(), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        write_whole(path, text)

    @classmethod
    def load(cls, path: Path) -> RunResult:
        """Read a record; ``path`` is the file or the folder of the run.

        Raises:
            ResultsError: there is no record, or it is broken.
        """
        file = path / RESULTS_FILE if path.is_dir() else path
        if not file.is_file():
            raise ResultsError(
                "there are no results",
                where=str(file),
                hint="`groundrec eval run` makes them, `groundrec eval score FOLDER` makes them again",
            )
        try:
            mapping = json.loads(file.read_text(encoding="utf-8"))
        except (ValueError, UnicodeDecodeError) as error:
            raise ResultsError(f"this is not JSON: {error}", where=str(file)) from None
        return cls.from_json(mapping, where=str(file))


RESULTS_FILE = "results.json"


@cache
def _adapter() -> TypeAdapter[RunResult]:
    return TypeAdapter(RunResult)
