"""The inputs of a prompt: declared in its front matter, checked and cleaned before they are rendered."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from prompts.errors import InputTypeError, MissingInputError, UnknownInputError
from prompts.escaping import clean, keep_inside
from prompts.message import Message

InputType = Literal[
    "line",  # text on one line: newlines in it become spaces
    "text",  # text of any shape
    "integer",
    "number",
    "boolean",
    "lines",  # a list of texts on one line each, oldest first
    "mapping",  # texts on one line by names on one line
    "messages",  # user and assistant turns, oldest first
    "examples",  # past dialogues with the titles that answered them
]

EMPTY: dict[InputType, Any] = {
    "line": "",
    "text": "",
    "lines": (),
    "mapping": {},
    "messages": (),
    "examples": (),
}
"""What an optional input holds where the front matter gives no default."""


@dataclass(frozen=True, slots=True)
class Example:
    """A worked example for few-shot prompts: a dialogue, oldest turn first, and the titles that followed."""

    dialogue: tuple[Message, ...]
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Input:
    """One declared input of a prompt."""

    name: str
    type: InputType
    required: bool = False
    default: Any = None
    description: str = ""


class UnfitError(ValueError):
    """A value that is not of the declared type; the message says what was expected and found."""


def bind(
    template: str, declared: Sequence[Input], given: Mapping[str, Any], delimiters: Sequence[str] = ()
) -> dict[str, Any]:
    """The values a template sees: every declared input, checked, cleaned and immutable.

    Args:
        template: The name of the prompt, for errors.
        declared: Its inputs.
        given: The values at hand.
        delimiters: Names of the data delimiters that no text may contain.

    Raises:
        UnknownInputError: a value is given that is not declared.
        MissingInputError: a required value is not given.
        InputTypeError: a value is not of its declared type.
    """
    names = [each.name for each in declared]
    for name in given:
        if name not in names:
            close = difflib.get_close_matches(name, names, n=1)
            raise UnknownInputError(
                f"unknown input {name!r}",
                template=template,
                variable=name,
                hint=f"did you mean {close[0]!r}?" if close else f"its inputs are {', '.join(names)}",
            )
    values = {}
    for each in declared:
        if each.name not in given and each.required:
            raise MissingInputError(
                f"input {each.name!r} is missing",
                template=template,
                variable=each.name,
                hint=f"give it a value of type {each.type}",
            )
        value = given.get(each.name, each.default)
        try:
            values[each.name] = read(value, each.type, delimiters)
        except UnfitError as problem:
            raise InputTypeError(
                f"input {each.name!r} {problem}", template=template, variable=each.name
            ) from None
    return values


def read(value: Any, kind: InputType, delimiters: Sequence[str] = ()) -> Any:
    """A value of an input type, checked and cleaned.

    Raises:
        UnfitError: the value is not of this type.
    """
    return _READERS[kind](value, tuple(delimiters))


def _line(value: Any, delimiters: Sequence[str]) -> str:
    return keep_inside(clean(_of_type(value, str, "text"), single_line=True), delimiters)


def _text(value: Any, delimiters: Sequence[str]) -> str:
    return keep_inside(clean(_of_type(value, str, "text"), single_line=False), delimiters)


def _integer(value: Any, _: Sequence[str]) -> int:
    if isinstance(value, bool):
        raise UnfitError(_mismatch("a whole number", value))
    return _of_type(value, int, "a whole number")


def _number(value: Any, _: Sequence[str]) -> float:
    if isinstance(value, bool):
        raise UnfitError(_mismatch("a number", value))
    return _of_type(value, (int, float), "a number")


def _boolean(value: Any, _: Sequence[str]) -> bool:
    return _of_type(value, bool, "true or false")


def _lines(value: Any, delimiters: Sequence[str]) -> tuple[str, ...]:
    lines = _each(value, lambda entry: _line(entry, delimiters), "a list of texts")
    return tuple(line for line in lines if line)


def _mapping(value: Any, delimiters: Sequence[str]) -> dict[str, str]:
    pairs = _of_type(value, Mapping, "a mapping of texts").items()
    read_pairs = ((_line(k, delimiters), _line(str(v) if _plain(v) else v, delimiters)) for k, v in pairs)
    return {name: text for name, text in read_pairs if name and text}


def _messages(value: Any, delimiters: Sequence[str]) -> tuple[Message, ...]:
    turns = _each(value, lambda entry: _message(entry, delimiters), "a list of messages")
    return tuple(turn for turn in turns if turn.content)


def _message(value: Any, delimiters: Sequence[str]) -> Message:
    if isinstance(value, Mapping) and set(value) == {"role", "content"}:
        value = Message(value["role"], value["content"])
    message = _of_type(value, Message, "a message")
    if message.role not in ("user", "assistant"):
        raise UnfitError(f"has the role {message.role!r}; a turn of a dialogue is user's or assistant's")
    return Message(message.role, _text(message.content, delimiters).strip())


def _examples(value: Any, delimiters: Sequence[str]) -> tuple[Example, ...]:
    return _each(value, lambda entry: _example(entry, delimiters), "a list of examples")


def _example(value: Any, delimiters: Sequence[str]) -> Example:
    if isinstance(value, Mapping) and set(value) == {"dialogue", "titles"}:
        value = Example(value["dialogue"], value["titles"])
    example = _of_type(value, Example, "an example (dialogue and titles)")
    return Example(_messages(example.dialogue, delimiters), _lines(example.titles, delimiters))


_READERS: dict[InputType, Callable[[Any, Sequence[str]], Any]] = {
    "line": _line,
    "text": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "lines": _lines,
    "mapping": _mapping,
    "messages": _messages,
    "examples": _examples,
}


def _each(value: Any, reader: Callable[[Any], Any], expected: str) -> tuple[Any, ...]:
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise UnfitError(_mismatch(expected, value))
    result = []
    for position, entry in enumerate(value, start=1):
        try:
            result.append(reader(entry))
        except UnfitError as problem:
            raise UnfitError(f"entry {position} {problem}") from None
    return tuple(result)


def _of_type(value: Any, types: type | tuple[type, ...], expected: str) -> Any:
    if not isinstance(value, types):
        raise UnfitError(_mismatch(expected, value))
    return value


def _mismatch(expected: str, value: Any) -> str:
    return f"must be {expected}, not {type(value).__name__}"


def _plain(value: Any) -> bool:
    return isinstance(value, (int, float))
