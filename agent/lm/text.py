"""From tokens to text that is safe to show while it is being written."""

from __future__ import annotations

from collections.abc import Callable, Sequence

_INCOMPLETE = "\ufffd"


class StopFilter:
    """Lets text through up to the first stop string, which is never shown, not even in part.

    Args:
        stop: Strings that end the text.
        strip: Whether white space at the beginning is dropped.

    Attributes:
        text: Everything let through so far.
        stopped: Whether a stop string was met.
    """

    def __init__(self, stop: Sequence[str] = (), *, strip: bool = False) -> None:
        self._stop, self._strip = tuple(filter(None, stop)), strip
        self._held = ""
        self.text = ""
        self.stopped = False

    def push(self, piece: str) -> str:
        """Add text; returns what can no longer become part of a stop string."""
        if self.stopped:
            return ""
        pending = self._held + piece
        if self._strip and not self.text:
            pending = pending.lstrip()
        # The stop string that is complete first counts, so that it does not matter how text is cut.
        found = [(at + len(stop), at) for stop in self._stop if (at := pending.find(stop)) >= 0]
        if found:
            self.stopped = True
            keep = len(pending) - min(found)[1]
        else:
            keep = max((_overlap(pending, stop) for stop in self._stop), default=0)
        shown, self._held = pending[: len(pending) - keep], pending[len(pending) - keep :]
        self.text += shown
        return shown

    def finish(self) -> str:
        """The end of the text has come: what was still held back."""
        shown = "" if self.stopped else self._held
        self.text += shown
        self._held = ""
        return shown


class TextStream(StopFilter):
    """Decodes tokens as they come, whole characters only, through a :class:`StopFilter`.

    Args:
        decode: Turns tokens into text.
        stop: Strings that end the text.
        strip: Whether white space at the beginning is dropped.
    """

    def __init__(
        self, decode: Callable[[list[int]], str], stop: Sequence[str] = (), *, strip: bool = False
    ) -> None:
        super().__init__(stop, strip=strip)
        self._decode = decode
        self._tokens: list[int] = []
        # Tokens before `_context` are no longer needed; those before `_read` are in the text already.
        # The context in between gives the decoder the left neighbour that decides about spaces.
        self._context = self._read = 0

    def push_tokens(self, tokens: Sequence[int]) -> str:
        """Add tokens; returns the new text that is safe to show."""
        self._tokens.extend(tokens)
        piece = self._unread()
        if piece.endswith(_INCOMPLETE):
            return ""
        self._context, self._read = self._read, len(self._tokens)
        return self.push(piece)

    def finish(self) -> str:
        """What was still held back; an incomplete last character is dropped."""
        return self.push(self._unread().rstrip(_INCOMPLETE)) + super().finish()

    def _unread(self) -> str:
        known = self._decode(self._tokens[self._context : self._read])
        return self._decode(self._tokens[self._context :])[len(known) :]


def _overlap(text: str, stop: str) -> int:
    """Length of the longest end of ``text`` that begins ``stop``."""
    return next((n for n in range(min(len(text), len(stop) - 1), 0, -1) if stop.startswith(text[-n:])), 0)
