"""What the language model thinks of a candidate, corrected for what it thinks of it anyway."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

import numpy as np

from agent.lm.base import LanguageModel, Usage
from prompts import Message


class PmiScorer:
    """Pointwise mutual information of a title and a conversation.

    pmi(title) = log p(title | prompt with conversation) - log p(title | the same prompt without it)

    The second term corrects the model's own bias towards popular and short titles (Holtzman et al.,
    EMNLP 2021, "domain conditional PMI"). It does not depend on the user, so it is computed once per
    title and kept in the cache folder.

    Args:
        model: A model that can score.
        titles: The text of every catalog row, as the model would write it.
        cache_dir: Where the conversation-free log-probabilities are kept; None keeps them in memory.
    """

    def __init__(self, model: LanguageModel, titles: Sequence[str], cache_dir: Path | None = None) -> None:
        self._model, self._titles, self._cache_dir = model, titles, cache_dir
        self._titles_digest = hashlib.sha256("\n".join(titles).encode()).digest()
        self._priors: dict[str, np.ndarray] = {}

    def score(
        self, conversation: Sequence[Message], blank: Sequence[Message], rows: Sequence[int]
    ) -> tuple[np.ndarray, Usage]:
        """PMI of the titles of ``rows``, in nats, shape (len(rows),), and the tokens it took.

        Raises:
            UnsupportedError: the model cannot score.
            ContextWindowError: a prompt and a title do not fit the context window.
        """
        wanted = [" " + self._titles[row] for row in rows]
        scores = self._model.score(conversation, wanted)
        priors, usage = self.priors(blank, np.asarray(rows, dtype=np.int64))
        return scores.logprobs - priors, scores.usage + usage

    def priors(self, blank: Sequence[Message], rows: np.ndarray) -> tuple[np.ndarray, Usage]:
        """What titles are worth without a conversation, log p, shape (len(rows),), and the tokens it took.

        Raises as :meth:`score`.
        """
        key = self._key(blank)
        priors = self._priors.setdefault(key, self._load(key))
        missing = rows[np.isnan(priors[rows])]
        usage = Usage()
        if len(missing):
            scores = self._model.score(blank, [" " + self._titles[row] for row in missing])
            priors[missing] = scores.logprobs
            usage = scores.usage
            self._save(key, priors)
        return priors[rows], usage

    def _key(self, blank: Sequence[Message]) -> str:
        digest = hashlib.sha256(self._titles_digest)
        digest.update(repr((self._model.name, [astuple(message) for message in blank])).encode())
        return digest.hexdigest()[:24]

    def _path(self, key: str) -> Path | None:
        return None if self._cache_dir is None else self._cache_dir / "priors" / f"{key}.npy"

    def _load(self, key: str) -> np.ndarray:
        path = self._path(key)
        if path is not None and path.is_file():
            try:
                stored = np.load(path)
                if stored.shape == (len(self._titles),):
                    return stored
            except (OSError, ValueError, EOFError):
                pass  # a broken cache file is made anew
        return np.full(len(self._titles), np.nan, dtype=np.float32)

    def _save(self, key: str, priors: np.ndarray) -> None:
        path = self._path(key)
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npy", delete=False) as file:
            np.save(file, priors)
        os.replace(file.name, path)
