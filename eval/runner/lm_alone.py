"""What a language model's own list is worth, before retrieval and ranking touch it: a floor.

Where systems generate, it is read off their answers and costs nothing. A model that generates in no system of
the matrix is asked, where the floor is named: see :class:`eval.floors.LMAloneFloor`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from eval.protocols import Answer
from eval.runner.entries import Entry
from eval.runner.floors import LM_ALONE
from eval.runner.scoring import Given


def lm_alone(found: Mapping[Entry, Sequence[Given]]) -> dict[Entry, list[Given]]:
    """For each system whose model writes lists, the same answers with nothing but that list.

    Systems that differ in what comes after the generation have one and the same floor, and one that does
    nothing after it is that floor itself. A question too broad to ask a model about has an empty list.
    """
    floors: dict[Entry, list[Given]] = {}
    seen: set[tuple[tuple[str, ...], ...]] = set()
    for entry, given in found.items():
        if entry.cell is None or all(each.stored.answer.titles is None for each in given):
            continue
        lists = [_without_the_rest(each) for each in given]
        written = tuple(map(_counted, lists))
        if written != tuple(map(_counted, given)) and written not in seen:
            seen.add(written)
            floors[replace(entry, label=f"{LM_ALONE}: {entry.label}", kind="floor")] = lists
    return floors


def _counted(given: Given) -> tuple[str, ...]:
    """The list as it is scored: without what the user knows, which a model may write all the same."""
    known = () if given.question.repeats else given.question.known
    return tuple(item_id for item_id in given.stored.answer.ranked if item_id not in known)


def _without_the_rest(given: Given) -> Given:
    answer = given.stored.answer
    alone = Answer.of_titles(
        answer.question, answer.titles or (), examples=answer.examples, error=answer.error
    )
    return replace(given, stored=replace(given.stored, answer=alone, peak_megabytes=None))
