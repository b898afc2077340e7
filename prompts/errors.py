"""What can go wrong with a prompt.

Like all errors of groundrec they say what happened, where, and what to do next.
"""

from __future__ import annotations


class PromptError(Exception):
    """Base of all errors about prompts.

    Args:
        what: What happened, in one sentence without a full stop.
        where: The prompt or the file and line it happened at.
        hint: What the person can do about it.
    """

    def __init__(self, what: str, *, where: str | None = None, hint: str | None = None) -> None:
        self.what, self.where, self.hint = what, where, hint
        parts = [f"{where}: {what}" if where else what]
        if hint:
            parts.append(hint)
        sentences = (part if part.endswith(("?", "!")) else part.rstrip(".") + "." for part in parts)
        super().__init__(" ".join(sentences))


class UnknownPromptError(PromptError):
    """There is no prompt of this name."""


class PromptFormatError(PromptError):
    """A prompt file is broken: its front matter, its template, or what the template does."""


class PromptInputError(PromptError):
    """A prompt was rendered with inputs that do not fit it.

    Attributes:
        template: The name of the prompt.
        variable: The name of the input.
    """

    def __init__(self, what: str, *, template: str, variable: str, hint: str | None = None) -> None:
        super().__init__(what, where=template, hint=hint)
        self.template, self.variable = template, variable


class MissingInputError(PromptInputError):
    """A required input was not given."""


class UnknownInputError(PromptInputError):
    """An input was given that the prompt does not declare."""


class InputTypeError(PromptInputError):
    """An input has another type than the prompt declares."""


class PromptTooLongError(PromptError):
    """A prompt exceeds its token budget even when all that may be trimmed is trimmed."""
