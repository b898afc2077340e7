"""JSON Lines files, plain or gzipped, checked against a model; every problem names file, line and field."""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from typing_extensions import TypedDict

from eval.errors import DatasetError

_SHOWN = 3


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _as_turns(value: Any) -> Any:
    return [{"role": "user", "content": value}] if isinstance(value, str) else value


def _as_list(value: Any) -> Any:
    if value is None:
        return []
    return [value] if isinstance(value, (str, int)) else value


Id = Annotated[str, BeforeValidator(_as_text), Field(min_length=1)]
"""Text; an integer is read as its digits."""

Ids = Annotated[list[Id], BeforeValidator(_as_list)]
"""A list of ids; a single one stands for itself."""


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class TurnLine(_Line):
    """``{"role", "content"}``."""

    role: Literal["user", "assistant"]
    content: str


class ConversationLine(_Line):
    """A turn to predict: a line of ``conversations.jsonl``.

    ``context`` may be one text, which the user then says. ``repeated`` (right items that were said
    before), ``options`` and ``slices`` are optional.
    """

    id: Id
    dialogue: Id | None = None
    context: Annotated[list[TurnLine], BeforeValidator(_as_turns)]
    mentioned: Ids = []
    targets: Ids = []
    repeated: Ids = []
    options: Ids = []
    slices: list[str] = []

    @model_validator(mode="after")
    def _has_an_answer(self) -> ConversationLine:
        if not self.targets and not self.repeated:
            raise ValueError("no targets")
        if self.options and not set(self.targets) <= set(self.options):
            raise ValueError("a target is not among the options")
        return self


class SpokenLine(_Line):
    """An item said in a dialogue."""

    id: Id
    turn: Annotated[int, Field(ge=0)]
    by: Literal["user", "assistant"]
    attitude: Annotated[int, Field(ge=-2, le=2)] | None = None


class DialogueLine(_Line):
    """A past dialogue: a line of ``memory.jsonl``. ``groups`` are the folds of its people."""

    id: Id
    turns: list[TurnLine]
    items: list[SpokenLine]
    groups: list[int] = []

    @model_validator(mode="after")
    def _turns_exist(self) -> DialogueLine:
        for item in self.items:
            if item.turn >= len(self.turns):
                raise ValueError(f"item {item.id!r} is of turn {item.turn}, of {len(self.turns)} turns")
        return self


class TitleLine(_Line):
    """A title as somebody wrote it, and the item it names, if any: a row of ``titles.csv``."""

    text: Annotated[str, Field(min_length=1)]
    item_id: str = ""
    kind: str = ""


class MentionLabel(TypedDict):
    """An item that an utterance names: any of ``ids`` is right. It is not required where ``optional``."""

    ids: list[str]
    start: int
    end: int
    attitude: int
    seen: bool
    optional: NotRequired[bool]


class ConstraintLabel(TypedDict):
    """A condition that an utterance sets. It is not required where ``optional``."""

    field: str
    op: str
    value: Any
    optional: NotRequired[bool]


class CritiqueLabel(TypedDict):
    """A wish to change the last list; ``rank`` is the place in it that is referred to."""

    kind: str
    value: str | None
    rank: int | None


class LabelledLine(_Line):
    """An utterance with all that must be understood of it: a line of ``utterances.jsonl``.

    ``last`` is the list it answers; ``catalog`` the catalog whose items it names, where the folder has none.
    """

    id: Id
    text: str
    catalog: str = ""
    source: str = ""
    locale: Literal["en", "zh"] = "en"
    last: list[str] = []
    intents: list[str] = []
    mentions: list[MentionLabel] = []
    constraints: list[ConstraintLabel] = []
    critiques: list[CritiqueLabel] = []
    facets: dict[str, int] = {}
    relaxed: list[str] = []
    n: int | None = None


Model = TypeVar("Model", bound=BaseModel)


def read_lines(path: Path, model: type[Model]) -> list[Model]:
    """The lines of a file as records of a model.

    Raises:
        DatasetError: the file cannot be read, is empty, or a line breaks the format or repeats an id;
            ``problems`` lists all.
    """
    return check_rows(_json_rows(path), model, str(path), hint=_shape(model))


def read_titles(path: Path) -> list[TitleLine]:
    """The rows of a ``titles.csv``; raises what :func:`read_lines` raises.

    The first line names the columns; a row without ``item_id`` is a title that the catalog lacks.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            return check_rows(
                ((reader.line_num, row) for row in reader), TitleLine, str(path), hint=_shape(TitleLine)
            )
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"cannot be read: {error}", where=str(path)) from None


def check_rows(
    rows: Iterable[tuple[int, Any]], model: type[Model], file: str, *, hint: str | None = None
) -> list[Model]:
    """Numbered rows as records of a model; raises what :func:`read_lines` raises.

    A row that is an error is reported as it is.
    """
    found: list[Model] = []
    problems: list[str] = []
    lines: dict[str, int] = {}
    for number, row in rows:
        if isinstance(row, Exception):
            problems.append(f"{file}:{number}: {row}")
            continue
        try:
            record = model.model_validate(row)
        except ValidationError as error:
            problems += [f"{file}:{number}:{_problem(e)}" for e in error.errors()]
            continue
        found.append(record)
        name = getattr(record, "id", None)
        if name is not None and lines.setdefault(name, number) != number:
            problems.append(f"{file}:{number}:id: {name!r} is already in line {lines[name]}")
    raise_problems(problems, file, hint)
    if not found:
        raise DatasetError("no lines", where=file, hint=hint, problems=(f"{file}: no lines",))
    return found


def raise_problems(problems: list[str], where: str, hint: str | None = None) -> None:
    """Raise the error that holds all problems, if there are any."""
    if problems:
        count = "1 problem" if len(problems) == 1 else f"{len(problems):,} problems"
        shown = "; ".join(problems[:_SHOWN]) + (
            f"; and {len(problems) - _SHOWN:,} more" if len(problems) > _SHOWN else ""
        )
        raise DatasetError(f"{count}: {shown}", where=where, hint=hint, problems=problems)


def _json_rows(path: Path) -> Iterator[tuple[int, Any]]:
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rb") as stream:
            for number, raw in enumerate(stream, start=1):
                try:
                    text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    yield number, ValueError(f"byte {error.start} of the line is not UTF-8")
                    continue
                if text.strip():
                    yield number, _parsed(text)
    except (OSError, EOFError, zlib.error) as error:
        what = getattr(error, "strerror", None) or error
        raise DatasetError(f"cannot be read: {what}", where=str(path)) from None


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        return ValueError(f"not JSON: {error}")


def _problem(error: Mapping[str, Any]) -> str:
    """``context.0.role: input should be 'user' or 'assistant', not 'bot'``."""
    field = ".".join(map(str, error["loc"]))
    what = error["msg"].removeprefix("Value error, ").replace("valid tuple", "valid list")
    if error["type"] == "missing":
        return f"{field}: missing"
    if error["type"] == "model_type" and not field:
        return " not a JSON object"
    given = repr(error["input"])
    shown = "" if isinstance(error["input"], (dict, list)) else f", not {given[:40]}"
    return f"{field}: {what[0].lower()}{what[1:]}{shown}" if field else f" {what}"


def _shape(model: type[BaseModel]) -> str:
    required = [name for name, field in model.model_fields.items() if field.is_required()]
    optional = [name for name, field in model.model_fields.items() if not field.is_required()]
    return f"a line has {', '.join(required)}" + (f"; may have {', '.join(optional)}" if optional else "")
