"""The front matter of a prompt file: what it may hold, and errors that name file and line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import frontmatter
import yaml
from frontmatter.default_handlers import SafeLoader, YAMLHandler
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from prompts.errors import PromptFormatError
from prompts.inputs import EMPTY, Input, InputType, UnfitError, read

Task = Literal["recommend", "score", "understand", "rewrite", "explain", "ask", "judge"]

_Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class InputSpec(_Strict):
    """One entry of ``inputs``."""

    name: _Name
    type: InputType
    required: bool = False
    default: Any = None
    description: str = ""


class GenerationOptions(_Strict):
    """How an answer to the prompt is best generated; None leaves the choice to the caller."""

    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int | None = Field(default=None, ge=1)
    stop: list[str] = []


class FrontMatter(_Strict):
    """The front matter of a prompt file; unknown keys are refused.

    ``examples`` are sets of inputs that the prompt renders with; ``answer_schema`` names a JSON schema
    file next to the prompt that answers must match.
    """

    name: _Name
    version: int = Field(ge=1)
    task: Task
    description: str = Field(min_length=1)
    inputs: list[InputSpec]
    generation: GenerationOptions = GenerationOptions()
    examples: list[dict[str, Any]] = Field(min_length=1)
    answer_schema: str | None = None


def parse(text: str, path: Path) -> tuple[FrontMatter, tuple[Input, ...], str]:
    """Split a prompt file into its front matter, its inputs and the template.

    The template is padded with newlines so that its line numbers are those of the file.

    Raises:
        PromptFormatError: there is no front matter, or it is not what it should be.
    """
    try:
        values, template = frontmatter.parse(text, handler=YAMLHandler())
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = _first_line(text) + mark.line if mark else None
        problem = getattr(error, "problem", None) or str(error)
        raise PromptFormatError(
            f"the front matter is not YAML: {problem}", where=_place(path, line)
        ) from None
    if not values:
        raise PromptFormatError(
            "the file has no front matter",
            where=_place(path, 1),
            hint="begin with name, version, task, description, inputs, examples between two lines of ---",
        )
    try:
        matter = FrontMatter.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        line = _line_of(text, first["loc"])
        raise PromptFormatError(_problem(first), where=_place(path, line), hint=_known_keys(first)) from None
    inputs = tuple(_input(spec, text, path, number) for number, spec in enumerate(matter.inputs))
    _refuse_duplicates(inputs, path)
    above = text.count("\n", 0, len(text.rstrip()) - len(template))
    return matter, inputs, "\n" * above + template


def _input(spec: InputSpec, text: str, path: Path, number: int) -> Input:
    given = "default" in spec.model_fields_set
    default = spec.default if given else EMPTY.get(spec.type)
    if problem := _default_problem(spec, given, default):
        line = _line_of(text, ("inputs", number))
        raise PromptFormatError(f"input {spec.name!r} {problem}", where=_place(path, line))
    return Input(spec.name, spec.type, spec.required, default, spec.description)


def _default_problem(spec: InputSpec, given: bool, default: Any) -> str | None:
    if spec.required:
        return "is required and has a default" if given else None
    if not given and spec.type not in EMPTY:
        return "needs a default, or required: true"
    try:
        read(default, spec.type)
    except UnfitError as problem:
        return f"has a default that {problem}"
    return None


def _refuse_duplicates(inputs: tuple[Input, ...], path: Path) -> None:
    names = [each.name for each in inputs]
    for name in names:
        if names.count(name) > 1:
            raise PromptFormatError(f"input {name!r} is declared twice", where=str(path))


def _problem(error: Any) -> str:
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"unknown key {key!r} in the front matter"
    if error["type"] == "missing":
        return f"the front matter has no {key!r}"
    return f"{key}: {error['msg'].lower()}"


def _known_keys(error: Any) -> str | None:
    if error["type"] != "extra_forbidden":
        return None
    models: dict[Any, type[BaseModel]] = {"inputs": InputSpec, "generation": GenerationOptions}
    model = models.get(error["loc"][0], FrontMatter) if len(error["loc"]) > 1 else FrontMatter
    return f"known keys: {', '.join(model.model_fields)}"


def _place(path: Path, line: int | None) -> str:
    return f"{path}:{line}" if line else str(path)


def _first_line(text: str) -> int:
    """The line, counted from 1, of the ``---`` that opens the front matter."""
    return 1 + text[: len(text) - len(text.lstrip())].count("\n")


def _line_of(text: str, location: tuple[int | str, ...]) -> int:
    """The line of a key in the front matter, or of the nearest key above it that exists."""
    matter, _ = text.lstrip().removeprefix("---").split("\n---", 1)
    node: yaml.Node | None = yaml.compose(matter, Loader=SafeLoader)
    line = _first_line(text)
    for part in location:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == part]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            found = [(node.value[part], node.value[part])]
        else:
            found = []
        if not found:
            break
        key, node = found[0]
        line = _first_line(text) + key.start_mark.line
    return line
