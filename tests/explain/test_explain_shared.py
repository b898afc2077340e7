"""Names that a recommended item shares with a liked one: found, said and checked."""

import pytest

from agent.catalog import Catalog, Item
from agent.context import Constraint, UserContext
from agent.explain import collect_evidence, plain, violations
from agent.recommendation import Evidence
from agent.understanding import Understanding


def paper(item_id, title, authors, tags=(), pages=8):
    return Item(item_id, title, attributes={"authors": authors, "tags": tags, "pages": pages})


CATALOG = Catalog(
    [
        paper("walks", "On Walks", ("Ann Lee", "Bob Ray"), ("graphs", "ranking")),
        paper("ranks", "On Ranks", ("Bob Ray", "Ann Lee", "Cy Orr")),
        paper("trees", "On Trees", ("Cy Orr",), ("graphs", "2020")),
        paper("other", "Elsewhere", ("Dee Fox",), ("2020",)),
    ],
    name="papers",
    kind="article",
)


def shared(item_id, *liked):
    context = UserContext.of(CATALOG, like=liked)
    found = collect_evidence(CATALOG.item(item_id), context, Understanding(""), CATALOG)
    return [e for e in found if e.kind == "similar"]


def test_names_are_shared_and_numbers_are_not():
    assert shared("ranks", "walks") == [
        Evidence("similar", "On Walks", "walks", field="authors", detail="Bob Ray|Ann Lee")
    ]
    assert shared("other", "trees", "walks") == []


def test_the_newest_liked_item_comes_first():
    assert [(e.item_id, e.field, e.detail) for e in shared("trees", "walks", "ranks")] == [
        ("ranks", "authors", "Cy Orr"),
        ("walks", "tags", "graphs"),
    ]


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", "It is by Bob Ray and Ann Lee, like On Walks, which you liked"),
        ("zh", "它和你喜欢的《On Walks》都是Bob Ray和Ann Lee的作品"),
    ],
)
def test_shared_people_are_said_and_checked(locale, said):
    context = UserContext.of(CATALOG, like=["walks"], locale=locale)
    item = CATALOG.item("ranks")
    evidence = collect_evidence(item, context, Understanding(""), CATALOG)
    reason = plain(item.title, evidence, locale, CATALOG.kind)
    assert reason.text.startswith(said)

    def wrong(sentence):
        return violations(
            sentence, item, item.title, evidence, context=context, catalog=CATALOG, locale=locale
        )

    assert wrong(reason.text) == ()
    assert wrong(said.replace("Bob Ray", "Cy Orr"))
    assert wrong(said.replace("Bob Ray", "Dee Fox"))


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_other_shared_values_are_said_and_checked(locale):
    context = UserContext.of(CATALOG, like=["walks"], locale=locale)
    item = CATALOG.item("trees")
    evidence = collect_evidence(item, context, Understanding(""), CATALOG)
    reason = plain(item.title, evidence, locale, CATALOG.kind)
    assert "graphs" in reason.text
    assert "On Walks" in reason.text
    found = violations(
        reason.text, item, item.title, evidence, context=context, catalog=CATALOG, locale=locale
    )
    assert found == ()


ARTICLES = Catalog(
    [
        Item("a", "Robots See Flowers", categories=("cs.RO", "cs.CV"), attributes={"authors": ("Ann Lee",)}),
        Item(
            "b", "Robots Feel Leaves", categories=("cs.RO", "cs.CV", "cs.LG"), attributes={"authors": ("Bo",)}
        ),
        Item("c", "Robots Talk", categories=("cs.RO", "cs.CL"), attributes={"authors": ("Cy Orr",)}),
        Item("d", "Flowers: A Survey", 2026, categories=("cs.CV",), attributes={"authors": ("Dee Fox",)}),
    ],
    name="articles",
    kind="article",
)


def said_of(item_id, locale="en", constraints=(), like=()):
    context = UserContext.of(ARTICLES, like=like, locale=locale, constraints=constraints)
    item = ARTICLES.item(item_id)
    evidence = collect_evidence(item, context, Understanding(""), ARTICLES)
    reason = plain(item.title, evidence, locale, ARTICLES.kind)
    found = violations(
        reason.text, item, item.title, reason.evidence, context=context, catalog=ARTICLES, locale=locale
    )
    assert found == ()
    return reason.text


def test_two_shared_categories_are_named_together():
    assert "Like Robots See Flowers, which you liked, it is cs.RO and cs.CV" in said_of("b", like=["a"])
    assert "It is cs.RO, as is Robots See Flowers, which you liked" in said_of("c", like=["a"])


@pytest.mark.parametrize(
    ("locale", "constraints", "said"),
    [
        ("en", (("form", "in", ("survey",)),), "You asked for a survey"),
        ("en", (("form", "in", ("survey",), "surveys"),), "You asked for “surveys”: it is a survey"),
        ("en", (("form", "in", ("survey",)), ("year", "==", 2026)), "a survey from 2026"),
        ("en", (("authors", "in", ("Dee Fox",)),), "It is by Dee Fox, as you asked"),
        ("zh", (("form", "in", ("survey",)),), "你想要的正是综述"),
    ],
)
def test_what_was_asked_is_said_as_people_would(locale, constraints, said):
    asked = tuple(Constraint(*c) for c in constraints)
    assert said in said_of("d", locale, asked)
