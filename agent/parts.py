"""The parts a recommender is made of, each loaded when it is first needed."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from agent.breaker import Breaker
from agent.catalog import Catalog
from agent.clarify import Clarifier
from agent.dialogues import PastDialogue
from agent.errors import SettingsError
from agent.explain import SpokenWords
from agent.generation import TitleGenerator
from agent.grounding import (
    Embedder,
    Grounder,
    RemoteIndex,
    Thresholds,
    VectorIndex,
    embed_catalog,
    load_embedder,
    open_index,
)
from agent.lm import LanguageModel, is_small, load_model
from agent.profile import LearnedHistory
from agent.ranking import Filters, ItemSpace, LogLinearRanker, PmiScorer, PreferenceScorer, Ranker
from agent.retrieval import (
    HISTORY_SOURCES,
    CandidateSource,
    ConversationMemory,
    HistoryModels,
    default_sources,
    memory_sources,
)
from agent.retrieval.graph import CoLikes, GraphSource, Triple
from agent.settings import Settings
from agent.trace import LANGUAGE_MODEL, VECTORS
from agent.understanding import LmUnderstander, PhraseReader, RuleUnderstander
from prompts import PromptLibrary

Progress = Callable[[str, int, int], None]
"""Called with (what, done, total); total is 0 where it is not known."""

_FEW_DIALOGUES = 20
"""With so many, past dialogues count half; chosen by recall on conversations over ``movies``."""


_LONG_DESCRIPTION = 40
"""Words."""


class Parts:
    """Model, embedder, indexes, prompts and readers over one catalog.

    Args:
        catalog: What can be recommended.
        model: A language model, the name of one, or None for retrieval alone.
        embedder: A sentence embedder or the name of one.
        dialogues: Past dialogues to remember.
        ranker: Fitted weights of the sources; the shipped ones where None.
        prompts: The prompt library.
        settings: Where caches are kept, which device is used, ...
        progress: Told how far loading and embedding are.
        history: What was learned from interactions; those of the catalog are learned from where None.
        triples: More facts for the knowledge graph.
    """

    def __init__(
        self,
        catalog: Catalog,
        model: LanguageModel | str | None,
        embedder: Embedder | str,
        dialogues: Sequence[PastDialogue],
        ranker: LogLinearRanker | None,
        prompts: PromptLibrary | None,
        settings: Settings,
        progress: Progress | None,
        history: LearnedHistory | None = None,
        triples: Sequence[Triple] = (),
    ) -> None:
        self.catalog = catalog
        self.settings = settings
        self.prompts = prompts or PromptLibrary(settings.prompts_dir)
        self.filters = Filters(catalog)
        self._model, self._embedder, self._progress = model, embedder, progress
        self._dialogues, self._ranker, self._history = tuple(dialogues), ranker, history
        self._triples = tuple(triples)
        self._breakers = dict[str, Breaker]()

    @cached_property
    def model(self) -> LanguageModel | None:
        """The language model; None where recommendations come from retrieval alone."""
        if self._model is None:
            return None
        if isinstance(self._model, str):
            progress = self._progress
            tell = None if progress is None else lambda what: progress(what, 0, 0)
            model: LanguageModel = load_model(self._model, settings=self.settings, progress=tell)
        else:
            model = self._model
        adapter = getattr(model, "adapter", None)
        if adapter is not None and (changes := adapter.changes(self.catalog)):
            warnings.warn(
                f"{self.catalog.name} has changed since {model.name} was tuned: {changes}", stacklevel=2
            )
        return model

    @property
    def has_small_model(self) -> bool:
        """Whether there is no model, or one that must be held by the hand."""
        return self.model is None or is_small(self.model)

    @cached_property
    def embedder(self) -> Embedder:
        """The sentence embedder."""
        if isinstance(self._embedder, str):
            return load_embedder(self._embedder, settings=self.settings)
        return self._embedder

    @cached_property
    def vectors(self) -> np.ndarray:
        """Embeddings of the items' texts, L2-normalised, float32, shape (len(catalog), dimension)."""
        return embed_catalog(
            self.catalog, self.embedder, self.settings.cache_dir, what="text", progress=self._progress
        )

    def index(self, vectors: np.ndarray) -> VectorIndex:
        """An index over unit vectors, float32, shape (n, d), by the engine of the settings."""
        index = open_index(vectors, self.settings)
        if isinstance(index, RemoteIndex):
            self._breakers[VECTORS] = index.breaker
        return index

    @property
    def down(self) -> dict[str, str]:
        """What is known not to answer just now (``language_model``, ``vectors``), and why."""
        model: Any = vars(self).get("model")
        breakers = {LANGUAGE_MODEL: getattr(model, "breaker", None), **self._breakers}
        return {what: b.cause for what, b in breakers.items() if b is not None and b.state != "closed"}

    @cached_property
    def space(self) -> ItemSpace:
        """Where items are alike in taste."""
        return ItemSpace(self.catalog, self.vectors)

    @cached_property
    def sources(self) -> dict[str, CandidateSource]:
        """The candidate sources by name; a source of your own is added here."""
        index = self.index(self.vectors)
        return {
            **memory_sources(self.memory),
            GraphSource.name: GraphSource(self.memory, self._triples),
            **default_sources(self.catalog, self.embedder, self.vectors, index),
        }

    def has(self, name: str) -> bool:
        """Whether there is a candidate source of that name."""
        return name in self.sources or (self.history is not None and name in self.history.sources)

    def source(self, name: str) -> CandidateSource:
        """A candidate source; those that learn from interactions are fitted when they are first asked for.

        Raises:
            SettingsError: there is none of that name.
        """
        if name in self.sources:
            return self.sources[name]
        learned = self.history.sources if name in HISTORY_SOURCES and self.history is not None else {}
        if name not in learned:
            raise SettingsError(
                f"unknown candidate source {name!r}",
                hint=f"there are: {', '.join(self.sources)}; where there are interactions also: "
                f"{', '.join(HISTORY_SOURCES)}",
            )
        return learned[name]

    @cached_property
    def history(self) -> HistoryModels | None:
        """What is learned from interactions; None where there are none."""
        if self._history is not None:
            return HistoryModels.load(self.catalog, self.vectors, self._history.folder)
        events = self.catalog.interactions
        if not events:
            return None
        return HistoryModels.fit_once(self.catalog, events, self.vectors, self.settings.cache_dir)

    @cached_property
    def history_ranker(self) -> Ranker:
        """What was fitted to weigh the sources that learn from interactions."""
        return LogLinearRanker.shipped("history") if self._history is None else self._history.ranker

    @cached_property
    def memory(self) -> ConversationMemory:
        """What is remembered of past dialogues."""
        return ConversationMemory(
            self.catalog,
            self.embedder,
            self._dialogues,
            cache_dir=self.settings.cache_dir,
            progress=self._progress,
        )

    @cached_property
    def co_likes(self) -> CoLikes:
        """How many people like two items."""
        return CoLikes(self.memory)

    @cached_property
    def spoken_words(self) -> SpokenWords:
        """Which words go with which items in past dialogues."""
        return SpokenWords(self.memory)

    @property
    def ranker(self) -> LogLinearRanker:
        """The weights of the sources where past dialogues are remembered.

        Those fitted on these dialogues, else the shipped ones, which were fitted with hundreds to remember:
        with n dialogues they have a share of  n / (n + 20),  and weights that know no memory the rest.
        """
        if self._ranker is not None:
            return self._ranker
        n = len(self.memory.dialogues)
        alone = LogLinearRanker.shipped("titles")
        return LogLinearRanker.shipped("conversational").blended(alone, n / (n + _FEW_DIALOGUES))

    @cached_property
    def described(self) -> bool:
        """Whether most items have a description of some sentences."""
        long = sum(len((item.description or "").split()) >= _LONG_DESCRIPTION for item in self.catalog)
        return long > len(self.catalog) / 2

    @cached_property
    def titles_ranker(self) -> LogLinearRanker | None:
        """Fitted weights for a catalog of little more than titles; None where this one is another."""
        described = sum(bool(item.description) for item in self.catalog)
        if described > len(self.catalog) / 2 or not self.catalog.popularity.any():
            return None
        return LogLinearRanker.shipped("titles")

    @cached_property
    def preferences(self) -> PreferenceScorer:
        """What was let known in a conversation, as scores."""
        return PreferenceScorer(self.catalog, self.embedder, self.vectors)

    @cached_property
    def clarifier(self) -> Clarifier:
        """Finds the question that tells most."""
        return Clarifier(self.catalog)

    @cached_property
    def grounder(self) -> Grounder:
        """Links titles to items or rejects them."""
        path = self.settings.thresholds
        thresholds = Thresholds.load(path) if path else None
        return Grounder(
            self.catalog, self.embedder, thresholds, cache_dir=self.settings.cache_dir, index=self.index
        )

    @cached_property
    def generator(self) -> TitleGenerator:
        """Turns what the model writes into items."""
        assert self.model is not None
        return TitleGenerator(self.catalog, self.model, self.grounder, self.settings.cache_dir)

    @cached_property
    def scorer(self) -> PmiScorer:
        """What the model thinks of a candidate."""
        assert self.model is not None
        return PmiScorer(self.model, self.generator.titles, self.settings.cache_dir)

    def forget_queries(self) -> None:
        """Drop what is cached of what users said: embeddings of queries, scores, prefixes of prompts."""
        loaded = vars(self)
        learned = loaded.get("history")
        sources = (*loaded.get("sources", {}).values(), *(learned.sources.values() if learned else ()))
        held = (loaded.get("model"), loaded.get("embedder"), *sources)
        for part in held:
            if callable(forget := getattr(part, "forget", None)):
                forget()

    @cached_property
    def rules(self) -> RuleUnderstander:
        """Reads utterances by rules."""
        return RuleUnderstander(self.catalog, phrases=PhraseReader.shipped(self.embedder))

    @cached_property
    def reader(self) -> LmUnderstander:
        """Reads utterances by the language model."""
        assert self.model is not None
        return LmUnderstander(
            self.model,
            self.prompts,
            self.catalog,
            grounder=self.grounder,
            rules=self.rules,
            locale=self.settings.locale,
        )
