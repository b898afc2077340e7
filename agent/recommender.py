"""One turn, readable top to bottom: from a request and a context to recommendations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from agent.arrange import arrange, at_play, for_this_turn, surprises
from agent.catalog import Catalog
from agent.catalog.dates import is_date, newest_dates
from agent.clarification import Clarification
from agent.clarify import OPEN
from agent.context import UserContext
from agent.dialogues import PastDialogue, dialogues_of
from agent.feedback import apply_understanding
from agent.fuse import fuse
from agent.grounding import Embedder
from agent.lm import LanguageModel
from agent.localisation import text
from agent.parts import Parts, Progress
from agent.profile import Profile
from agent.prompted import PromptedModel
from agent.ranking import Interest, combine, find_interests, give_places
from agent.reasons import Reasons
from agent.recommendation import Recommendation, Recommendations
from agent.retrieval import Fused, Query, build_query, retrieve
from agent.retrieval.cold_start import ColdStartSource
from agent.retrieval.graph import Triple, with_triples
from agent.settings import Settings, Strategy
from agent.settings import settings as process_settings
from agent.trace import LANGUAGE_MODEL, VECTORS, Stage, Trace
from agent.understanding import Understanding
from prompts import Message, PromptLibrary


class Recommender:
    """Recommends items of a catalog with a language model, prompts and retrieval.

    Args:
        catalog: What can be recommended.
        model: A language model, the name of one (see :func:`agent.lm.load_model`), or None for
            recommendations by retrieval alone. It is loaded when it is first needed.
        embedder: A sentence embedder or the name of one.
        strategy: How lists are made where a call does not say otherwise.
        dialogues: Past dialogues: a source of candidates, and where few-shot examples are chosen from. None:
            those that come with the catalog, where the profile has none.
        profile: What was learned from past dialogues, which join ``dialogues``.
        prompts: The prompt library; templates in ``settings.prompts_dir`` override ours.
        settings: Where caches are kept, which device is used, ...; from the environment by default.
        progress: Called with (what, done, total) while models load and texts are embedded.
        triples: More facts (:func:`agent.retrieval.graph.load_triples`). What they say of items joins the
            catalog's columns; all of them join the knowledge graph.
    """

    def __init__(
        self,
        catalog: Catalog,
        model: LanguageModel | str | None = "auto",
        *,
        embedder: Embedder | str = "auto",
        strategy: Strategy | str | None = None,
        dialogues: Sequence[PastDialogue] | None = None,
        profile: Profile | None = None,
        prompts: PromptLibrary | None = None,
        settings: Settings | None = None,
        progress: Progress | None = None,
        triples: Sequence[Triple] = (),
    ) -> None:
        if triples:
            catalog, _ = with_triples(catalog, triples)
        self.catalog = catalog
        self.settings = settings or process_settings()
        self.strategy = Strategy.parse(strategy) if isinstance(strategy, str) else strategy or Strategy()
        profile = profile or Profile()
        if dialogues is None:
            dialogues = () if profile.dialogues else dialogues_of(catalog)
        dialogues = (*profile.dialogues, *dialogues)
        self.parts = Parts(
            catalog,
            model,
            embedder,
            dialogues,
            profile.ranker,
            prompts,
            self.settings,
            progress,
            profile.history,
            triples,
        )
        self._prompted, self._reasons = PromptedModel(self.parts), Reasons(self.parts)

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
            GroundrecError: a setting or model name is wrong. A model server or vector engine that does not
                answer raises nothing: the list is made without it, and ``degraded`` and a note say so.
            PromptError: the prompt is unknown or broken.
        """
        strategy = self._strategy(strategy)
        context = context or UserContext(locale=self.settings.locale)
        trace = Trace()

        with trace.stage("understand") as stage:
            said = self.understand(request, last, strategy) if isinstance(request, str) else request
            context = apply_understanding(context, said, self.catalog, last)
            query = build_query(context, said.text)
            strategy = self._for_history(for_this_turn(strategy, said, query, n), query)
            _record(stage, said, context)

        with trace.stage("filter", constraints=[str(c) for c in context.constraints]) as stage:
            allowed = self._allowed(context, strategy.n)
            stage.outputs = {"allowed": int(allowed.sum()), "of": len(self.catalog)}
        if not allowed.any():
            return self._nothing_left(said, context, trace)

        interests = self._at_play(context, query, trace)
        names = [interest.name for interest in interests]
        generated = self._prompted.generate(said, context, allowed, strategy, seed, query, trace, names)

        with trace.stage("retrieve", query=query.text, items=dict(query.items), less=query.less) as stage:
            sources = [self.parts.source(name) for name in strategy.sources]
            groups = [interest.item_ids for interest in interests]
            lists, down = retrieve(sources, query, groups, strategy.candidates, allowed)
            stage.do_without(VECTORS, *down)
            stage.outputs = {found[0].source: len(found) for found in lists if found}

        with trace.stage("fuse") as stage:
            if generated is not None:
                lists.append(generated.candidates)
            fused, strategy = fuse(self.parts, lists, sources, query, allowed, strategy, stage)
            stage.outputs = {"candidates": len(fused), "top": [f.item_id for f in fused[:10]]}

        with trace.stage("rank", scorer=strategy.scorer, scored=strategy.scored) as stage:
            pmi = self._prompted.score(fused, said, context, strategy, query, stage)
            ranked = combine(
                fused,
                self.catalog,
                context.state.tastes,
                pmi,
                pmi_weight=strategy.score_weight or 0.0,
                popularity_weight=(strategy.popularity_weight or 0.0) - strategy.novelty,
                preference=self._preference(fused, context, strategy),
            )
            stage.outputs["top"] = [f.item_id for f in ranked[:10]]

        with trace.stage("diversify", method=strategy.diversifier) as stage:
            shown = last if surprises(said) else ()
            placed = arrange(
                self.parts, ranked, context, query, interests, strategy, stage, shown=shown, seed=seed
            )
            chosen = self._with_newcomers([f for f, _ in placed], query, allowed, strategy)
            stage.outputs |= {
                "ids": [f.item_id for f in chosen],
                "sources": {f.item_id: list(f.sources) for f in chosen},
            }

        with trace.stage("explain", by=strategy.explain) as stage:
            items = self._reasons.explained(chosen, said, context, strategy, stage)
            propensities = {f.item_id: propensity for f, propensity in placed}
            items = tuple(replace(r, propensity=propensities.get(r.item.id, 1.0)) for r in items)

        asked, question = None, None
        if strategy.ask:
            with trace.stage("ask") as stage:
                asked, question = self._question(ranked, said, context, strategy, query, stage)
        if question:
            context = context.with_(asked=(*context.asked, asked.field if asked else OPEN))
        notes = _notes(said, context, trace)
        if len(items) < strategy.n:
            notes.append(text("notes.fewer", context.locale, n=len(items), wanted=strategy.n))
        return Recommendations(items, said, context, trace, question, tuple(notes), asked=asked)

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

    def remember(self, *dialogues: PastDialogue) -> None:
        """Learn from more dialogues, from the next list on; those with the same ids are replaced."""
        self.parts.memory.add(*dialogues)

    def forget(self, *dialogue_ids: str) -> None:
        """Learn from dialogues no longer; ids that are not known are passed over."""
        self.parts.memory.forget(*dialogue_ids)

    def interests(self, context: UserContext) -> tuple[Interest, ...]:
        """What a user is interested in, the greatest first: found in their likes and the current wish.

        Where several are found and nothing is wished for, each has candidates of its own and at least half
        its share of every list.
        """
        return find_interests(context, self.parts.space, self.parts.embedder)

    def why(self, item_id: str, context: UserContext, said: Understanding | None = None) -> str:
        """All that speaks for an item in a context; ``said`` is what was understood of the request."""
        return self._reasons.why(item_id, context, said)

    def reword(
        self, made: Recommendations, *, first: int, strategy: Strategy | str | None = None
    ) -> Iterator[Recommendation]:
        """The first items of a list with their reasons in the language model's words, one by one.

        Each sentence is checked against the evidence before it is yielded; where it says more than that,
        the plain one stays, and the trace says why. Nothing is yielded where there is no model, or where
        the strategy wants plain reasons or had the list worded already.
        """
        return self._reasons.reword(made, first=first, strategy=self._strategy(strategy))

    def _strategy(self, strategy: Strategy | str | None) -> Strategy:
        return Strategy.parse(strategy) if isinstance(strategy, str) else strategy or self.strategy

    def _for_history(self, strategy: Strategy, query: Query) -> Strategy:
        """The strategy with the sources that were weighed on histories, where a history is all there is."""
        asks = strategy.history == "auto" and strategy.sources == Strategy().sources
        if not (asks and query.from_history) or self.parts.history is None:
            return strategy
        names = tuple(name for name in self.parts.history_ranker.sources if self.parts.has(name))
        return strategy.model_copy(update={"sources": names})

    def _at_play(self, context: UserContext, query: Query, trace: Trace) -> tuple[Interest, ...]:
        """The interests that get candidates and places of their own in this turn."""
        with trace.stage("interests") as stage:
            found = self.interests(context)
            interests = at_play(found, query)
            stage.outputs = {"found": {i.name: round(i.share, 3) for i in found}, "at_play": bool(interests)}
        return interests

    def _with_newcomers(
        self, chosen: list[Fused], query: Query, allowed: np.ndarray, strategy: Strategy
    ) -> Sequence[Fused]:
        """A list from interactions with places for items that nobody has used yet."""
        if ColdStartSource.name not in strategy.sources or self.parts.history is None:
            return chosen
        newcomers = self.parts.history.newcomers(query, len(chosen), allowed)
        return give_places(chosen, newcomers, strategy.newcomers, source=ColdStartSource.name)

    def _allowed(self, context: UserContext, n: int) -> np.ndarray:
        """What may be recommended; what was passed over comes back only where there is little else."""
        allowed = self.parts.filters.mask(context.constraints, context.known | context.state.passed)
        return allowed if allowed.sum() >= n else self.parts.filters.mask(context.constraints, context.known)

    def _preference(
        self, fused: Sequence[Fused], context: UserContext, strategy: Strategy
    ) -> np.ndarray | None:
        """What this conversation's feedback gives each candidate, None where there was none."""
        if not strategy.preference_weight:
            return None
        score = self.parts.preferences.score(context.state, [f.item_id for f in fused])
        return None if score is None else strategy.preference_weight * score

    def _question(
        self,
        ranked: Sequence[Fused],
        said: Understanding,
        context: UserContext,
        strategy: Strategy,
        query: Query,
        stage: Stage,
    ) -> tuple[Clarification | None, str | None]:
        """The clarifying question that tells most, and its words; an open one where nothing is known."""
        asked = self.parts.clarifier.choose(ranked, context, strategy.n)
        if asked is None:
            open_ = query.broad and OPEN not in context.asked
            return None, text("ask.open", context.locale) if open_ else None
        stage.outputs = {"field": asked.field, "gain": round(asked.gain, 3)}
        asked = replace(asked, text=self._prompted.ask(asked, said, context, stage))
        return asked, asked.text

    def _nothing_left(self, said: Understanding, context: UserContext, trace: Trace) -> Recommendations:
        """An empty list that says why, and offers to drop the fewest demands, those that leave most."""
        locale, notes = context.locale, _notes(said, context, trace)
        if not context.constraints:
            return Recommendations((), said, context, trace, None, (*notes, text("notes.all_known", locale)))
        words = "; ".join(dict.fromkeys(c.text or str(c) for c in context.constraints))
        notes = [*notes, text("notes.nothing_left", locale, constraints=words), *self._newest(context)]
        relaxations = self.parts.filters.relaxations(context.constraints, context.known)
        if not relaxations:
            return Recommendations((), said, context, trace, None, tuple(notes))
        offer, left = relaxations[0]
        dropped = list(dict.fromkeys(c.text or str(c) for c in offer))
        joined = text("ask.dropped", locale).join(dropped)
        question = text("ask.relax", locale, constraint=joined, left=left)
        return Recommendations((), said, context, trace, question, tuple(notes), offer)

    def _newest(self, context: UserContext) -> list[str]:
        """What there is to know where dates are asked for that the catalog does not reach."""
        newest = newest_dates(self.catalog, share=0.0)
        asked = [str(c.value) for c in context.constraints if is_date(c.value) and c.op in (">", ">=")]
        if newest is None or not any(value > newest for value in asked):
            return []
        return [text("notes.newest", context.locale, date=newest)]


def _notes(said: Understanding, context: UserContext, trace: Trace) -> list[str]:
    """What the user should know whatever the list is."""
    locale = context.locale
    return [
        *(text("notes.unknown_title", locale, title=title) for title in said.unknown_titles),
        *(text(f"notes.lacks_{what}", locale) for what in said.lacking),
        *(text(f"notes.no_{what}", locale, why=why) for what, why in trace.degraded.items()),
    ]


def _record(stage: Stage, said: Understanding, context: UserContext) -> None:
    """Keep in the trace what was understood."""
    stage.degraded |= {LANGUAGE_MODEL: said.failed} if said.failed else {}
    stage.inputs = {"text": said.text}
    stage.outputs = {
        "intents": list(said.intents),
        "mentions": [[m.text, m.item_ids[0] if m.item_ids else None, m.attitude] for m in said.mentions],
        "constraints": [str(c) for c in context.constraints],
        "critiques": [[c.kind, c.item_id or c.value] for c in said.critiques],
        "facets": {f"{field}: {value}": weight for (field, value), weight in context.state.facets.items()},
        "wish": context.wish,
    }
