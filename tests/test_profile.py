"""Learning from past dialogues, and keeping what was learned."""

import json

import pytest

from agent import Recommender
from agent.dialogues import PastDialogue, Spoken, load_dialogues
from agent.errors import FittingError, ProfileError
from agent.fitting import fit_ranker
from agent.profile import Profile
from agent.ranking import LogLinearRanker
from prompts import Message

WISHES = {
    "the zorbly kind": ("alien", "thing82", "thing11"),
    "fully quintal": ("airplane", "hangover", "superbad"),
    "marvic": ("heat", "godfather", "drive"),
}


def past(number: int) -> PastDialogue:
    """The n-th of many dialogues: who wishes one thing is given two of its three films."""
    wish, films = list(WISHES.items())[number % 3]
    chosen = [film for place, film in enumerate(films) if place != number // 3 % 3]
    turns = (Message("user", f"{wish} number{number}"), Message("assistant", "try these"))
    return PastDialogue(f"d{number}", turns, tuple(Spoken(film, 1, "assistant", 1) for film in chosen))


DIALOGUES = tuple(past(number) for number in range(45))


def make(films, embedder, tmp_path, **options):
    from agent.settings import Settings

    return Recommender(films, None, embedder=embedder, settings=Settings(cache_dir=tmp_path), **options)


def test_sources_that_foretell_get_the_weight(films, word_embedder, tmp_path):
    fitted = fit_ranker(make(films, word_embedder, tmp_path, dialogues=DIALOGUES))
    assert fitted.turns == 45
    assert fitted.ranker.weights["neighbours"] > 0
    assert "popularity" not in fitted.ranker.weights
    # Nine films are ever recommended, and ten are taken: all but the films of no dialogue are right.
    assert fitted.recall["fitted"] == fitted.recall["mentions"] == 1
    assert {"neighbours", "without neighbours"} <= set(fitted.recall)
    assert fitted.ranker.provenance["dialogues"] == 45


def test_memory_and_weights_rank_the_next_list(films, word_embedder, tmp_path):
    ranker = fit_ranker(make(films, word_embedder, tmp_path, dialogues=DIALOGUES)).ranker
    recommender = make(films, word_embedder, tmp_path, profile=Profile(DIALOGUES, ranker))
    made = recommender.recommend("marvic, please", n=3, strategy="fast,diversity=0")
    assert set(made.ids) == {"heat", "godfather", "drive"}
    assert made.trace["fuse"].inputs["weights"] == dict(ranker.weights)
    forgetful = make(films, word_embedder, tmp_path)
    without = forgetful.recommend("marvic, please", n=3, strategy="fast")
    assert set(without.ids) != {"heat", "godfather", "drive"}


def test_too_little_to_learn_from(films, word_embedder, tmp_path):
    with pytest.raises(FittingError, match=r"only 3 past turns .* 20 are needed"):
        fit_ranker(make(films, word_embedder, tmp_path, dialogues=DIALOGUES[:3]))


def test_a_profile_comes_back_as_it_was(films, tmp_path):
    profile = Profile(DIALOGUES[:2], LogLinearRanker({"neighbours": 0.5}, {"turns": 2}), {"catalog": "films"})
    profile.save(tmp_path / "p")
    assert Profile.load(tmp_path / "p", films) == profile
    Profile(DIALOGUES[:1]).save(tmp_path / "p")
    assert Profile.load(tmp_path / "p", films) == Profile(DIALOGUES[:1])
    assert [path.name for path in tmp_path.iterdir()] == ["p"]


def test_what_is_no_profile_is_refused_and_left_alone(films, tmp_path):
    with pytest.raises(ProfileError, match="holds no profile"):
        Profile.load(tmp_path / "none", films)
    own = tmp_path / "own"
    own.mkdir()
    (own / "notes.txt").write_text("mine")
    with pytest.raises(ProfileError, match="holds no profile"):
        Profile().save(own)
    assert (own / "notes.txt").read_text() == "mine"
    for text in ("{", '{"format": 7}', "[]"):
        (own / "profile.json").write_text(text)
        with pytest.raises(ProfileError):
            Profile.load(own, films)


def test_dialogues_are_written_as_they_are_read(films, tmp_path):
    Profile(DIALOGUES[:3]).save(tmp_path / "p")
    file = tmp_path / "p" / "dialogues.jsonl"
    assert load_dialogues(file, films) == DIALOGUES[:3]
    assert json.loads(file.read_text().splitlines()[0])["items"][0]["by"] == "assistant"
