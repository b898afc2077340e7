from dataclasses import replace

import pytest

from agent.catalog import Catalog, Interaction, Item
from agent.context import Constraint, PreferenceState, UserContext
from agent.explain import collect_evidence, violations
from agent.recommendation import Evidence
from agent.understanding import Understanding

SAID = Understanding("")


def of(kind, evidence):
    return [e for e in evidence if e.kind == kind]


def test_strongest_comes_first(plan):
    kinds = list(dict.fromkeys(e.kind for e in plan.evidence))
    assert kinds == [
        "constraint",
        "facet",
        "similar",
        "category",
        "words",
        "contrast",
        "popularity",
        "attribute",
        "year",
    ]


def test_constraints_hold_the_items_value_and_the_users_words(plan):
    assert of("constraint", plan.evidence) == [
        Evidence("constraint", "1998", number=1998.0, field="year", detail="nothing before 1990"),
        Evidence("constraint", "Crime", field="categories", detail="a crime film"),
    ]


def test_a_constraint_the_item_does_not_meet_is_no_evidence(catalog):
    context = UserContext(constraints=(Constraint("year", ">=", 2000),))
    assert of("constraint", collect_evidence(catalog.item("heat"), context, SAID, catalog)) == []


def test_a_constraint_that_cannot_be_compared_is_no_evidence():
    item = Item("a", "A", attributes={"size": "large"})
    context = UserContext(constraints=(Constraint("size", "<", 3),))
    assert of("constraint", collect_evidence(item, context, SAID, Catalog([item]))) == []


def test_contrasts_tell_ruled_out_from_disliked(plan):
    assert of("contrast", plan.evidence) == [
        Evidence("contrast", "Horror", field="categories", detail="no horror"),
        Evidence("contrast", "War", number=-1.0, field="categories"),
    ]


def test_only_liked_items_are_similar(plan):
    """Ronin is too far, Prometheus is disliked, two people who liked Ronin are too few."""
    assert of("similar", plan.evidence) == [
        Evidence("similar", "Fargo (1996)", "fargo", 0.7, "categories", detail="Crime|Thriller"),
        Evidence("similar", "Heat (1995)", "heat", 5.0, "interactions"),
    ]


def test_similar_items_share_something_that_can_be_named(catalog, context):
    evidence = collect_evidence(
        catalog.item("bare"), context, SAID, catalog, similar=[("fargo", 0.99), ("heat", 0.99)]
    )
    assert of("similar", evidence) == []


def test_categories_are_counted_among_liked_items(plan):
    """Crime: Heat, Ronin, Fargo; Drama: Heat; Thriller: Fargo; of the four that are liked."""
    counted = [(e.value, e.number, e.out_of) for e in of("category", plan.evidence) if e.out_of]
    assert counted == [("Crime", 3, 4)]


def test_words_of_the_wish_stand_in_the_item_and_negated_ones_do_not_count(catalog, context):
    said = Understanding("", wish="friendships in the snow, not money; thrillers")
    evidence = collect_evidence(catalog.item("plan"), context, said, catalog)
    words = [(e.value, e.field) for e in of("words", evidence)]
    assert words == [("Thriller", "categories"), ("friendships", "description"), ("snow", "description")]


def test_chinese_words_of_the_wish_name_categories(catalog):
    said = Understanding("", wish="想看犯罪片，不要喜剧")
    evidence = collect_evidence(catalog.item("heat"), UserContext(locale="zh"), said, catalog)
    assert [(e.value, e.field) for e in of("words", evidence)] == [("Crime", "categories")]


def test_ratings_are_counted_once_a_person():
    item = Item("a", "A", popularity=3)
    events = [("u1", 2.0), ("u1", 8.0), ("u2", 7.0)]
    catalog = Catalog([item], interactions=[Interaction(u, "a", "rate", value) for u, value in events])
    assert of("popularity", collect_evidence(item, UserContext(), SAID, catalog)) == [
        Evidence("popularity", "2", number=2, field="ratings"),
        Evidence("popularity", "7.5", number=7.5, field="mean_rating"),
    ]


