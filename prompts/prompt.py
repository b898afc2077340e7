"""One prompt: a template with its declared inputs, ready to be rendered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Template, TemplateSyntaxError, UndefinedError, nodes
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment, SecurityError

from prompts.errors import PromptFormatError, PromptInputError
from prompts.escaping import neutralise
from prompts.front_matter import FrontMatter, GenerationOptions, parse
from prompts.inputs import Input, bind
from prompts.message import Message
from prompts.rendering import MESSAGES, delimiter_names, environment


@dataclass(frozen=True)
class Prompt:
    """A prompt in one locale.

    Attributes:
        name: ``task/name``, such as ``recommend/zero_shot``.
        version: Counted up by its author.
        task: What it is for.
        description: What it does, in a sentence.
        locale: The language it is written in.
        inputs: The inputs it declares.
        generation: How an answer is best generated.
        examples: Sets of inputs that it renders with.
        answer_schema: The JSON schema of its answers, if they are JSON.
        source: The file it was read from.
        hash: 16 hex digits that change with every change of the file or of its answer schema.
    """

    name: str
    version: int
    task: str
    description: str
    locale: str
    inputs: tuple[Input, ...]
    generation: GenerationOptions
    examples: tuple[Mapping[str, Any], ...]
    answer_schema: Mapping[str, Any] | None
    source: Path
    hash: str
    _template: Template = field(repr=False, compare=False)
    _delimiters: tuple[str, ...] = field(default=(), repr=False, compare=False)

    @classmethod
    def read(cls, path: Path, locale: str, schema_folders: tuple[Path, ...] = ()) -> Prompt:
        """Read and check a prompt file ``<task>/<name>[.<locale>].jinja``.

        Args:
            path: The file.
            locale: The language it is written in.
            schema_folders: Where its answer schema is looked for when it is not next to it.

        Raises:
            PromptFormatError: the file cannot be read or breaks the format; names file and line.
        """
        text = _read_text(path)
        matter, inputs, source = parse(text, path)
        _check_place(matter, path)
        template, delimiters = _compile(source, path, inputs)
        schema_text, schema = _answer_schema(matter, path, schema_folders)
        prompt = cls(
            name=f"{matter.task}/{matter.name}",
            version=matter.version,
            task=matter.task,
            description=matter.description,
            locale=locale,
            inputs=inputs,
            generation=matter.generation,
            examples=tuple(matter.examples),
            answer_schema=schema,
            source=path,
            hash=hashlib.sha256(f"{text}\0{schema_text}".encode()).hexdigest()[:16],
            _template=template,
            _delimiters=delimiters,
        )
        prompt._check_examples()
        return prompt

    def select(self, available: Mapping[str, Any]) -> dict[str, Any]:
        """Those of the available values that this prompt declares as inputs."""
        return {each.name: available[each.name] for each in self.inputs if each.name in available}

    def bind(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The values that the template sees: all declared inputs, checked and cleaned.

        Raises:
            UnknownInputError: an input is not declared.
            MissingInputError: a required input is not given.
            InputTypeError: an input is not of its declared type.
        """
        return bind(self.name, self.inputs, inputs, self._delimiters)

    def render(self, **inputs: Any) -> tuple[Message, ...]:
        """The chat messages for these inputs; a last one of the assistant is to be continued.

        Raises:
            PromptInputError: an input does not fit; see :meth:`bind`.
            PromptFormatError: the template fails on these inputs; names file and line.
        """
        values = self.bind(inputs)
        messages: list[Message] = []
        try:
            outside = self._template.render({**values, MESSAGES: messages}).strip()
        except SecurityError as error:
            raise self._failure(error, f"the sandbox refuses it: {error}") from None
        except UndefinedError as error:
            raise self._failure(error, str(error)) from None
        except Exception as error:  # a template is somebody's code and can fail in any way
            raise self._failure(error, f"{type(error).__name__}: {error}") from None
        if outside:
            raise PromptFormatError(
                f"text outside of every role block: {outside[:60]!r}",
                where=str(self.source),
                hint="put it between {% user %} and {% enduser %}, or another role",
            )
        if not messages:
            raise PromptFormatError("the template makes no message", where=str(self.source))
        return tuple(messages)

    def _failure(self, error: Exception, problem: str) -> PromptFormatError:
        return PromptFormatError(problem, where=f"{self.source}:{_line(error, self.source)}")

    def _check_examples(self) -> None:
        for number, example in enumerate(self.examples, start=1):
            try:
                self.render(**example)
            except PromptInputError as error:
                raise PromptFormatError(
                    f"example {number} does not fit: {error.what}", where=str(self.source), hint=error.hint
                ) from None


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return environment()


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = 1 + error.object[: error.start].count(b"\n")
        raise PromptFormatError(
            f"byte {error.start} is not UTF-8", where=f"{path}:{line}", hint="save the file as UTF-8"
        ) from None
    except OSError as error:
        raise PromptFormatError(f"cannot be read: {error.strerror}", where=str(path)) from None


