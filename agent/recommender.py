"""One turn, readable top to bottom: from a request and a context to recommendations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from agent import explain
from agent.catalog import Catalog, Item
from agent.context import UserContext
from agent.dialogues import PastDialogue
from agent.errors import ServerError, SettingsError
from agent.feedback import apply_understanding
from agent.generation import Generated
from agent.grounding import Embedder
from agent.lm import LanguageModel, Sampling
from agent.localisation import text
from agent.parts import Parts, Progress
from agent.profile import Profile
from agent.prompting import choose_prompt, prompt_inputs
from agent.ranking import LogLinearRanker, combine, diversify, pool
from agent.recommendation import Candidate, Evidence, Reason, Recommendation, Recommendations
from agent.retrieval import (
    FEW,
    CandidateSource,
    Fused,
    Query,
    build_query,
    reciprocal_rank_fusion,
    score_fusion,
)
from agent.settings import Settings, Strategy
from agent.settings import settings as process_settings
from agent.trace import Stage, Trace
from agent.understanding import Understanding
from prompts import Message, PromptLibrary
from prompts.budget import Rendered, fit

_SCORE_PROMPT = "score/next_title"
_ANSWER_TOKENS = 256
_TRUST_IN_THE_LIST = 0.5
"""What the model's list counts beside fitted weights: from 1 on, that of a small model costs hits."""
_BROAD_DIVERSITY = 0.5
_SURPRISE = {"diversity": 0.6, "weights": {"popularity": 0.0}}


