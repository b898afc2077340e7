"""Rows are what inference asks, with the answers that were right."""

from collections import Counter

import pytest

from agent import Recommender
from agent.catalog import Interaction
from agent.dialogues import PastDialogue, Spoken
from agent.errors import SettingsError
from agent.tuning.rows import WEIGHTS, Row, RowMaker, debiased, task_weights
from prompts import Message


@pytest.fixture
def maker(films, word_embedder, dialogues, engine):
    recommender = Recommender(
        films, engine, embedder=word_embedder, dialogues=dialogues, strategy="understand=rules"
    )
    return RowMaker(recommender, engine.count_tokens, budget=600)


TALK = PastDialogue(
    "talk",
    (
        Message("user", "I loved Alien. Something scary?"),
        Message("assistant", "The Thing, or Prometheus."),
        Message("user", "Not Prometheus please."),
        Message("assistant", "Then Aliens. Or The Thing again."),
    ),
    (
        Spoken("alien", 0, "user", 2),
        Spoken("thing82", 1, "assistant", 1),
        Spoken("prometheus", 1, "assistant", -1),
        Spoken("aliens", 3, "assistant", 1),
        Spoken("thing82", 3, "assistant", 1),
    ),
)


def test_each_new_recommendation_is_a_row_with_the_title_as_it_is_written(maker):
    rows = [row for row in maker.of_dialogue(TALK) if row.task == "next"]
    assert [(row.item_id, row.answer) for row in rows] == [
        ("thing82", " The Thing (1982)\n"),
        ("prometheus", " Prometheus\n"),
        ("aliens", " Aliens\n"),
    ]


def test_the_prompt_is_the_one_that_candidates_are_scored_with(
    maker, films, word_embedder, dialogues, engine
):
    asked = []
    score = engine.score
    engine.score = lambda prefix, titles: asked.append(tuple(prefix)) or score(prefix, titles)
    recommender = Recommender(films, engine, embedder=word_embedder, dialogues=dialogues)
    context = recommender.listen(TALK.turns[:2]).with_(dialogue_id="talk")
    strategy = "generation=none,explain=none,fusion=rrf,ask=false"
    recommender.recommend(TALK.turns[2].content, context, strategy=strategy)
    rows = [row for row in maker.of_dialogue(TALK) if row.task == "next"]
    assert rows[-1].messages == asked[0]


def test_lists_are_ten_different_titles_that_begin_with_what_was_recommended(maker, dialogues):
    lists = [row for talk in dialogues for row in maker.of_dialogue(talk) if row.task == "list"]
    assert 20 < len(lists) < 60
    for row in lists:
        lines = row.answer.strip().splitlines()
        assert [line.split(". ")[0] for line in lines] == [str(n) for n in range(1, 11)]
        titles = [line.split(". ", 1)[1] for line in lines]
        assert len(set(titles)) == 10
        assert set(titles) <= set(maker.titles)
        assert row.messages[-1].content == "Here are 10 movies:"


def test_replies_are_kept_in(maker, dialogues):
    replies = [row for talk in dialogues for row in maker.of_dialogue(talk) if row.task == "reply"]
    assert {row.answer for row in replies} == {"Try this one.", "Then this.", "You are welcome."}
    assert {row.weight for row in replies} == {WEIGHTS["reply"]}
    assert all(row.messages[-1].role == "user" for row in replies)


def test_users_say_what_came_next_and_what_they_like(maker):
    events = [
        Interaction("ann", item, "rate", value, float(at))
        for at, (item, value) in enumerate(
            [("alien", 9), ("heat", 3), ("aliens", 8), ("up", 6), ("alien", 9), ("drive", 2)]
        )
    ]
    rows = list(maker.of_user("ann", events))
    (after,) = [row for row in rows if row.task == "history"]
    assert after.answer == " Aliens\n"
    assert "Alien (1979)" in after.messages[-2].content
    liking = {row.item_id: (row.answer, row.messages[-2].content) for row in rows if row.task == "liking"}
    assert {
        item: answer for item, (answer, _) in liking.items() if item != "heat" and item != "drive"
    }.items() <= {
        "alien": " yes",
        "aliens": " yes",
    }.items()
    for item, (answer, prompt) in liking.items():
        title = maker.catalog.label(maker.catalog.item(item))
        assert answer == (" yes" if item in ("alien", "aliens") else " no")
        assert prompt.count(title) == 1
        assert f"Would I like the movie {title} (" in prompt


def test_an_item_is_told_by_its_text_and_not_by_its_title(maker, films):
    row = maker.of_item(films.item("notebook"))
    assert row.answer == " The Notebook\n"
    assert "Drama, Romance. 2004" in row.messages[1].content
    assert "Notebook" not in "".join(message.content for message in row.messages)


def test_what_is_answered_often_counts_less():
    rows = [Row("next", f"d{i}", (), " Alien\n", "alien") for i in range(4)]
    rows += [Row("next", "d5", (), " Up\n", "up"), Row("item", "items", (), " Alien\n", "alien", 0.3)]
    found = debiased(rows, 0.5)
    # 4^-0.5 = 1/2 four times and 1 once: a mean of 3/5.
    assert [round(row.weight, 4) for row in found] == [round(0.5 / 0.6, 4)] * 4 + [round(1 / 0.6, 4), 0.3]
    assert debiased(rows, 0.0) == tuple(rows)


def test_the_seed_repeats_what_is_drawn(films, word_embedder, dialogues, engine):
    recommender = Recommender(films, engine, embedder=word_embedder, dialogues=dialogues)
    makers = [RowMaker(recommender, engine.count_tokens, budget=600, seed=seed) for seed in (0, 0, 1)]
    one, again, other = ([row for d in dialogues[:30] for row in m.of_dialogue(d)] for m in makers)
    assert one == again != other
    assert Counter(row.task for row in one)["next"] == 60


def test_a_user_without_opinions_has_no_rows(maker):
    assert list(maker.of_user("bob", [Interaction("bob", "alien", "view")])) == []


def test_tasks_count_what_one_says():
    weights = task_weights(" liking=2, reply=0 ")
    assert weights == {**WEIGHTS, "liking": 2.0, "reply": 0.0}
    assert task_weights("") == WEIGHTS


@pytest.mark.parametrize("given", ["like=2", "liking", "liking=-1", "liking=inf", "reply=nan", "reply=much"])
def test_what_is_no_weight_is_refused(given):
    with pytest.raises(SettingsError, match=f"'{given}' is no weight .*next, history"):
        task_weights(given)