def _check_place(matter: FrontMatter, path: Path) -> None:
    stem = path.name.split(".")[0]
    for key, value, place in (("task", matter.task, path.parent.name), ("name", matter.name, stem)):
        if value != place:
            raise PromptFormatError(
                f"its {key} is {value!r}, but it lies at {path.parent.name}/{path.name}",
                where=str(path),
                hint="a prompt lies at <task>/<name>.jinja",
            )


def _compile(source: str, path: Path, inputs: tuple[Input, ...]) -> tuple[Template, tuple[str, ...]]:
    env = _environment()
    try:
        tree = env.parse(source, path.stem, str(path))
    except TemplateSyntaxError as error:
        raise PromptFormatError(str(error.message), where=f"{path}:{error.lineno}") from None
    _check_tree(tree, path, {each.name for each in inputs})
    code = env.compile(tree, path.stem, str(path))
    return Template.from_code(env, code, env.make_globals(None)), delimiter_names(tree)


def _check_tree(tree: nodes.Template, path: Path, declared: set[str]) -> None:
    for node in tree.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)):
        raise PromptFormatError(
            "a prompt cannot include, import or extend another file", where=f"{path}:{node.lineno}"
        )
    for written in tree.find_all(nodes.TemplateData):
        if (harmless := neutralise(written.data)) != written.data:
            lines = zip(written.data.split("\n"), harmless.split("\n"), strict=True)
            above = next(number for number, (own, kept) in enumerate(lines) if own != kept)
            raise PromptFormatError(
                "the template writes a control token or a transcript role itself",
                where=f"{path}:{written.lineno + above}",
                hint="open a turn with {% user %}, {% assistant %} or {% system %}",
            )
    unknown = find_undeclared_variables(tree) - declared - set(_environment().globals)
    for name in tree.find_all(nodes.Name):
        if name.name in unknown:
            raise PromptFormatError(
                f"the template uses {name.name!r}, which is not among its inputs",
                where=f"{path}:{name.lineno}",
                hint="declare it in the front matter",
            )


def _answer_schema(
    matter: FrontMatter, path: Path, folders: tuple[Path, ...]
) -> tuple[str, Mapping[str, Any] | None]:
    if matter.answer_schema is None:
        return "", None
    for folder in (path.parent, *folders):
        file = folder / matter.answer_schema
        if file.is_file():
            text = _read_text(file)
            try:
                return text, json.loads(text)
            except json.JSONDecodeError as error:
                raise PromptFormatError(f"not JSON: {error.msg}", where=f"{file}:{error.lineno}") from None
    raise PromptFormatError(
        f"its answer schema {matter.answer_schema!r} is not there",
        where=str(path),
        hint=f"put it into {path.parent}",
    )


def _line(error: BaseException, path: Path) -> int:
    """The deepest template line of a traceback; Jinja maps its frames to the lines of the file."""
    line, frame = 1, error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == str(path):
            line = frame.tb_lineno
        frame = frame.tb_next
    return line