class Recommender:
    """Recommends items of a catalog with a language model, prompts and retrieval.

    Args:
        catalog: What can be recommended.
        model: A language model, the name of one (see :func:`agent.lm.load_model`), or None for
            recommendations by retrieval alone. It is loaded when it is first needed.
        embedder: A sentence embedder or the name of one.
        strategy: How lists are made where a call does not say otherwise.
        dialogues: Past dialogues: a source of candidates, and where few-shot examples are chosen from.
        profile: What was learned from past dialogues, which join ``dialogues``.
        prompts: The prompt library; templates in ``settings.prompts_dir`` override ours.
        settings: Where caches are kept, which device is used, ...; from the environment by default.
        progress: Called with (what, done, total) while models load and texts are embedded.
    """

    def __init__(
        self,
        catalog: Catalog,
        model: LanguageModel | str | None = "auto",
        *,
        embedder: Embedder | str = "auto",
        strategy: Strategy | str | None = None,
        dialogues: Sequence[PastDialogue] = (),
        profile: Profile | None = None,
        prompts: PromptLibrary | None = None,
        settings: Settings | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.catalog = catalog
        self.settings = settings or process_settings()
        self.strategy = Strategy.parse(strategy) if isinstance(strategy, str) else strategy or Strategy()
        profile = profile or Profile()
        dialogues = (*profile.dialogues, *dialogues)
        self.parts = Parts(
            catalog, model, embedder, dialogues, profile.ranker, prompts, self.settings, progress
        )

    def recommend(
        self,
        request: str | Understanding = "",
        context: UserContext | None = None,
        *,
        n: int | None = None,
        strategy: Strategy | str | None = None,
        seed: int | None = None,
        last: Sequence[str] = (),
    ) -> Recommendations:
        """Make a list.

        Args:
            request: What the user says, or what was understood of it. May be empty.
            context: What is known of the user.
            n: Length of the list; else what the user asked for, else the strategy's.
            strategy: How the list is made: a :class:`Strategy` or its text form.
            seed: Makes sampling repeatable (temperature above 0).
            last: Ids of the list the request answers, in rank order.

        Returns:
            Distinct items that meet every constraint, none of them seen or rejected. Fewer than ``n``
            only where the catalog has no more; ``notes`` then says so.

        Raises:
            GroundrecError: a setting or model name is wrong. A model that fails during the turn does not
                raise: the list is then made by retrieval, and a note says so.
            PromptError: the prompt is unknown or broken.
        """
        strategy = self._strategy(strategy)
        context = context or UserContext(locale=self.settings.locale)
        trace, notes = Trace(), list[str]()

        with trace.stage("understand") as stage:
            said = self.understand(request, last, strategy) if isinstance(request, str) else request
            context = apply_understanding(context, said, self.catalog, last)
            query = build_query(context, said.text)
            strategy = _for_this_turn(strategy, said, query, n)
            stage.inputs, stage.outputs = {"text": said.text}, _summary(said, context)
        notes += [text("notes.unknown_title", context.locale, title=t) for t in said.unknown_titles]

        with trace.stage("filter", constraints=[str(c) for c in context.constraints]) as stage:
            passed_over = last if _asks_for_others(said) else ()
            allowed = self.parts.filters.mask(context.constraints, {*context.known, *passed_over})
            stage.outputs = {"allowed": int(allowed.sum()), "of": len(self.catalog)}
        if not allowed.any():
            return self._nothing_left(said, context, trace, notes)

        generated = self._generate(said, context, allowed, strategy, seed, query, trace, notes)

        with trace.stage("retrieve", query=query.text, items=dict(query.items), less=query.less) as stage:
            sources = self._sources(strategy, query)
            lists = [source.retrieve(query, strategy.candidates, allowed) for source in sources]
            stage.outputs = {found[0].source: len(found) for found in lists if found}

        with trace.stage("fuse") as stage:
            if generated is not None:
                lists.append(generated.candidates)
            fused, strategy = self._fuse(lists, sources, query, allowed, strategy, stage)
            stage.outputs = {"candidates": len(fused), "top": [f.item_id for f in fused[:10]]}

        with trace.stage("rank", scorer=strategy.scorer, scored=strategy.scored) as stage:
            pmi = self._score(fused, said, context, strategy, query, stage, notes)
            ranked = combine(
                fused,
                self.catalog,
                context.state.facets,
                pmi,
                pmi_weight=strategy.score_weight or 0.0,
                popularity_weight=strategy.popularity_weight or 0.0,
            )
            stage.outputs["top"] = [f.item_id for f in ranked[:10]]

        with trace.stage("diversify", method=strategy.diversifier, diversity=strategy.diversity) as stage:
            ranked = ranked[: max(strategy.scored, 3 * strategy.n)]
            vectors = self.parts.vectors[[self.catalog.row(f.item_id) for f in ranked]]
            order = diversify(
                vectors,
                np.array([f.score for f in ranked]),
                strategy.n,
                method=strategy.diversifier,
                diversity=strategy.diversity,
            )
            chosen = [ranked[i] for i in order]
            stage.outputs = {
                "ids": [f.item_id for f in chosen],
                "sources": {f.item_id: list(f.sources) for f in chosen},
            }

        with trace.stage("explain", by=strategy.explain) as stage:
            items = self._explain(chosen, said, context, strategy, stage)

        if len(items) < strategy.n:
            notes.append(text("notes.fewer", context.locale, n=len(items), wanted=strategy.n))
        question = self._question(items, context) if strategy.ask and query.broad else None
        return Recommendations(items, said, context, trace, question, tuple(notes))

    def understand(
        self,
        request: str,
        last: Sequence[str] = (),
        strategy: Strategy | str | None = None,
        *,
        dialogue: Sequence[Message] = (),
        answering: bool = False,
    ) -> Understanding:
        """What an utterance says: read by rules, or by the language model where it is large enough.

        Args:
            request: The utterance.
            last: Ids of the list it answers, in rank order.
            strategy: Says who reads it.
            dialogue: Earlier turns, oldest first.
            answering: Whether it answers a question, also where there was no list.
        """
        chosen = self._strategy(strategy).understand
        if chosen == "rules" or self.parts.model is None or (chosen == "auto" and self.parts.has_small_model):
            return self.parts.rules.understand(request, last, answering=answering)
        return self.parts.reader.understand(request, last, dialogue, answering=answering)

    def listen(self, turns: Sequence[Message], context: UserContext | None = None) -> UserContext:
        """The context after turns of a dialogue, read as a session would have read them.

        Args:
            turns: What was said, oldest first; the user's turns are understood by the recommender's strategy.
            context: What is known already.
        """
        context = context or UserContext(locale=self.settings.locale)
        for turn in turns:
            if turn.role == "user":
                context = apply_understanding(context, self.understand(turn.content), self.catalog)
        return context.with_(dialogue=(*context.dialogue, *turns))

    def why(self, item_id: str, context: UserContext, said: Understanding | None = None) -> str:
        """All that speaks for an item in a context; ``said`` is what was understood of the request."""
        item = self.catalog.item(item_id)
        similar = self._similar(item_id, context)
        co_liked = self._co_liked(item_id, context)
        return explain.why(
            item, context, self.catalog, understanding=said, similar=similar, co_liked=co_liked
        )

    def _strategy(self, strategy: Strategy | str | None) -> Strategy:
        return Strategy.parse(strategy) if isinstance(strategy, str) else strategy or self.strategy

    def _sources(self, strategy: Strategy, query: Query) -> list[CandidateSource]:
        known = self.parts.sources
        for name in strategy.sources:
            if name not in known:
                raise SettingsError(
                    f"unknown candidate source {name!r}", hint=f"there are: {', '.join(known)}"
                )
        return [known[name] for name in strategy.sources]

    def _fuse(
        self,
        lists: Sequence[Sequence[Candidate]],
        sources: Sequence[CandidateSource],
        query: Query,
        allowed: np.ndarray,
        strategy: Strategy,
        stage: Stage,
    ) -> tuple[tuple[Fused, ...], Strategy]:
        """One list of many, and the strategy with the weights that go with how they were fused."""
        ranker = self._ranker(strategy, lists)
        if ranker is not None:
            stage.inputs = {"fusion": "fitted", "weights": dict(ranker.weights)}
            trust = strategy.weights.get("generated", _TRUST_IN_THE_LIST)
            fused = pool(lists, ranker, sources, query, self.catalog, generated_weight=trust)
            return fused, strategy.weighed("fitted")
        by_score = strategy.fusion == "scores" or (strategy.fusion == "auto" and _few(allowed))
        strategy = strategy.weighed("scores" if by_score else "rrf")
        stage.inputs = {"fusion": strategy.fusion, "weights": strategy.weights}
        if by_score:
            return score_fusion(lists, weights=strategy.weights), strategy
        return reciprocal_rank_fusion(lists, k=strategy.fusion_k, weights=strategy.weights), strategy

    def _ranker(self, strategy: Strategy, lists: Sequence[Sequence[Candidate]]) -> LogLinearRanker | None:
        """The fitted weights that apply; None where there are none."""
        if strategy.fusion in ("rrf", "scores"):
            return None
        spoke = {found[0].source for found in lists if found}
        if strategy.fusion == "fitted" or "neighbours" in spoke:
            return self.parts.ranker
        return self.parts.titles_ranker

    def _render(
        self, name: str, said: Understanding, context: UserContext, strategy: Strategy, **more: Any
    ) -> Rendered:
        """A prompt with the user's context in it, trimmed to the strategy's budget and the model's window."""
        model = self.parts.model
        assert model is not None
        prompt = self.parts.prompts.get(name, context.locale)
        n = strategy.generated or strategy.n
        inputs = prompt_inputs(context, self.catalog, request=said.text, n=n, **more)
        budget = min(strategy.prompt_tokens, model.context_window - _ANSWER_TOKENS)
        return fit(prompt, inputs, model.count_tokens, budget)

    def _generate(
        self,
        said: Understanding,
        context: UserContext,
        allowed: np.ndarray,
        strategy: Strategy,
        seed: int | None,
        query: Query,
        trace: Trace,
        notes: list[str],
    ) -> Generated | None:
        """Titles from the language model, or None where there is no model, no wish, or the model fails."""
        if strategy.generation == "none" or query.broad or (model := self.parts.model) is None:
            return None
        if strategy.generation == "auto" and self.parts.has_small_model and _few(allowed):
            return None  # it scores all of them, which says more than the order it would list them in
        constrained = strategy.generation == "constrained" or (
            strategy.generation == "auto" and self.parts.has_small_model
        )
        with trace.stage("prompt") as stage:
            examples = self.parts.memory.examples(said.text, strategy.shots, context.dialogue_id)
            name = choose_prompt(context, said.text, len(examples), strategy.prompt)
            rendered = self._render(name, said, context, strategy, examples=examples)
            _record_prompt(stage, rendered)
        sampling = Sampling(max_tokens=strategy.max_tokens, temperature=strategy.temperature, seed=seed)
        with trace.stage("generate", model=model.name, constrained=constrained) as stage:
            try:
                count = strategy.generated or strategy.n
                generator = self.parts.generator
                generated = (
                    generator.constrained(rendered.messages, count, allowed, sampling)
                    if constrained
                    else generator.free(rendered.messages, allowed, sampling)
                )
            except ServerError as error:
                stage.notes.append(str(error))
                notes.append(text("notes.no_model", context.locale, error=error.what))
                return None
            stage.usage = generated.generation.usage
            stage.outputs = {
                "text": generated.generation.text,
                "items": [c.item_id for c in generated.candidates],
            }
        with trace.stage("ground") as stage:
            stage.inputs = {"titles": [g.text for g in generated.groundings]}
            stage.outputs = {"groundings": [g.to_json() for g in generated.groundings]}
            stage.notes += [f"{item_id} is in the catalog but not allowed" for item_id in generated.refused]
        return generated

    def _score(
        self,
        fused: Sequence[Fused],
        said: Understanding,
        context: UserContext,
        strategy: Strategy,
        query: Query,
        stage: Stage,
        notes: list[str],
    ) -> np.ndarray | None:
        """PMI of the best candidates, or None where the model cannot or need not score."""
        if strategy.scorer == "none" or not strategy.score_weight or query.broad:
            return None
        if (model := self.parts.model) is None:
            return None
        if not model.can_score:
            stage.notes.append(f"{model.name} cannot score")
            return None
        rows = [self.catalog.row(f.item_id) for f in fused[: strategy.scored]]
        # Scores of options that the prompt lists choose right less often (.24 against .32 of five recipes).
        unlisted = context.with_(constraints=tuple(c for c in context.constraints if c.field != "id"))
        conversation = self._render(_SCORE_PROMPT, said, unlisted, strategy)
        blank = self._render(_SCORE_PROMPT, Understanding(""), UserContext(locale=context.locale), strategy)
        try:
            pmi, stage.usage = self.parts.scorer.score(conversation.messages, blank.messages, rows)
        except ServerError as error:
            stage.notes.append(str(error))
            notes.append(text("notes.no_model", context.locale, error=error.what))
            return None
        stage.outputs["pmi"] = [round(float(value), 3) for value in pmi[:10]]
        return pmi

    def _explain(
        self,
        chosen: Sequence[Fused],
        said: Understanding,
        context: UserContext,
        strategy: Strategy,
        stage: Stage,
    ) -> tuple[Recommendation, ...]:
        explained = strategy.explain != "none"
        found = [
            self._recommendation(rank, fused, said, context, explained=explained)
            for rank, fused in enumerate(chosen, start=1)
        ]
        if not explained:
            return tuple(found)
        if strategy.explain == "lm" and self.parts.model is not None:
            found = [
                self._reworded(r, worded, stage)
                for r, worded in zip(found, self._worded(found, said, context), strict=True)
            ]
        stage.outputs = {r.item.id: [reason.text for reason in r.reasons] for r in found}
        return tuple(found)

    def _recommendation(
        self, rank: int, fused: Fused, said: Understanding, context: UserContext, *, explained: bool
    ) -> Recommendation:
        item = self.catalog.item(fused.item_id)
        label = self.catalog.label(item)
        reasons: tuple[Reason, ...] = ()
        if explained:
            evidence = self._evidence(item, said, context)
            reasons = (explain.plain(label, evidence, context.locale, self.catalog.kind),)
        return Recommendation(rank, item, label, fused.score, reasons, fused.sources)

    def reword(
        self, made: Recommendations, *, first: int, strategy: Strategy | str | None = None
    ) -> Iterator[Recommendation]:
        """The first items of a list with their reasons in the language model's words, one by one.

        Each sentence is checked against the evidence before it is yielded; where it says more than that,
        the plain one stays, and the trace says why. Nothing is yielded where there is no model, or where
        the strategy wants plain reasons or had the list worded already.
        """
        if self._strategy(strategy).explain != "auto" or self.parts.model is None:
            return
        with made.trace.stage("word") as stage:
            subjects = made.items[:first]
            worded = self._worded(subjects, made.understanding, made.context)
            for recommendation, words in zip(subjects, worded, strict=True):
                yield self._reworded(recommendation, words, stage)

    def _worded(
        self, items: Sequence[Recommendation], said: Understanding, context: UserContext
    ) -> Iterator[explain.Worded]:
        assert self.parts.model is not None
        return explain.worded(
            self.parts.model,
            [explain.Subject(r.item, r.label, self._evidence(r.item, said, context)) for r in items],
            context,
            self.catalog,
            self.parts.prompts,
            request=said.text,
            locale=context.locale,
        )

    @staticmethod
    def _reworded(recommendation: Recommendation, worded: explain.Worded, stage: Stage) -> Recommendation:
        stage.usage += worded.usage
        stage.notes += [f"{recommendation.label}: {note}" for note in worded.notes]
        return replace(recommendation, reasons=(worded.reason,))

    def _evidence(self, item: Item, said: Understanding, context: UserContext) -> tuple[Evidence, ...]:
        return explain.collect_evidence(
            item,
            context,
            said,
            self.catalog,
            similar=self._similar(item.id, context),
            co_liked=self._co_liked(item.id, context),
        )

    def _similar(self, item_id: str, context: UserContext) -> list[tuple[str, float]]:
        """Liked items with their cosine to this one, nearest first."""
        liked = self._liked(item_id, context)
        if not liked:
            return []
        vectors = self.parts.vectors[[self.catalog.row(i) for i in liked]]
        cosines = vectors @ self.parts.vectors[self.catalog.row(item_id)]
        return sorted(zip(liked, map(float, cosines), strict=True), key=lambda pair: -pair[1])

    def _co_liked(self, item_id: str, context: UserContext) -> list[tuple[str, int]]:
        """Liked items with the number of other people who like both."""
        liked = self._liked(item_id, context)
        return self.parts.co_likes.counts(item_id, liked, context) if liked else []

    def _liked(self, item_id: str, context: UserContext) -> list[str]:
        """The other items of the catalog that the user likes, oldest first."""
        return [i for i, a in context.attitudes.items() if a > 0 and i != item_id and i in self.catalog]

    def _question(self, items: Sequence[Recommendation], context: UserContext) -> str:
        """A clarifying question over the categories that the list spreads over."""
        counts = Counter(c for r in items for c in r.item.categories)
        options = [category for category, _ in counts.most_common(3)]
        if len(options) < 2:
            return text("ask.open", context.locale)
        comma, last = text("ask.comma", context.locale), text("ask.or", context.locale)
        return text(
            "ask.categories", context.locale, options=last.join([comma.join(options[:-1]), options[-1]])
        )

    def _nothing_left(
        self, said: Understanding, context: UserContext, trace: Trace, notes: list[str]
    ) -> Recommendations:
        """An empty list that says why, and offers to drop the constraint that leaves most."""
        locale = context.locale
        if not context.constraints:
            return Recommendations((), said, context, trace, None, (*notes, text("notes.all_known", locale)))
        words = "; ".join(c.text or str(c) for c in context.constraints)
        notes = [*notes, text("notes.nothing_left", locale, constraints=words)]
        relaxations = self.parts.filters.relaxations(context.constraints, context.known)
        if not relaxations:
            return Recommendations((), said, context, trace, None, tuple(notes))
        offer, left = relaxations[0]
        question = text("ask.relax", locale, constraint=offer.text or str(offer), left=left)
        return Recommendations((), said, context, trace, question, tuple(notes), offer)


def _for_this_turn(strategy: Strategy, said: Understanding, query: Query, n: int | None) -> Strategy:
    """The strategy with what this turn changes: the number asked for, and more variety where it fits."""
    changes: dict[str, Any] = {"n": n or said.n or strategy.n}
    if any(critique.kind == "surprise" for critique in said.critiques):
        changes |= _SURPRISE
    elif query.broad:
        changes["diversity"] = max(strategy.diversity, _BROAD_DIVERSITY)
    return Strategy.of({**strategy.model_dump(), **changes})


def _few(allowed: np.ndarray) -> bool:
    """Whether all items that may be recommended are candidates."""
    return int(allowed.sum()) <= FEW


def _asks_for_others(said: Understanding) -> bool:
    """Whether the items just shown would be no answer: "more like the second", "surprise me"."""
    return any(critique.kind in ("more_like", "less_like", "surprise") for critique in said.critiques)


def _summary(said: Understanding, context: UserContext) -> dict[str, Any]:
    """What the trace keeps of an understood utterance."""
    return {
        "intents": list(said.intents),
        "mentions": [[m.text, m.item_ids[0] if m.item_ids else None, m.attitude] for m in said.mentions],
        "constraints": [str(c) for c in context.constraints],
        "critiques": [[c.kind, c.item_id or c.value] for c in said.critiques],
        "facets": {f"{field}: {value}": weight for (field, value), weight in context.state.facets.items()},
        "wish": context.wish,
    }


def _record_prompt(stage: Stage, rendered: Rendered) -> None:
    stage.inputs = {"prompt": rendered.name, "version": rendered.version, "hash": rendered.hash}
    stage.outputs = {
        "tokens": rendered.tokens,
        "messages": [{"role": m.role, "content": m.content} for m in rendered.messages],
    }
    stage.notes += [f"trimmed {what}" for what in rendered.trimmed]
