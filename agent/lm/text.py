"""From tokens to text that is safe to show while it is being written."""

from __future__ import annotations

from collections.abc import Callable, Sequence

_INCOMPLETE = "\ufffd"


class TextStream:
    """Decodes tokens as they come, whole characters only, and ends before the first stop string.

    Args:
        decode: Turns tokens into text.
        stop: Strings that end the text; they are never part of it, not even in part.
        strip: Whether white space at the beginning is dropped.

    Attributes:
        text: Everything returned so far.
        stopped: Whether a stop string was met.
    """

    def __init__(
        self, decode: Callable[[list[int]], str], stop: Sequence[str] = (), *, strip: bool = False
    ) -> None:
        self._decode, self._stop, self._strip = decode, tuple(filter(None, stop)), strip
        self._tokens: list[int] = []
        # Tokens before `_context` are no longer needed; those before `_read` are in the text already.
        # The context in between gives the decoder the left neighbour that decides about spaces.
        self._context = self._read = 0
        self._held = ""
        self.text = ""
        self.stopped = False

    def push(self, tokens: Sequence[int]) -> str:
        """Add tokens; returns the new text that can no longer become part of a stop string."""
        self._tokens.extend(tokens)
        known = self._decode(self._tokens[self._context : self._read])
        whole = self._decode(self._tokens[self._context :])
        if whole.endswith(_INCOMPLETE) or self.stopped:
            return ""
        self._context, self._read = self._read, len(self._tokens)
        return self._release(whole[len(known) :])

    def finish(self) -> str:
        """The text that was still held back; an incomplete last character is dropped."""
        if self.stopped:
            return ""
        known = self._decode(self._tokens[self._context : self._read])
        rest = self._decode(self._tokens[self._context :])[len(known) :].rstrip(_INCOMPLETE)
        shown = self._release(rest) + self._held
        if not self.stopped:
            self.text += self._held
            self._held = ""
        return shown

    def _release(self, piece: str) -> str:
        pending = self._held + piece
        if self._strip and not self.text:
            pending = pending.lstrip()
        found = [at for at in map(pending.find, self._stop) if at >= 0]
        if found:
            self.stopped, self._held = True, ""
            shown = pending[: min(found)]
        else:
            keep = max((_overlap(pending, stop) for stop in self._stop), default=0)
            shown, self._held = pending[: len(pending) - keep], pending[len(pending) - keep :]
        self.text += shown
        return shown


def _overlap(text: str, stop: str) -> int:
    """Length of the longest end of ``text`` that begins ``stop``."""
    return next((n for n in range(min(len(text), len(stop) - 1), 0, -1) if stop.startswith(text[-n:])), 0)
