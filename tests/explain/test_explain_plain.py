import random
import re
from dataclasses import replace

import pytest

from agent.catalog import Catalog, Item
from agent.context import Constraint, PreferenceState, UserContext
from agent.explain import collect_evidence, describe, plain, violations, why
from agent.explain.phrasing import statements
from agent.explain.plain import LONGEST, words_in
from agent.localisation import strings
from agent.recommendation import Evidence
from agent.understanding import Understanding

CRIME = Evidence("constraint", "Crime", field="categories", detail="crime")
YEAR = Evidence("year", "1998", number=1998, field="year")


def one_of(evidence, locale="en", kind=""):
    """The sentences of every possible wording of one statement."""
    (statement,) = statements(evidence, locale, kind)
    return statement.openings


@pytest.mark.parametrize(
    ("evidence", "opening"),
    [
        ([CRIME], "It is Crime, as you asked"),
        ([CRIME, replace(CRIME, value="Drama")], "It is Crime and Drama, as you asked (“crime”)"),
        ([Evidence("facet", "Drama", number=1, field="categories")], "It is Drama, which you like"),
        (
            [Evidence("similar", "Fargo (1996)", "f", 0.7, "categories", detail="Crime|Drama|War")],
            "It shares Crime, Drama and War with Fargo (1996), which you liked",
        ),
        (
            [Evidence("similar", "Heat", "h", 1204.0, "interactions")],
            "1,204 people here who liked Heat liked it too",
        ),
        (
            [Evidence("category", "Crime", number=3, field="categories", out_of=4)],
            "3 of the 4 you liked are Crime, like this one",
        ),
        ([Evidence("words", "snow", field="description")], "Its description mentions “snow”, as you asked"),
        ([Evidence("contrast", "Horror", field="categories")], "It is not Horror, as you asked"),
        ([Evidence("contrast", "War", number=-1, field="categories")], "It is not War, which you dislike"),
        ([Evidence("attribute", "95", number=95, field="runtime")], "Its runtime is 95"),
        (
            [Evidence("attribute", "A. One|B. Two|C. Three", field="authors", out_of=9), YEAR],
            "It is from 1998 by A. One and others",
        ),
        ([Evidence("popularity", "812", number=812, field="popularity")], "Its popularity here is 812"),
    ],
)
def test_each_kind_of_evidence_has_its_words(evidence, opening):
    assert opening in one_of(evidence)


def test_the_kind_of_the_catalog_makes_a_noun():
    category = Evidence("category", "Action", field="categories")
    assert "It is an Action movie from 1998" in one_of([category, YEAR], kind="movie")
    assert "它是1998年的动作电影" in one_of([category, YEAR], "zh", "movie")


def test_a_value_that_opens_a_sentence_keeps_its_case():
    counted = Evidence("similar", "eBay: a history", "e", 0.8, "categories", detail="cs.IR")
    assert not any("EBay" in wording or "Cs.IR" in wording for wording in one_of([counted]))


def test_plain_tells_the_strongest_facts(plan):
    reason = plain(plan.label, plan.evidence, "en", "movie")
    assert reason.worded_by == "plain"
    assert re.match(r"(It|This) is a Crime movie from 1998, as you asked;", reason.text)
    assert {e.kind for e in reason.evidence} >= {"constraint"}
    assert set(reason.evidence) <= set(plan.evidence)


def test_plain_is_repeatable_and_varies_with_the_item(plan):
    sentences = {plain(f"Film {n}", plan.evidence, "en", "movie").text for n in range(30)}
    assert len(sentences) >= 2
    assert plain("Film 1", plan.evidence).text == plain("Film 1", plan.evidence).text


def test_plain_is_honest_without_evidence():
    assert plain("Film", (), "en").text == "It is another suggestion."
    assert plain("Film", (), "zh").text == "这也是一个推荐。"


def test_plain_with_nothing_but_ratings_counts_them():
    rated = Evidence("popularity", "812", number=812, field="ratings", detail="popular")
    mean = Evidence("popularity", "7.9", number=7.9, field="mean_rating")
    assert "812 people rated it" in plain("Film", (rated, mean)).text


def random_context(rng, catalog, locale):
    ids = rng.sample([item.id for item in catalog], 4)
    categories = list(catalog.categories)
    words = rng.choice(["", "nothing before 1990", "no horror"])
    return ids, UserContext(
        state=PreferenceState(
            attitudes={i: rng.choice([-2, -1, 1, 2]) for i in ids},
            facets={("categories", rng.choice(categories)): float(rng.choice([-2, -1, 1, 2]))},
        ),
        constraints=tuple(
            rng.sample(
                [
                    Constraint("year", ">=", 1990, words),
                    Constraint("categories", "not in", (rng.choice(categories),), "no horror"),
                    Constraint("categories", "in", (rng.choice(categories),), words),
                    Constraint("runtime", "<=", 130, "about two hours"),
                ],
                rng.randint(0, 3),
            )
        ),
        locale=locale,
    )


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_whatever_we_say_ourselves_passes_the_checker(catalog, locale):
    """Plain sentences, and every wording that guided decoding may choose, over random contexts."""
    rng = random.Random(7)
    for _ in range(150):
        item = rng.choice(catalog)
        ids, context = random_context(rng, catalog, locale)
        evidence = collect_evidence(
            item,
            context,
            Understanding("", wish="a plan in the snow, a thriller"),
            catalog,
            similar=[(i, rng.random()) for i in ids],
            co_liked=[(i, rng.randint(0, 9)) for i in ids],
        )
        reason = plain(catalog.label(item), evidence, locale, catalog.kind)
        assert words_in(reason.text) <= LONGEST
        sentences = {
            reason.text,
            *(o for s in statements(evidence, locale, catalog.kind) for o in s.openings),
        }
        for sentence in sentences:
            found = violations(
                sentence, item, catalog.label(item), evidence, context=context, catalog=catalog, locale=locale
            )
            assert found == (), sentence


def test_why_gives_more_than_the_card(catalog, context):
    answer = why(catalog.item("plan"), context, catalog, similar=[("fargo", 0.7)])
    assert answer.startswith("A Simple Plan (1998): ")
    assert "Fargo" in answer
    assert 2 <= len(re.findall(r"[.](?= |$)", answer)) <= 4


def test_why_is_in_the_users_language(catalog, context):
    answer = why(catalog.item("plan"), context.with_(locale="zh"), catalog)
    assert answer.startswith("《A Simple Plan (1998)》：")
    assert "你" in answer


def test_describe_tells_what_the_catalog_holds(catalog):
    assert describe(catalog.item("plan"), catalog) == (
        "A Simple Plan (1998): It is a Crime, Drama and Thriller movie from 1998 directed by Sam Raimi, and "
        "its runtime is 121. Three men find a bag of money in the snow, and greed ends a friendship."
    )


def test_describe_is_honest_about_an_item_without_facts():
    item = Item("a", "A")
    assert describe(item, Catalog([item])) == "A: The catalog says nothing more of it."


def test_describe_shortens_long_descriptions():
    item = Item("a", "A", description="word " * 200)
    assert describe(item, Catalog([item])).endswith("word…")


def test_both_languages_have_the_same_wordings():
    """A wording only one language has would let English into a Chinese reason."""
    own = {locale: {k for k in strings(locale) if k.startswith("explain.")} for locale in ("en", "zh")}
    assert own["en"] == own["zh"]
    untranslated = {k for k in own["en"] if strings("en")[k] == strings("zh")[k]}
    assert untranslated <= {"explain.quoted"}
