"""A run as one HTML page that holds everything it shows and asks no other address for anything."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from eval.report import notes, text
from eval.report.answers import Question, questions
from eval.report.board import COST, Board, Standing, better, boards, describe
from eval.report.figures import FigureTable, figure_tables
from eval.report.notes import board_notes
from eval.report.panels import Panels, by_prompt, by_slice, leaders
from eval.report.tradeoff import TradeOff, trade_offs
from eval.results import RunResult

_STANDINGS: tuple[tuple[Standing, str], ...] = (
    ("better", "better than the baseline"),
    ("undecided", "not decided"),
    ("worse", "worse than the baseline"),
)


@dataclass(frozen=True, slots=True)
class Section:
    """What the page shows of one data set."""

    key: str
    board: Board
    leaders: Panels
    prompts: Panels | None
    slices: Panels | None
    trade_offs: tuple[TradeOff, ...]
    figures: tuple[FigureTable, ...]
    questions: tuple[Question, ...]
    metrics: tuple[str, ...]
    notes: tuple[str, ...]


def to_html(run: RunResult, *, metrics: Sequence[str] | None = None) -> str:
    """The page. It is readable without its script, which only sorts, filters and opens.

    Foreign text (titles, prompts, names) is escaped, and a content security policy lets nothing run or
    load but the page's own script and style.

    Args:
        run: The results.
        metrics: The columns of the leader tables; those of each data set's protocol where not given.

    Raises:
        ResultsError: see :func:`eval.report.board.boards`.
    """
    style, script = _asset("style.css"), _asset("script.js")
    policy = "; ".join(
        (
            "default-src 'none'",
            f"style-src {_digest(style)}",
            f"script-src {_digest(script)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    sections = tuple(_section(place, board) for place, board in enumerate(boards(run, metrics), start=1))
    return (
        _environment()
        .get_template("page.html.jinja")
        .render(
            run=run,
            sections=sections,
            glossary=_glossary(run),
            standings=_STANDINGS,
            cost=COST,
            policy=policy,
            style=Markup(style),
            script=Markup(script),
        )
    )


def _section(place: int, board: Board) -> Section:
    return Section(
        key=f"data-{place}",
        board=board,
        leaders=leaders(board),
        prompts=by_prompt(board),
        slices=by_slice(board),
        trade_offs=trade_offs(board),
        figures=figure_tables(board),
        questions=questions(board),
        metrics=tuple(dict.fromkeys(name for line in board.lines for name in line.cell.measurements)),
        notes=tuple(board_notes(board)),
    )


def _glossary(run: RunResult) -> tuple[tuple[str, str, str], ...]:
    """Name, direction and meaning of every metric in the run, cutoffs left out."""
    names = dict.fromkeys(name.partition("@")[0] for cell in run.cells for name in cell.measurements)
    return tuple((name, better(name) or "", describe(name)) for name in names)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("eval.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_safe,
    )
    environment.filters |= {
        "figure": lambda value, metric: text.figure(metric, value),
        "json": _json,
        "milliseconds": text.milliseconds,
        "number": text.number,
        "one_line": text.one_line,
        "p_value": text.p_value,
        "plural": text.plural,
        "signed": text.signed,
    }
    environment.globals |= {
        "difference": notes.difference,
        "mapping": asdict,
        "value_with_interval": notes.value_with_interval,
        "standing_counts": notes.standings,
    }
    return environment


def _safe(value: Any) -> Any:
    """What is printed, without control characters."""
    return text.plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def _asset(name: str) -> str:
    return (files("eval.report") / "templates" / name).read_text(encoding="utf-8")


def _digest(source: str) -> str:
    """The source expression of a content security policy that admits this very text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"
