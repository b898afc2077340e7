"""Understanding by a language model that is told to answer with JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

from agent.catalog import Catalog
from agent.context import Constraint
from agent.errors import ModelError, ServerError
from agent.grounding.grounder import Grounder
from agent.lm.base import Grammar, LanguageModel, Sampling
from agent.understanding.fields import Fields
from agent.understanding.rules import RuleUnderstander
from agent.understanding.text import lower, readable
from agent.understanding.turn import Critique, CritiqueKind, Intent, Mention, Understanding
from prompts import Message, PromptLibrary

PROMPT = "understand/turn"
_MAX_TOKENS = 500


class LmUnderstander:
    """Reads utterances with the prompt ``understand/turn``; for models that follow instructions well.

    The answer is checked as any other text from outside: titles are grounded, conditions that the
    catalog cannot check are dropped. Where the model fails or its answer is no JSON, the rules read the
    utterance instead.

    Args:
        model: The language model; its answer is held to the prompt's JSON schema where it can be.
        library: Where the prompt is found.
        catalog: What items and fields there are.
        grounder: Links titles to items; by default one without embeddings.
        rules: Reads what the model cannot.
        locale: The language of the prompt.
    """

    def __init__(
        self,
        model: LanguageModel,
        library: PromptLibrary,
        catalog: Catalog,
        *,
        grounder: Grounder | None = None,
        rules: RuleUnderstander | None = None,
        locale: str = "en",
    ) -> None:
        self.model, self.catalog = model, catalog
        self._prompt = library.get(PROMPT, locale)
        self._grounder = grounder or Grounder(catalog)
        self._rules = rules or RuleUnderstander(catalog)
        self._fields = Fields(catalog)

    def understand(
        self,
        text: str,
        last: Sequence[str] = (),
        dialogue: Sequence[Message] = (),
        *,
        answering: bool = False,
    ) -> Understanding:
        """What an utterance says.

        Args:
            text: The utterance; see :meth:`RuleUnderstander.understand` for very long ones.
            last: Ids of the list it answers, in rank order.
            dialogue: Earlier turns, oldest first.
            answering: Whether it answers a question, where the rules have to read it.
        """
        text = readable(text)
        try:
            answer = self._ask(text, [i for i in last if i in self.catalog], dialogue)
            return self._read(text, answer, last)
        except (ModelError, _UnreadableError) as error:
            said = self._rules.understand(text, last, answering=answering)
            return replace(said, failed=error.what) if isinstance(error, ServerError) else said

    def _ask(self, text: str, last: Sequence[str], dialogue: Sequence[Message]) -> Mapping[str, Any]:
        messages = self._prompt.render(
            kind=self.catalog.kind,
            message=text,
            last_list=[self.catalog.label(self.catalog.item(i)) for i in last],
            dialogue=list(dialogue),
            fields=self._fields.describe(),
        )
        schema = self._prompt.answer_schema
        grammar = Grammar("json_schema", json.dumps(schema)) if schema and self.model.can_constrain else None
        options = self._prompt.generation
        sampling = Sampling(
            max_tokens=options.max_tokens or _MAX_TOKENS, temperature=options.temperature or 0.0
        )
        return _json_object(self.model.generate(messages, sampling, grammar=grammar).text)

    def _read(self, text: str, answer: Mapping[str, Any], last: Sequence[str]) -> Understanding:
        mentions, unknown = self._mentions(text, _records(answer, "mentions"), last)
        facets = {
            (str(facet["field"]), value): int(facet["attitude"])
            for facet in _records(answer, "facets")
            if isinstance(facet.get("attitude"), int)
            for value in self._fields.known(str(facet.get("field")), [facet.get("value")])
        }
        n = answer.get("n")
        return Understanding(
            text=text,
            intents=tuple(dict.fromkeys(i for i in _listed(answer, "intents") if i in get_args(Intent))),
            mentions=tuple(mentions),
            constraints=tuple(self._constraints(_records(answer, "constraints"))),
            critiques=tuple(self._critiques(_records(answer, "critiques"), last)),
            facets=facets,
            relaxed=tuple(f for f in _listed(answer, "relaxed") if f == "*" or f in self._fields),
            wish=str(answer.get("wish") or "").strip(),
            n=n if isinstance(n, int) and not isinstance(n, bool) and 1 <= n <= 100 else None,
            unknown_titles=tuple(unknown),
        )

    def _mentions(
        self, text: str, records: Sequence[Mapping[str, Any]], last: Sequence[str]
    ) -> tuple[list[Mention], list[str]]:
        """Places of the list as they are, titles grounded; what is rejected is an unknown title."""
        mentions, unknown = [], []
        groundings = iter(self._grounder.ground([_text(r) for r in records if _rank(r, last) is None]))
        for record in records:
            words, rank = _text(record), _rank(record, last)
            item_id = last[rank - 1] if rank is not None else next(groundings).item_id
            if item_id is None:
                unknown += [words] if words else []
                continue
            start = max(lower(text).find(lower(words)), 0) if words else 0
            attitude = record.get("attitude")
            mentions.append(
                Mention(
                    item_ids=(item_id,),
                    text=words,
                    start=start,
                    end=start + len(words),
                    attitude=max(-2, min(2, attitude)) if isinstance(attitude, int) else 0,
                    seen=record.get("seen") is True,
                    rank=rank,
                )
            )
        return mentions, unknown

    def _constraints(self, records: Sequence[Mapping[str, Any]]) -> list[Constraint]:
        checked = (
            self._fields.constraint(r.get("field"), r.get("op"), r.get("value"), _text(r)) for r in records
        )
        return list(dict.fromkeys(c for c in checked if c is not None))

    def _critiques(self, records: Sequence[Mapping[str, Any]], last: Sequence[str]) -> list[Critique]:
        critiques = []
        for record in records:
            kind = next((k for k in get_args(CritiqueKind) if k == record.get("kind")), None)
            if kind is None:
                continue
            rank, words, value = _rank(record, last), _text(record), record.get("value")
            item_id = last[rank - 1] if rank is not None else None
            if item_id is None and words:
                item_id = self._grounder.ground([words])[0].item_id
            needed: dict[CritiqueKind, Any] = {
                "more_like": item_id,
                "less_like": item_id,
                "more": value,
                "less": value,
            }
            if needed.get(kind, True):
                critiques.append(Critique(kind, item_id, str(value) if value else None))
        return critiques


class _UnreadableError(Exception):
    """The model's answer is not a JSON object."""


def _json_object(text: str) -> Mapping[str, Any]:
    """The JSON object in an answer that may have words or a code fence around it."""
    found = re.search(r"\{.*\}", text, re.S)
    try:
        value = json.loads(found[0]) if found else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise _UnreadableError
    return value


def _listed(answer: Mapping[str, Any], name: str) -> list[Any]:
    value = answer.get(name)
    return [v for v in value if isinstance(v, str)] if isinstance(value, list) else []


def _records(answer: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = answer.get(name)
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def _text(record: Mapping[str, Any]) -> str:
    return str(record.get("text") or "").strip()


def _rank(record: Mapping[str, Any], last: Sequence[str]) -> int | None:
    rank = record.get("rank")
    return rank if isinstance(rank, int) and not isinstance(rank, bool) and 1 <= rank <= len(last) else None
