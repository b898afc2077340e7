"""Jinja with role blocks: a template renders to chat messages, not to one text that is split later."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, get_args

from jinja2 import StrictUndefined, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from prompts.escaping import keep_inside, neutralise
from prompts.message import Message, Role

ROLES: tuple[Role, ...] = get_args(Role)
MESSAGES = "collected messages"
"""Key of the list that role blocks add to; with a space in it, so that no template can name it."""

_BLANK_LINES = re.compile(r"\n\s*\n")
_LINE_ENDS = re.compile(r"[ \t]+(?=\n)")


def tidy(text: str) -> str:
    """Text without outer whitespace, trailing spaces and runs of blank lines.

    This also decides how an assistant message that is to be continued ends: on a visible character,
    since tokenizers attach a space to the word after it, and a model handed the space alone is led astray.
    """
    return _BLANK_LINES.sub("\n\n", _LINE_ENDS.sub("", text)).strip()


class RoleBlocks(Extension):
    """``{% system %}``, ``{% user %}``, ``{% assistant %}`` and ``{% message role %}`` blocks.

    Each block becomes one :class:`Message`. Blocks without text leave none, and neighbours of one role
    are joined by a blank line, since many chat templates insist on turns that alternate.
    """

    tags = {*ROLES, "message"}  # noqa: RUF012 - as in the base class

    def parse(self, parser: Parser) -> nodes.Node:
        """Read one block."""
        tag = next(parser.stream)
        role = parser.parse_expression() if tag.value == "message" else nodes.Const(tag.value)
        body = parser.parse_statements((f"name:end{tag.value}",), drop_needle=True)
        for inner in (call for part in body for call in calls(part, "_collect")):
            parser.fail(f"a role block inside the {tag.value} block", inner.lineno)
        call = self.call_method("_collect", [nodes.ContextReference(), role], lineno=tag.lineno)
        return nodes.CallBlock(call, [], [], body).set_lineno(tag.lineno)

    def _collect(self, context: Context, role: Any, caller: Callable[[], str]) -> str:
        if role not in ROLES:
            raise ValueError(f"{role!r} is not a role; roles are {', '.join(ROLES)}")
        messages: list[Message] = context[MESSAGES]
        content = neutralise(tidy(caller()))
        if content and messages and messages[-1].role == role:
            content = f"{messages.pop().content}\n\n{content}"
        if content:
            messages.append(Message(role, content))
        return ""


class DataBlocks(Extension):
    """``{% data name %}`` blocks: ``<name>``, a body that cannot contain that tag, ``</name>``.

    A block without text leaves nothing.
    """

    tags = {"data"}  # noqa: RUF012 - as in the base class

    def parse(self, parser: Parser) -> nodes.Node:
        """Read one block."""
        tag = next(parser.stream)
        name = parser.stream.expect("name").value
        if neutralise(f"<{name}>") != f"<{name}>":
            parser.fail(f"<{name}> is a control token of chat templates; name the data otherwise", tag.lineno)
        body = parser.parse_statements(("name:enddata",), drop_needle=True)
        call = self.call_method("_delimit", [nodes.Const(name)], lineno=tag.lineno)
        return nodes.CallBlock(call, [], [], body).set_lineno(tag.lineno)

    def _delimit(self, name: str, caller: Callable[[], str]) -> str:
        body = keep_inside(caller().strip(), (name,))
        return f"<{name}>\n{body}\n</{name}>\n" if body else ""


def calls(node: nodes.Node, method: str) -> Iterator[nodes.Call]:
    """The calls of an extension method in a syntax tree, the root included."""
    for call in (node, *node.find_all(nodes.Node)):
        if (
            isinstance(call, nodes.Call)
            and isinstance(call.node, nodes.ExtensionAttribute)
            and call.node.name == method
        ):
            yield call


def delimiter_names(tree: nodes.Template) -> tuple[str, ...]:
    """Names of the data blocks of a template, in order of appearance."""
    names = [call.args[0].value for call in calls(tree, "_delimit") if isinstance(call.args[0], nodes.Const)]
    return tuple(dict.fromkeys(names))


def one_line(text: str) -> str:
    """Jinja filter: text with all whitespace folded to single spaces."""
    return " ".join(text.split())


def environment() -> ImmutableSandboxedEnvironment:
    """A sandbox in which a name without a value is an error, nothing is random and no file can be read."""
    env = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[RoleBlocks, DataBlocks, "jinja2.ext.loopcontrols"],
    )
    env.filters["one_line"] = one_line
    del env.filters["random"]
    del env.globals["lipsum"]
    return env
