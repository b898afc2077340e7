"""Other orders and other wordings of a prompt: what is asked, kept apart, and how far results spread."""

import json
import re

import pytest
from film_set import write_films
from support import WordEmbedder

from agent.lm import ScriptedModel
from agent.settings import Settings
from eval.cells import cells
from eval.matrix import Matrix
from eval.report import to_html, to_markdown
from eval.runner import run
from eval.store import Store
from eval.variants import AS_GIVEN, ReorderedLibrary, Variant, prompt_order, shuffled
from prompts import PromptLibrary
from prompts.errors import UnknownPromptError

PLAIN = "recommend/zero_shot"
VALUES = {
    "kind": "film",
    "kind_plural": "films",
    "n": 3,
    "liked": ["Alien", "Heat", "Up", "Drive"],
    "dialogue": [],
}
WORDED = """---
name: worded
version: 1
task: recommend
description: The same in other words.
inputs:
  - {name: request, type: text, required: true, description: The request.}
examples:
  - {request: More}
---
{% user %}What would you suggest? {{ request }}{% enduser %}
"""


def said(messages):
    return "\n".join(message.content for message in messages)


def test_an_order_changes_lists_and_nothing_else():
    given = PromptLibrary().get(PLAIN).render(**VALUES)
    library = ReorderedLibrary()
    assert library.get(PLAIN).render(**VALUES) == given
    with prompt_order(1):
        other = library.get(PLAIN).render(**VALUES)
        assert other == library.get(PLAIN).render(**VALUES)
    liked = "; ".join(shuffled(VALUES["liked"], 1, "liked"))
    assert liked != "; ".join(VALUES["liked"])
    assert said(other) == said(given).replace("; ".join(VALUES["liked"]), liked)
    assert library.get(PLAIN).render(**VALUES) == given


def test_turns_of_a_dialogue_stay_in_order():
    turns = [{"role": "user", "content": str(n)} for n in range(8)]
    values = VALUES | {"liked": [], "dialogue": turns}
    with prompt_order(3):
        assert ReorderedLibrary().get(PLAIN).render(**values) == PromptLibrary().get(PLAIN).render(**values)


def test_variants_are_of_cells_with_a_model():
    prompt = {"name": PLAIN, "paraphrases": ["recommend/diverse"]}
    values = {"datasets": "redial", "prompts": [prompt], "orders": 3, "models": ["auto", "none"]}
    strategies = ["default", "generation=none", "fast"]
    found = cells(Matrix.of(values | {"strategies": strategies}))
    asked = {(cell.model, cell.strategy_name): cell.variants for cell in found}
    orders = (Variant(order=1), Variant(order=2))
    assert asked["auto", "default"] == (AS_GIVEN, Variant("recommend/diverse"), *orders)
    assert asked["auto", "generation=none"] == asked["auto", "default"], "it is the prompt that scores"
    assert asked["auto", "fast"] == asked[None, "default"] == (AS_GIVEN,)


@pytest.fixture
def make(tmp_path):
    films = write_films(tmp_path / "films")
    (tmp_path / "prompts" / "recommend").mkdir(parents=True)
    (tmp_path / "prompts" / "recommend" / "worded.jinja").write_text(WORDED)

    def run_films(*answers, out="out", prompts=PLAIN, **matrix):
        values = {
            "datasets": films,
            "prompts": [prompts],
            "models": "scripted",
            "strategies": "free,scorer=none,understand=rules,sources=popularity,n=3",
            "floors": [],
            "prompts_dir": str(tmp_path / "prompts"),
            **matrix,
        }
        model = ScriptedModel(answers)
        made = run(
            Matrix.of(values),
            tmp_path / out,
            settings=Settings(cache_dir=tmp_path / "cache"),
            embedder=WordEmbedder(),
            models={"scripted": model},
        )
        return made, model

    return run_films


WORDINGS = {"name": PLAIN, "paraphrases": ["recommend/worded"]}


def test_the_spread_over_paraphrases_by_hand(make):
    """As given, the model hits t1 (The Thing) and t4 (WALL·E) at once; in other words t1 alone."""
    hits = ["1. The Thing (1982)", "1. Up", "1. Heat", "1. WALL·E", "1. Up", "1. Up"]
    missed = ["1. The Thing (1982)", *["1. Up"] * 5]
    made, model = make(*hits, *missed, prompts=WORDINGS)
    assert said(model.prompts[6]).startswith("What would you suggest?")
    cell = made.cells[0]
    assert cell.n == 12
    found = cell.spreads["paraphrases"]["recall@1"]
    assert (found.low, found.high, found.mean) == pytest.approx((1 / 6, 2 / 6, 1.5 / 6))
    assert found.sd == pytest.approx((1 / 12) * 2**0.5)
    assert (found.rows, found.variants) == (6, 2)
    assert cell.measurements["recall@1"].value == pytest.approx(1.5 / 6)
    assert list(cell.spreads) == ["paraphrases"]
    assert len(cell.samples) == 6, "samples are of the prompt as it is given"
    for report in (to_markdown(made, metrics=["recall@1"]), to_html(made, metrics=["recall@1"])):
        assert "paraphrases" in report
        assert all(figure in report for figure in (".167", ".333", ".250", ".118"))


def test_more_variants_go_on_with_the_answers_that_are_there(make, tmp_path):
    make(*["1. Up"] * 6)
    made, model = make(*["1. Alien"] * 12, orders=3)
    assert len(model.prompts) == 12
    assert len(Store(tmp_path / "out")) == 18
    assert made.cells[0].spreads["orders"]["recall@10"].variants == 3
    assert make(orders=3)[0].cells == made.cells


def test_an_unknown_paraphrase_is_refused_before_anything_is_asked(make):
    with pytest.raises(UnknownPromptError, match="recommend/worse"):
        make(prompts={"name": PLAIN, "paraphrases": "recommend/worse"})


def test_options_are_put_in_order_too(make, tmp_path):
    films = tmp_path / "choices"
    write_films(films)
    options = ["alien", "heat", "up", "drive"]
    line = {"id": "c1", "context": "A film for children", "targets": ["up"], "options": options}
    (films / "conversations.jsonl").write_text(json.dumps(line))
    (films / "memory.jsonl").unlink()
    rules = "free,scorer=none,understand=rules,n=1"
    made, model = make(*["1. Up"] * 4, datasets=str(films), orders=4, strategies=rules)
    lists = [re.search("one of: (.*)", said(messages)).group(1) for messages in model.prompts]
    assert lists[0] == "Alien (1979) / Heat (1995) / Up (2009) / Drive (2011)."
    assert len(set(lists)) > 1
    assert {tuple(sorted(each.rstrip(".").split(" / "))) for each in lists} == {
        ("Alien (1979)", "Drive (2011)", "Heat (1995)", "Up (2009)")
    }
    assert made.cells[0].measurements["accuracy"].value == 1
