"""A tiny Llama, and dialogues in which films are recommended by what was asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import FILMS
from tiny_model import save_llama

from agent.catalog import Interaction
from agent.dialogues import PastDialogue, Spoken
from agent.lm import TransformersModel, load_model
from prompts import Message

WISHES = {
    "something scary": ("alien", "thing82", "thing11"),
    "a good laugh": ("airplane", "hangover", "superbad"),
    "crime, please": ("heat", "godfather", "drive"),
    "for the children": ("up", "wall-e"),
}


def dialogue(number: int, wish: str, films: tuple[str, ...]) -> PastDialogue:
    """One in which two films are recommended, one after the other."""
    turns = (
        Message("user", wish),
        Message("assistant", "Try this one."),
        Message("user", "I know it. Another?"),
        Message("assistant", "Then this."),
        Message("user", "Thanks!"),
        Message("assistant", "You are welcome."),
    )
    items = (Spoken(films[0], 1, "assistant", 1), Spoken(films[1], 3, "assistant", 1))
    return PastDialogue(f"d{number}", turns, items)


@pytest.fixture(scope="session")
def dialogues() -> tuple[PastDialogue, ...]:
    wishes = list(WISHES.items())
    made = []
    for number in range(80):
        wish, films = wishes[number % len(wishes)]
        first = number // len(wishes) % len(films)
        made.append(dialogue(number, wish, (films[first], films[(first + 1) % len(films)])))
    return tuple(made)


@pytest.fixture(scope="session")
def events() -> tuple[Interaction, ...]:
    """Twelve people who rate six films each, three of them badly."""
    ids = [film.id for film in FILMS]
    return tuple(
        Interaction(
            f"u{user}", ids[(user + place) % len(ids)], "rate", 9.0 if place % 2 else 3.0, float(place)
        )
        for user in range(12)
        for place in range(6)
    )


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_llama(tmp_path_factory.mktemp("models") / "tiny-llama", [film.title for film in FILMS])


@pytest.fixture
def engine(base: Path) -> TransformersModel:
    model = load_model(f"{base}:bf16")
    assert isinstance(model, TransformersModel)
    return model
