"""From a prompt to items: generate titles, constrained to the catalog or freely, and ground them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from agent.catalog import Catalog
from agent.errors import UnsupportedError
from agent.grounding import Grounder, Grounding, parse_titles
from agent.lm import Generation, LanguageModel, Sampling, TitleIndex, Usage, generate_titles
from agent.lm.beam import search_titles
from agent.lm.listing import TitleLister
from agent.ranking.lm_score import PmiScorer
from agent.recommendation import Candidate
from agent.trace import VECTORS
from prompts import Message

SOURCE = "generated"


def spoken_titles(catalog: Catalog) -> tuple[str, ...]:
    """The text a model writes for every row: the title, with the year where namesakes need it.

    The year is left out where it is not needed, since a model names what it knows and each token costs
    time; the texts are unique, so that remakes stay apart.
    """
    counts = Counter(item.title.casefold() for item in catalog)
    return tuple(
        item.title if counts[item.title.casefold()] == 1 else catalog.label(item) for item in catalog
    )


@dataclass(frozen=True, slots=True)
class Generated:
    """Candidates in the order the model named them, with the raw text and what became of each title.

    ``groundings`` is empty where the text was constrained to the catalog. ``refused`` names titles
    that are in the catalog but not allowed (seen, rejected or excluded).
    """

    candidates: tuple[Candidate, ...]
    generation: Generation
    groundings: tuple[Grounding, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def degraded(self) -> dict[str, str]:
        """What grounding had to do without, and why."""
        failures = [g.failed for g in self.groundings if g.failed]
        return {VECTORS: failures[0]} if failures else {}


class TitleGenerator:
    """Generates titles with a language model and turns them into items of a catalog."""

    def __init__(
        self, catalog: Catalog, model: LanguageModel, grounder: Grounder, cache_dir: Path | None = None
    ) -> None:
        self.titles = spoken_titles(catalog)
        self._catalog, self._model, self._grounder = catalog, model, grounder
        self._cache_dir = cache_dir
        self._index: TitleIndex | None = None
        self._priors: PmiScorer | None = None

    def constrained(
        self, messages: Sequence[Message], n: int, allowed: np.ndarray, sampling: Sampling
    ) -> Generated:
        """Exactly min(n, items allowed) distinct allowed items.

        Raises:
            UnsupportedError: the engine cannot constrain its text to a list of titles.
        """
        listed = generate_titles(self._model, messages, self._trie(), n, allowed=allowed, sampling=sampling)
        return Generated(self._ranked([self._catalog[row].id for row in listed.rows]), listed.generation)

    def searched(
        self,
        messages: Sequence[Message],
        allowed: np.ndarray,
        *,
        width: int,
        n: int,
        blank: Sequence[Message] = (),
        debias: float = 0.0,
    ) -> Generated:
        """The most probable allowed items: by beam search over the trie of titles.

        Args:
            messages: A prompt that a title follows.
            allowed: Which rows may be found, bool, shape (len(catalog),).
            width: Of the beam.
            n: The most items.
            blank: The same prompt without the conversation, for the titles' priors.
            debias: How much of a title's prior is taken off.

        Raises:
            UnsupportedError: the engine cannot search titles.
        """
        prior, usage = None, Usage()
        if debias:
            # The line end is part of a title in the trie, and so of its prior.
            ended = [f"{title}\n" for title in self.titles]
            self._priors = self._priors or PmiScorer(self._model, ended, self._cache_dir)
            prior, usage = self._priors.priors(blank, np.arange(len(ended)))
        found = search_titles(
            self._model,
            messages,
            self._trie(),
            width,
            allowed=allowed,
            prior=None if prior is None else prior.astype(np.float64),
            prior_weight=debias,
        )
        rows = found.rows[:n]
        text = "\n".join(f"{rank}. {self.titles[row]}" for rank, row in enumerate(rows, start=1))
        generation = Generation(text, found.model, found.usage + usage, found.timing, "grammar")
        return Generated(self._ranked([self._catalog[int(row)].id for row in rows]), generation)

    def _trie(self) -> TitleIndex:
        """The titles in the model's tokens."""
        if not (self._model.can_constrain and isinstance(self._model, TitleLister)):
            raise UnsupportedError(
                f"{self._model.name} cannot be constrained to a catalog",
                hint="use --strategy free, or a model that runs in this process",
            )
        if self._index is None:
            self._index = TitleIndex(self.titles, self._model.encode)
        return self._index

    def free(self, messages: Sequence[Message], allowed: np.ndarray, sampling: Sampling) -> Generated:
        """The items named in freely written text; titles that are not in the catalog are rejected."""
        generation = self._model.generate(messages, replace(sampling, distinct_items=True))
        groundings = tuple(self._grounder.ground(parse_titles(_whole(messages, generation.text))))
        found = list(dict.fromkeys(g.item_id for g in groundings if g.item_id is not None))
        usable = [item_id for item_id in found if allowed[self._catalog.row(item_id)]]
        refused = tuple(item_id for item_id in found if item_id not in set(usable))
        return Generated(self._ranked(usable), generation, groundings, refused)

    @staticmethod
    def _ranked(item_ids: Sequence[str]) -> tuple[Candidate, ...]:
        return tuple(Candidate(item_id, 1.0 / rank, SOURCE) for rank, item_id in enumerate(item_ids, start=1))


def _whole(messages: Sequence[Message], text: str) -> str:
    """An answer with the words that the prompt opened it with, which may hold the first list marker."""
    if messages[-1].role != "assistant":
        return text
    gap = "" if text[:1].isspace() else "\n"
    return messages[-1].content + gap + text
