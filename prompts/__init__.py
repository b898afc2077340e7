"""Prompts as files: Jinja templates with front matter, rendered strictly in a sandbox.

The public names are loaded when they are first used, so that importing this package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from prompts.message import Message

if TYPE_CHECKING:
    from prompts.budget import Rendered, fit
    from prompts.errors import (
        InputTypeError,
        MissingInputError,
        PromptError,
        PromptFormatError,
        PromptInputError,
        PromptTooLongError,
        UnknownInputError,
        UnknownPromptError,
    )
    from prompts.inputs import Example, Input
    from prompts.library import PromptInfo, PromptLibrary
    from prompts.prompt import Prompt

_HOMES = {
    "Example": "prompts.inputs",
    "Input": "prompts.inputs",
    "InputTypeError": "prompts.errors",
    "MissingInputError": "prompts.errors",
    "Prompt": "prompts.prompt",
    "PromptError": "prompts.errors",
    "PromptFormatError": "prompts.errors",
    "PromptInfo": "prompts.library",
    "PromptInputError": "prompts.errors",
    "PromptLibrary": "prompts.library",
    "PromptTooLongError": "prompts.errors",
    "Rendered": "prompts.budget",
    "UnknownInputError": "prompts.errors",
    "UnknownPromptError": "prompts.errors",
    "fit": "prompts.budget",
}

__all__ = [
    "Example",
    "Input",
    "InputTypeError",
    "Message",
    "MissingInputError",
    "Prompt",
    "PromptError",
    "PromptFormatError",
    "PromptInfo",
    "PromptInputError",
    "PromptLibrary",
    "PromptTooLongError",
    "Rendered",
    "UnknownInputError",
    "UnknownPromptError",
    "fit",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'prompts' has no attribute {name!r}")
