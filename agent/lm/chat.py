"""From messages to the tokens of a prompt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from agent.errors import ModelError
from prompts import Message

_SPEAKER = {"user": "User", "assistant": "Assistant"}
TRANSCRIPT_STOP = "\nUser:"
"""Where a base model begins to write the other side's lines."""


def transcript(messages: Sequence[Message]) -> str:
    """Messages as plain text for models without a chat template.

    System messages stand alone; the others are ``User: ...`` and ``Assistant: ...``. The text ends
    with ``Assistant:``, or with the last message where that is the assistant's.
    """
    lines = [f"{_SPEAKER[m.role]}: {m.content}" if m.role in _SPEAKER else f"{m.content}\n" for m in messages]
    if not messages or messages[-1].role != "assistant":
        lines.append("Assistant:")
    return "\n".join(lines)


class ChatFormat:
    """The chat template of a tokenizer, or a transcript where it has none.

    Control tokens written out in a message (``<|im_start|>``) are split by a space, so that no
    user or catalog text can open a role or end a turn.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        control = {t.content for t in tokenizer.added_tokens_decoder.values() if t.special}
        longest_first = sorted(control | set(tokenizer.all_special_tokens), key=len, reverse=True)
        self._control = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")
        self.has_template = bool(tokenizer.chat_template)

    @property
    def stop(self) -> tuple[str, ...]:
        """Stop strings that the format itself needs."""
        return () if self.has_template else (TRANSCRIPT_STOP,)

    def text(self, messages: Sequence[Message]) -> str:
        """The prompt as text, up to where the model goes on.

        Raises:
            ModelError: the chat template refuses these messages.
        """
        safe = [replace(m, content=self.neutralise(m.content)) for m in messages]
        if not self.has_template:
            return transcript(safe)
        continues = bool(safe) and safe[-1].role == "assistant"
        try:
            return self._tokenizer.apply_chat_template(
                [{"role": m.role, "content": m.content} for m in safe],
                tokenize=False,
                add_generation_prompt=not continues,
                continue_final_message=continues,
            )
        except Exception as error:  # templates are Jinja code of the model's author
            raise ModelError(f"the model's chat template failed: {error}") from error

    def tokens(self, text: str) -> list[int]:
        """The tokens of a prompt made by :meth:`text`."""
        return self._tokenizer(text, add_special_tokens=not self.has_template)["input_ids"]

    def neutralise(self, text: str) -> str:
        """Text in which no control token is spelled out."""
        return self._control.sub(lambda m: f"{m.group()[0]} {m.group()[1:]}", text)
