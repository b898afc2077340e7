"""What a run is made of: data sets x prompts x models x strategies, read from one YAML file."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from agent.errors import SettingsError
from agent.settings import PRESETS, Strategy
from eval.datasets import DATASETS
from eval.errors import MatrixError

NO_MODEL = "none"
AUTO = "auto"

_NAMES_OF_A_MAPPING = ("name", "preset")


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, (str, int, Mapping)) else value


def _as_named(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


def _as_outputs(value: Any) -> Any:
    return {"name": Path(value).stem, "file": value} if isinstance(value, str) else value


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DatasetSpec(_Part):
    """A data set and how much of it is asked."""

    name: str = Field(min_length=1, description="A data set of ours, a folder, or a hub name.")
    protocol: str | None = Field(None, description="How it is asked; the data set's own way by default.")
    folds: Annotated[tuple[int | str, ...], BeforeValidator(_as_list)] | None = Field(
        None, description="Parts of the data that are asked; all by default."
    )
    limit: int | None = Field(None, ge=1, description="At most so many questions, the first ones.")
    sample: int | None = Field(
        None, ge=1, description="So many questions at random; a smaller sample is part of a larger one."
    )
    columns: dict[str, str] | None = Field(
        None, description="Of a data set of the `datasets` library: our column names to its own."
    )
    split: str | None = Field(None, description="Which split of it.")
    kind: str | None = Field(None, description='What one item is called, in the singular ("movie").')

    @property
    def label(self) -> str:
        """What tables call it: ``redial``, or ``redial (next-item-all)`` where it is asked in another way."""
        path = Path(self.name)
        name = path.resolve().name if "/" in self.name and path.is_dir() else self.name
        return f"{name} ({self.protocol})" if self.protocol else name


class OutputsSpec(_Part):
    """Stored outputs of any system, ``{"id", "titles"}`` or ``{"id", "items"}`` a line."""

    name: str = Field(min_length=1, description="What tables call the system.")
    file: Path
    dataset: str | None = Field(
        None, description="The data set they answer, where the matrix has several; by its label."
    )


class PromptSpec(_Part):
    """A prompt, and other wordings of it."""

    name: str = Field(min_length=1, description="A prompt of the library, or auto.")
    paraphrases: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = Field(
        (), description="Prompts that say the same in other words; asked too, to show the spread."
    )


class NamedStrategy(_Part):
    """A strategy and what tables call it."""

    name: str = Field(min_length=1)
    strategy: Strategy


class Matrix(_Part):
    """Every combination of data sets, prompts, models and strategies, asked once for each seed.

    A list of one may be written without brackets. A strategy is written as text (``fast``,
    ``constrained,temperature=0.7``) or as a mapping of switches with an optional ``name`` and ``preset``.
    """

    datasets: Annotated[
        tuple[Annotated[DatasetSpec, BeforeValidator(_as_named)], ...], BeforeValidator(_as_list)
    ] = Field(min_length=1)
    prompts: Annotated[
        tuple[Annotated[PromptSpec, BeforeValidator(_as_named)], ...], BeforeValidator(_as_list)
    ] = Field(
        (PromptSpec(name=AUTO),), min_length=1, description="Names, or mappings of a name and paraphrases."
    )
    models: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = Field(
        (AUTO,), description="May be empty, to score stored outputs alone."
    )
    strategies: Annotated[tuple[NamedStrategy, ...], BeforeValidator(_as_list)] = Field(
        (NamedStrategy(name="default", strategy=Strategy()),), min_length=1
    )
    seeds: Annotated[tuple[int, ...], BeforeValidator(_as_list)] = Field((0,), min_length=1)
    repeats: int = Field(1, ge=1, description="Lists for each row and seed; each has a seed of its own.")
    orders: int = Field(
        1,
        ge=1,
        description="Orders in which examples, options and other lists are put into prompts: the given one "
        "and others by chance, to show the spread.",
    )
    outputs: Annotated[
        tuple[Annotated[OutputsSpec, BeforeValidator(_as_outputs)], ...], BeforeValidator(_as_list)
    ] = Field((), description="Stored outputs of other systems, to stand in the table.")
    floors: Annotated[tuple[str, ...], BeforeValidator(_as_list)] | None = Field(
        None, description="Trivial systems that stand in the table; all by default."
    )
    baseline: str | None = Field(None, description="Label of the row that the others are compared with.")
    metrics: Annotated[tuple[str, ...], BeforeValidator(_as_list)] | None = Field(
        None, description="Metrics in the table; all by default."
    )
    depth: int | None = Field(
        None, ge=1, le=100, description="Length of the lists; the protocol's own by default."
    )
    limit: int | None = Field(None, ge=1, description="As the data sets' own limit, for all of them.")
    sample: int | None = Field(None, ge=1, description="As the data sets' own sample, for all of them.")
    prompts_dir: Path | None = Field(None, description="A folder of your own prompts.")
    locale: str = Field("en", description="Language of the prompts.")
    level: float = Field(0.95, gt=0, lt=1, description="Confidence of the intervals.")
    resamples: int = Field(2000, ge=100, description="Draws of the bootstrap.")
    samples: int = Field(30, ge=0, description="Rows a cell that are kept in full in the results.")

    @field_validator("strategies", mode="before")
    @classmethod
    def _read_strategies(cls, value: Any) -> Any:
        return [_named_strategy(each) for each in _as_list(value)] if value else value

    @property
    def all_seeds(self) -> tuple[int, ...]:
        """The seeds that each row is asked with; repeats count on from the seed."""
        return tuple(dict.fromkeys(s + r for s in self.seeds for r in range(self.repeats)))

    def placed(self) -> Matrix:
        """The same matrix with absolute paths, for readers that start elsewhere."""
        return self.model_copy(
            update={
                "datasets": tuple(
                    each if each.name in DATASETS else each.model_copy(update={"name": _absolute(each.name)})
                    for each in self.datasets
                ),
                "models": tuple(_absolute(name) if "/" in name else name for name in self.models),
                "outputs": tuple(
                    each.model_copy(update={"file": each.file.absolute()}) for each in self.outputs
                ),
                "prompts_dir": None if self.prompts_dir is None else self.prompts_dir.absolute(),
            }
        )

    @classmethod
    def of(cls, values: Mapping[str, Any], *, where: str = "matrix") -> Matrix:
        """Check a mapping.

        Raises:
            MatrixError: a name is unknown or a value is not allowed.
        """
        try:
            matrix = cls(**values)
        except ValidationError as error:
            raise _matrix_error(error, where) from None
        except SettingsError as error:
            raise MatrixError(str(error), where=f"{where}: strategies") from None
        for what, names in (
            ("datasets", [each.label for each in matrix.datasets]),
            ("prompts", [each.name for each in matrix.prompts]),
            ("models", matrix.models),
            ("strategies", [each.name for each in matrix.strategies]),
            ("outputs", [f"{each.name} on {each.dataset}" for each in matrix.outputs]),
        ):
            twice = [name for name, count in Counter(names).items() if count > 1]
            if twice:
                raise MatrixError(f"{twice[0]!r} is there twice", where=f"{where}: {what}")
        return matrix

    @classmethod
    def load(cls, path: Path, **changes: Any) -> Matrix:
        """Read a YAML file; ``changes`` that are not None replace what it says.

        Relative folders in it are taken from the file's own folder where they exist there.

        Raises:
            MatrixError: the file cannot be read, is no mapping, or breaks the format.
        """
        try:
            values = yaml.safe_load(path.read_text("utf-8-sig"))
        except OSError as error:
            raise MatrixError(f"cannot be read: {error.strerror}", where=str(path)) from None
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise MatrixError(f"this is not YAML: {_yaml_problem(error)}", where=str(path)) from None
        if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
            raise MatrixError(
                "a matrix is a mapping of names to values",
                where=str(path),
                hint=f"known names: {', '.join(cls.model_fields)}",
            )
        values |= {name: value for name, value in changes.items() if value is not None}
        return cls.of(_relative_to(path.parent, values), where=str(path))


_PARTS: Mapping[str, type[BaseModel]] = {
    "datasets": DatasetSpec,
    "prompts": PromptSpec,
    "outputs": OutputsSpec,
}


def _named_strategy(value: Any) -> NamedStrategy:
    if isinstance(value, NamedStrategy):
        return value
    if isinstance(value, str):
        return NamedStrategy(name=value, strategy=Strategy.parse(value))
    if not isinstance(value, Mapping):
        raise SettingsError(f"{value!r} is no strategy", hint="write it as text or as a mapping of switches")
    if set(value) == set(NamedStrategy.model_fields):
        return NamedStrategy(name=str(value["name"]), strategy=Strategy.of(dict(value["strategy"])))
    switches = {name: each for name, each in value.items() if name not in _NAMES_OF_A_MAPPING}
    preset = str(value.get("preset", "default"))
    if preset not in PRESETS:
        raise SettingsError(f"unknown preset {preset!r}", hint=f"presets: {', '.join(PRESETS)}")
    strategy = Strategy.of({**PRESETS[preset], **switches})
    return NamedStrategy(name=str(value.get("name") or _written(preset, switches)), strategy=strategy)


def _written(preset: str, switches: Mapping[str, Any]) -> str:
    """``fast,n=5``: how switches without a name are called."""
    pairs = (f"{name}={_value(value)}" for name, value in switches.items())
    return ",".join([preset, *pairs] if preset != "default" or not switches else pairs)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "|".join(f"{name}:{each}" for name, each in value.items())
    return "|".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _absolute(name: str) -> str:
    return str(Path(name).absolute()) if Path(name).exists() else name


def _relative_to(folder: Path, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values with paths taken from a folder where they exist there."""

    def placed(value: Any, key: str) -> Any:
        if isinstance(value, Mapping):
            return {name: placed(each, key) if name == key else each for name, each in value.items()}
        is_path = isinstance(value, str) and ("/" in value or key == "file") and (folder / value).exists()
        return str(folder / value) if is_path else value

    changed = dict(values)
    for name, key in (("datasets", "name"), ("models", "name"), ("outputs", "file")):
        if name in values:
            changed[name] = [placed(each, key) for each in _as_list(values[name]) or ()]
    if values.get("prompts_dir"):
        changed["prompts_dir"] = folder / str(values["prompts_dir"])
    return changed


def _matrix_error(error: ValidationError, where: str) -> MatrixError:
    first = error.errors()[0]
    place = [str(part) for part in first["loc"]]
    if first["type"] == "extra_forbidden":
        part = _PARTS.get(place[0], Matrix) if len(place) > 1 else Matrix
        known: Sequence[str] = list(part.model_fields)
        near = difflib.get_close_matches(place[-1], known, n=1)
        hint = f"did you mean {near[0]!r}" if near else f"known names: {', '.join(known)}"
        return MatrixError(f"unknown name {place[-1]!r}", where=_place(where, place[:-1]), hint=hint)
    if first["type"] == "missing":
        return MatrixError(f"{place[-1]!r} is missing", where=_place(where, place[:-1]))
    shown = f", not {first['input']!r}"[:80] if not isinstance(first["input"], (dict, list)) else ""
    message = first["msg"].removeprefix("Value error, ")
    return MatrixError(f"{message[:1].lower()}{message[1:]}{shown}", where=_place(where, place))


def _place(where: str, parts: Sequence[str]) -> str:
    return f"{where}: {'.'.join(parts)}" if parts else where


def _yaml_problem(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    return f"line {mark.line + 1}: {problem}" if mark is not None else problem