def test_popular_is_the_top_tenth(catalog):
    """Of 20 items Heat (40) and Fargo (30) are above the 0.9 quantile of popularity."""
    popular = [
        item.id
        for item in catalog
        if any(e.detail == "popular" for e in collect_evidence(item, UserContext(), SAID, catalog))
    ]
    assert popular == ["heat", "fargo"]


def test_long_or_quoting_user_words_are_not_quoted(catalog, context):
    for words in ("x" * 61, 'say "cheese"', "“cheese”"):
        constraint = replace(context.constraints[0], text=words)
        evidence = collect_evidence(
            catalog.item("plan"), UserContext(constraints=(constraint,)), SAID, catalog
        )
        assert of("constraint", evidence)[0].detail == ""


def test_control_characters_are_not_quoted(catalog):
    context = UserContext(constraints=(Constraint("year", ">=", 1990, "after\n\x1b[31m 1990"),))
    evidence = collect_evidence(catalog.item("plan"), context, SAID, catalog)
    assert of("constraint", evidence)[0].detail == "after [31m 1990"


def test_what_came_up_with_something_named_is_counted_and_said_so(catalog):
    context = UserContext(state=PreferenceState(mentioned=("heat", "it"), attitudes={"it": -1}))
    counts = [("heat", 4), ("it", 9), ("fargo", 7)]  # It is disliked, and Fargo was never named
    item = catalog.item("plan")
    found = collect_evidence(item, context, Understanding(""), catalog, co_named=counts)
    assert found[0] == Evidence("similar", "Heat (1995)", "heat", 4.0, "dialogues")
    assert not any(e.item_id in ("it", "fargo") for e in found)


def test_the_nearest_kin_is_named_where_nothing_else_links(catalog):
    item = catalog.item(
        "plan"
    )  # Crime, Drama and Thriller; Heat has two of its three, Fargo two, Ronin one of four
    liked = UserContext(state=PreferenceState(attitudes={"ronin": 1}))
    (kin,) = [e for e in collect_evidence(item, liked, Understanding(""), catalog) if e.kind == "akin_liked"]
    assert (kin.value, kin.detail) == ("Ronin (1998)", "Crime")
    named = UserContext(state=PreferenceState(mentioned=("ronin", "heat")))
    (kin,) = [e for e in collect_evidence(item, named, Understanding(""), catalog) if e.kind == "akin_named"]
    assert (kin.value, kin.detail) == ("Heat (1995)", "Crime|Drama")
    asked = liked.with_(constraints=(Constraint("year", ">=", 1990, ""),))
    assert not any(e.kind == "akin_liked" for e in collect_evidence(item, asked, Understanding(""), catalog))


@pytest.mark.parametrize(
    ("sentence", "right"),
    [
        ("4 conversations here name both it and Heat, which you named.", True),
        ("5 conversations here name both it and Heat, which you named.", False),
        ("4 conversations here name both it and Fargo, which you named.", False),
        ("It is a Crime movie, as is Heat, which you named.", True),
        ("You named it.", False),
        ("It is named Heat.", False),
        ("Conversations here name both it and Heat.", False),
    ],
)
def test_the_checker_knows_what_was_named(catalog, sentence, right):
    context = UserContext(state=PreferenceState(mentioned=("heat",)))
    item = catalog.item("plan")
    found = collect_evidence(item, context, Understanding(""), catalog, co_named=[("heat", 4)])
    label = catalog.label(item)
    assert right is not bool(violations(sentence, item, label, found, context=context, catalog=catalog))


def test_a_title_of_digits_is_not_found_in_a_number():
    events = [Interaction(f"u{n}", "nine", "rate", 7.9) for n in range(2)]
    catalog = Catalog([Item("nine", "9", 2009, None, ("Animation",), 2)], kind="movie", interactions=events)
    item = catalog[0]
    evidence = collect_evidence(item, UserContext(), Understanding(""), catalog)
    sentence = "It is an Animation movie from 2009, and 2 people rated it here, 7.9 on average."
    assert violations(sentence, item, "9 (2009)", evidence, context=UserContext(), catalog=catalog) == ()


def test_nobody_can_say_that_an_item_lacks_a_quality(catalog):
    context = UserContext(state=PreferenceState(facets={("words", "dark"): -1.0}))
    assert not any(
        e.kind == "contrast" for e in collect_evidence(catalog[0], context, Understanding(""), catalog)
    )
