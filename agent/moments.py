"""The states that a conversation went through, and their JSON form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from agent.catalog import Catalog, Interaction
from agent.clarification import Clarification, Option
from agent.context import Constraint, Facet, PreferenceState, UserContext
from agent.understanding import Understanding
from agent.understanding.turn import Critique, Mention
from prompts import Message

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Moment:
    """All that a session is at one moment: the context, the last list, and what awaits an answer.

    ``offer`` awaits a yes, ``asked`` one of its options; ``request`` is what was understood of the
    utterance that ``shown`` answers.
    """

    context: UserContext
    shown: tuple[str, ...] = ()
    offer: tuple[Constraint, ...] = ()
    asked: Clarification | None = None
    request: Understanding | None = None

    @property
    def item_ids(self) -> set[str]:
        """Ids of all items that it speaks of."""
        state = self.context.state
        return {*self.shown, *state.attitudes, *state.seen, *state.rejected, *state.mentioned, *state.passed}

    def within(self, catalog: Catalog) -> Moment:
        """The moment without the items that a catalog does not, or no longer, have."""
        if all(item_id in catalog for item_id in self.item_ids):
            return self
        state = self.context.state
        left = replace(
            state,
            attitudes={i: a for i, a in state.attitudes.items() if i in catalog},
            seen=frozenset(i for i in state.seen if i in catalog),
            rejected=frozenset(i for i in state.rejected if i in catalog),
            mentioned=tuple(i for i in state.mentioned if i in catalog),
            passed=frozenset(i for i in state.passed if i in catalog),
        )
        shown = tuple(i for i in self.shown if i in catalog)
        return replace(self, context=self.context.with_(state=left), shown=shown)


def opening_to_json(context: UserContext) -> Json:
    """What stays the same of a context through a conversation; the user's id is not part of it."""
    return {
        "dialogue_id": context.dialogue_id,
        "locale": context.locale,
        "profile": dict(context.profile),
        "history": [asdict(event) for event in context.history],
        "examples": list(context.examples),
    }


def opening_from_json(entry: Mapping[str, Any], user_id: str | None = None) -> UserContext:
    """The context that a conversation begins with."""
    return UserContext(
        user_id=user_id,
        dialogue_id=entry.get("dialogue_id"),
        history=tuple(Interaction(**event) for event in entry["history"]),
        profile=dict(entry["profile"]),
        locale=entry["locale"],
        examples=tuple(entry.get("examples", ())),
    )


def moment_to_json(moment: Moment) -> Json:
    """A moment without its dialogue, of which it says how much there was."""
    context, told = moment.context, moment.context.state.told
    return {
        "said": len(context.dialogue),
        "wish": context.wish,
        "constraints": [asdict(c) for c in context.constraints],
        "attitudes": dict(context.state.attitudes),
        "seen": sorted(context.state.seen),
        "rejected": sorted(context.state.rejected),
        "facets": _pairs(context.state.facets),
        "mentioned": list(context.state.mentioned),
        "passed": sorted(context.state.passed),
        "turn": context.state.turn,
        "told": [[*key, turn] if isinstance(key, tuple) else [key, turn] for key, turn in told.items()],
        "shown": list(moment.shown),
        "offer": [asdict(c) for c in moment.offer],
        "asked": asdict(moment.asked) if moment.asked else None,
        "asked_before": list(context.asked),
        "request": _understanding_to_json(moment.request) if moment.request else None,
    }


