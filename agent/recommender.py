"""One turn, readable top to bottom: from a request and a context to recommendations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agent import explain
from agent.catalog import Catalog
from agent.context import UserContext
from agent.errors import ModelError, SettingsError
from agent.feedback import apply_understanding
from agent.generation import Generated
from agent.grounding import Embedder
from agent.lm import LanguageModel, Sampling
from agent.localisation import text
from agent.parts import Parts, Progress
from agent.prompting import PastDialogue, choose_prompt, prompt_inputs, select_examples
from agent.ranking import combine, diversify
from agent.recommendation import Recommendation, Recommendations
from agent.retrieval import Fused, Query, build_query, reciprocal_rank_fusion
from agent.settings import Settings, Strategy, settings as process_settings
from agent.trace import Stage, Trace
from agent.understanding import Understanding
from prompts import PromptLibrary, fit

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
        dialogues: Past dialogues that few-shot examples are chosen from.
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
        prompts: PromptLibrary | None = None,
        settings: Settings | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.catalog = catalog
        self.settings = settings or process_settings()
        self.strategy = Strategy.parse(strategy) if isinstance(strategy, str) else strategy or Strategy()
        self.parts = Parts(catalog, model, embedder, dialogues, prompts, self.settings, progress)

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
        strategy = Strategy.parse(strategy) if isinstance(strategy, str) else strategy or self.strategy
        context = context or UserContext(locale=self.settings.locale)
        trace, notes = Trace(), list[str]()

        with trace.stage("understand") as stage:
            said = self.understand(request, last, strategy) if isinstance(request, str) else request
            context = apply_understanding(context, said, self.catalog, last)
            query = build_query(context, said.wish)
            strategy = _for_this_turn(strategy, said, query, n)
            stage.inputs, stage.outputs = {"text": said.text}, _summary(said, context)
        notes += [text("notes.unknown_title", context.locale, title=t) for t in said.unknown_titles]

        with trace.stage("filter", constraints=[str(c) for c in context.constraints]) as stage:
            known = context.state.known | {event.item_id for event in context.history}
            allowed = self.parts.filters.mask(context.constraints, known)
            stage.outputs = {"allowed": int(allowed.sum()), "of": len(self.catalog)}
        if not allowed.any():
            return self._nothing_left(said, context, known, trace, notes)

        generated = self._generate(said, context, allowed, strategy, seed, query, trace, notes)

        with trace.stage("retrieve", query=query.text, items=dict(query.items), less=query.less) as stage:
            lists = [
                source.retrieve(query, strategy.candidates, allowed)
                for source in self._sources(strategy, query)
            ]
            stage.outputs = {found[0].source: len(found) for found in lists if found}

        with trace.stage("fuse", k=strategy.fusion_k, weights=strategy.weights) as stage:
            if generated is not None:
                lists.append(generated.candidates)
            fused = reciprocal_rank_fusion(lists, k=strategy.fusion_k, weights=strategy.weights)
            stage.outputs = {"candidates": len(fused), "top": [f.item_id for f in fused[:10]]}

        with trace.stage("rank", scorer=strategy.scorer, scored=strategy.scored) as stage:
            pmi = self._score(fused, said, context, strategy, query, stage, notes)
            ranked = combine(
                fused, self.catalog, context.state.facets, pmi, pmi_weight=strategy.score_weight
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
            stage.outputs = {"ids": [f.item_id for f in chosen]}

        with trace.stage("explain", by=strategy.explain) as stage:
            items = self._explain(chosen, said, context, strategy, stage)

        if len(items) < strategy.n:
            notes.append(text("notes.fewer", context.locale, n=len(items), wanted=strategy.n))
        question = self._question(items, context) if strategy.ask and query.broad else None
        return Recommendations(items, trace, question, tuple(notes), said, context)

    def understand(
        self, request: str, last: Sequence[str] = (), strategy: Strategy | None = None
    ) -> Understanding:
        """What an utterance says: read by rules, or by the language model where it is large enough.

        ``last`` holds the ids of the list it answers.
        """
        chosen = (strategy or self.strategy).understand
        if chosen == "rules" or self.parts.model is None or (chosen == "auto" and self.parts.has_small_model):
            return self.parts.rules.understand(request, last)
        return self.parts.reader.understand(request, last)
