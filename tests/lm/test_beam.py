"""The beam over the trie of titles, on a tiny model whose every probability can be computed apart."""

import numpy as np
import pytest

from agent.errors import ModelError, UnsupportedError
from agent.lm import ScriptedModel, TitleIndex, load_model
from agent.lm.beam import search_titles
from prompts import Message

TITLES = (
    "Alien",
    "Aliens",
    "Alien Resurrection",
    "The Thing",
    "The Thing from Another World",
    "The Hangover",
    "Up",
    "Heat",
    "Drive",
    "Up",
)
PROMPT = (Message("user", "Something with aliens?"), Message("assistant", "I recommend"))
ALL = np.ones(len(TITLES), dtype=bool)


@pytest.fixture
def index(tiny):
    return TitleIndex(TITLES, tiny.encode)


def exact(model):
    """Log-probabilities of all titles, one by one."""
    return model.score(PROMPT, [f" {title}\n" for title in TITLES]).logprobs


def test_a_wide_beam_finds_all_titles_with_their_exact_probabilities(tiny, index):
    found = search_titles(tiny, PROMPT, index, 50)
    assert sorted(found.rows.tolist()) == [0, 1, 2, 3, 4, 5, 6, 7, 8]
    np.testing.assert_allclose(found.scores, exact(tiny)[found.rows], atol=1e-4)
    assert np.all(np.diff(found.scores) <= 0)


def test_the_prior_is_taken_off(tiny, index):
    prior = np.linspace(-9, -1, len(TITLES))
    prior[9] = prior[6]
    found = search_titles(tiny, PROMPT, index, 50, prior=prior, prior_weight=0.8)
    np.testing.assert_allclose(found.scores, (exact(tiny) - 0.8 * prior)[found.rows], atol=1e-4)


def test_a_node_is_worth_what_its_titles_are(tiny, index):
    """With the whole prior taken off and the model's own probabilities as prior, all titles tie."""
    found = search_titles(tiny, PROMPT, index, 50, prior=exact(tiny), prior_weight=1.0)
    np.testing.assert_allclose(found.scores, 0, atol=1e-4)


def test_only_allowed_titles_are_found(tiny, index):
    allowed = ALL.copy()
    allowed[[0, 3, 6]] = False
    found = search_titles(tiny, PROMPT, index, 50, allowed=allowed)
    assert sorted(found.rows.tolist()) == [1, 2, 4, 5, 7, 8, 9]
    np.testing.assert_allclose(found.scores, exact(tiny)[found.rows], atol=1e-4)
    assert len(search_titles(tiny, PROMPT, index, 50, allowed=~ALL).rows) == 0


def test_a_beam_of_one_is_the_greedy_title(tiny, index):
    found = search_titles(tiny, PROMPT, index, 1)
    decoding = tiny._decoder.start(tiny.tokens(PROMPT))
    walk = index.walk(ALL)
    while not walk.at_end:
        children = walk.children()
        token = int(children[np.argmax(decoding.logits[children])])
        walk.advance(token)
        decoding.feed([token])
    assert walk.take() in (*found.rows, 9)


def test_the_same_again_costs_no_prompt(tiny, index):
    first = search_titles(tiny, PROMPT, index, 4)
    again = search_titles(tiny, PROMPT, index, 4)
    assert again.usage.cached_tokens == again.usage.prompt_tokens - 1
    np.testing.assert_allclose(again.scores, first.scores, atol=1e-5)


def test_what_cannot_be_searched_is_refused(tiny, index):
    with pytest.raises(UnsupportedError, match="cannot search"):
        search_titles(ScriptedModel(), PROMPT, index, 4)
    with pytest.raises(ModelError, match="allowed has shape"):
        search_titles(tiny, PROMPT, index, 4, allowed=np.ones(3, dtype=bool))


@pytest.mark.model
def test_the_small_model_gives_the_probabilities_that_it_scores():
    model = load_model("smollm2-135m-instruct:fp32")
    found = search_titles(model, PROMPT, TitleIndex(TITLES, model.encode), 12)
    np.testing.assert_allclose(found.scores, exact(model)[found.rows], atol=1e-2)
