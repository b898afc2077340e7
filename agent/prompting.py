"""From a user's context to the inputs of a prompt, and which prompt to take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from agent.catalog import Catalog
from agent.context import UserContext
from agent.localisation import strings, text
from prompts import Example, Message, PromptLibrary
from prompts.budget import CountTokens, Rendered, fit

AUTO = "auto"


def render(
    prompts: PromptLibrary,
    name: str,
    context: UserContext,
    catalog: Catalog,
    *,
    count_tokens: CountTokens,
    budget: int,
    **inputs: Any,
) -> Rendered:
    """A prompt with what is known of a user, trimmed to a budget: what a model is asked and tuned with.

    Args:
        prompts: The library.
        name: The prompt's name.
        context: The user.
        catalog: The catalog.
        count_tokens: Tokens of messages, chat template included.
        budget: The most tokens that the messages may take.
        inputs: Those of :func:`prompt_inputs`, and others that the prompt declares.

    Raises:
        PromptError: the prompt is unknown, broken, or too long however it is trimmed.
    """
    names = ("request", "n", "examples", "interests", "locale")
    common = prompt_inputs(context, catalog, **{key: inputs.pop(key) for key in names if key in inputs})
    return fit(prompts.get(name, context.locale), {**common, **inputs}, count_tokens, budget)


def prompt_inputs(
    context: UserContext,
    catalog: Catalog,
    *,
    request: str = "",
    n: int = 10,
    examples: Sequence[Example] = (),
    interests: Sequence[str] = (),
    locale: str | None = None,
) -> dict[str, Any]:
    """Everything that a prompt may use of a user; :func:`prompts.fit` takes what a prompt declares.

    Items are named by their labels. Items that the catalog no longer holds are left out, and so are
    descriptions and other metadata: pasted into a prompt they make its lists worse.

    Args:
        context: The user. Where the last turn of its dialogue is the request, it is left to the request.
        catalog: The catalog.
        request: What the user says now; may be empty.
        n: How many titles to ask for.
        examples: Past dialogues with their answers, for few-shot prompts.
        interests: What the history has in common, in words.
        locale: The language of the prompt; the context's by default.

    Returns:
        The inputs by name; lists are oldest first.
    """
    locale = locale or context.locale
    state = context.state
    kind, kind_plural = kind_names(catalog.kind, locale)
    told = {*state.liked, *state.disliked}
    hidden = sorted(
        (i for i in {*state.seen, *state.rejected} - told if i in catalog),
        key=lambda item_id: (catalog.item(item_id).popularity, catalog.row(item_id)),
    )
    return {
        "kind": kind,
        "kind_plural": kind_plural,
        "n": n,
        "request": request,
        "liked": _labels(catalog, state.liked),
        "disliked": _labels(catalog, state.disliked),
        # The least popular first: they are trimmed first, and a model is least likely to name them.
        "seen": _labels(catalog, hidden),
        "constraints": list(dict.fromkeys(c.text or str(c) for c in context.constraints)),
        "facets": _facets(context, locale),
        "profile": dict(context.profile),
        "history": _labels(catalog, _used(context)),
        "dialogue": _earlier_turns(context.dialogue, request),
        "examples": list(examples),
        "interests": list(interests),
    }


def choose_prompt(context: UserContext, request: str, shots_available: int, chosen: str = AUTO) -> str:
    """The name of the prompt to generate with.

    Args:
        context: The user.
        request: What the user says now.
        shots_available: How many past dialogues there are to take examples from.
        chosen: The name that a strategy asks for, or ``auto``.

    Returns:
        ``chosen`` unless it is ``auto``; else ``recommend/from_history`` where nothing was said and
        something was used, ``recommend/few_shot`` where there are examples, and ``recommend/zero_shot``.
    """
    if chosen != AUTO:
        return chosen
    if not request.strip() and context.history:
        return "recommend/from_history"
    return "recommend/few_shot" if shots_available else "recommend/zero_shot"


def kind_names(kind: str, locale: str) -> tuple[str, str]:
    """What one item and several items are called in a locale.

    A kind that we have no word for is used as it is, with an English plural in English.
    """
    if f"kinds.{kind}" in strings(locale):
        return text(f"kinds.{kind}", locale), text(f"kinds.{kind}_plural", locale)
    return kind, _english_plural(kind) if locale.lower().startswith("en") else kind


def _english_plural(noun: str) -> str:
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "z", "ch", "sh")) else f"{noun}s"


def _labels(catalog: Catalog, item_ids: Iterable[str]) -> list[str]:
    return [catalog.label(catalog.item(item_id)) for item_id in item_ids if item_id in catalog]


def _used(context: UserContext) -> list[str]:
    """Ids of the items in the history, by their latest event, oldest first, without disliked ones."""
    latest: dict[str, str] = {}
    for event in context.history:
        latest.pop(event.item_id, None)
        latest[event.item_id] = event.event
    return [item_id for item_id, event in latest.items() if event != "dislike"]


def _facets(context: UserContext, locale: str) -> list[str]:
    words = []
    for (field, value), weight in context.state.facets.items():
        if weight:
            attitude = "likes" if weight > 0 else "dislikes"
            scope = "category" if field == "categories" else "field"
            words.append(text(f"prompting.{attitude}_{scope}", locale, field=field, value=value))
    return words


def _earlier_turns(dialogue: Sequence[Message], request: str) -> list[Message]:
    turns = [turn for turn in dialogue if turn.role != "system"]
    if request and turns and turns[-1] == Message("user", request):
        turns.pop()
    return turns