def moment_from_json(entry: Mapping[str, Any], opening: UserContext, dialogue: Sequence[Message]) -> Moment:
    """The moment of an entry.

    Args:
        entry: As :func:`moment_to_json` made it.
        opening: The context that the conversation began with.
        dialogue: What was said in it up to then or longer.
    """
    state = PreferenceState(
        attitudes={str(i): int(a) for i, a in entry["attitudes"].items()},
        seen=frozenset(entry["seen"]),
        rejected=frozenset(entry["rejected"]),
        facets={(field, value): float(weight) for field, value, weight in entry["facets"]},
        mentioned=tuple(entry.get("mentioned", ())),
        passed=frozenset(entry.get("passed", ())),
        turn=int(entry.get("turn", 0)),
        told={_key(key): int(turn) for *key, turn in entry.get("told", ())},
    )
    context = opening.with_(
        state=state,
        dialogue=tuple(dialogue[: entry["said"]]),
        wish=entry["wish"],
        constraints=tuple(_constraint(c) for c in entry["constraints"]),
        asked=tuple(entry.get("asked_before", ())),
    )
    asked = _clarification(entry["asked"]) if entry.get("asked") else None
    request = _understanding(entry["request"]) if entry.get("request") else None
    return Moment(context, tuple(entry["shown"]), _offer(entry["offer"]), asked, request)


def step_to_json(before: Moment | None, now: Moment) -> Json:
    """What a moment changes of the one before it; the first moment is written whole.

    Besides the changed fields of :func:`moment_to_json` it holds ``dialogue``: what was said in between.
    """
    whole = moment_to_json(now)
    if before is None:
        return {**whole, "dialogue": [asdict(m) for m in now.context.dialogue]}
    earlier = moment_to_json(before)
    changed = {name: value for name, value in whole.items() if _differs(value, earlier[name])}
    said = now.context.dialogue[len(before.context.dialogue) :]
    return {**changed, "dialogue": [asdict(m) for m in said]} if said else changed


def moments_from_steps(opening: UserContext, steps: Sequence[Mapping[str, Any]]) -> list[Moment]:
    """The moments whose steps these are, oldest first."""
    moments, whole, dialogue = list[Moment](), Json(), list[Message]()
    for step in steps:
        dialogue += [Message(**message) for message in step.get("dialogue", ())]
        whole = {**whole, **step}
        moments.append(moment_from_json(whole, opening, dialogue))
    return moments


def _differs(value: Any, earlier: Any) -> bool:
    """Whether two JSON values differ, also in the order of a mapping, which tells what is newest."""
    if isinstance(value, dict) and isinstance(earlier, dict):
        return list(value.items()) != list(earlier.items())
    return bool(value != earlier)


def _pairs(facets: Mapping[Facet, float]) -> list[list[Any]]:
    return [[field, value, weight] for (field, value), weight in facets.items()]


def _offer(entry: list[Json] | Json | None) -> tuple[Constraint, ...]:
    """What was offered to be dropped; files of version 0.1 hold one constraint or none."""
    listed = [entry] if isinstance(entry, dict) else entry or []
    return tuple(_constraint(c) for c in listed)


def _clarification(entry: Json) -> Clarification:
    options = tuple(Option(o["words"], tuple(map(_constraint, o["constraints"]))) for o in entry["options"])
    return Clarification(**{**entry, "options": options})


def _key(parts: Sequence[str]) -> str | Facet:
    """An item id, or a facet."""
    return parts[0] if len(parts) == 1 else (parts[0], parts[1])


def _constraint(entry: Json) -> Constraint:
    value = entry["value"]
    return Constraint(**{**entry, "value": tuple(value) if isinstance(value, list) else value})


def _understanding_to_json(said: Understanding) -> Json:
    return {**asdict(said), "facets": _pairs(said.facets)}


def _understanding(entry: Json) -> Understanding:
    texts = ("intents", "relaxed", "unknown_titles", "lacking")
    mentions = (Mention(**{**m, "item_ids": tuple(m["item_ids"])}) for m in entry["mentions"])
    return Understanding(
        **{
            **entry,
            **{name: tuple(entry[name]) for name in texts},
            "mentions": tuple(mentions),
            "constraints": tuple(map(_constraint, entry["constraints"])),
            "critiques": tuple(Critique(**c) for c in entry["critiques"]),
            "facets": {(field, value): weight for field, value, weight in entry["facets"]},
        }
    )
