from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import FILMS

from agent.catalog import Catalog
from agent.context import Constraint, Feedback, PreferenceState, UserContext
from agent.errors import UnknownItemError
from agent.feedback import apply_feedback, apply_understanding, relax, tighten
from agent.understanding import Critique, Mention, Understanding

CATALOG = Catalog(FILMS, name="films", kind="movie")


def said(**fields):
    return Understanding("", **fields)


def mention(item_id, attitude=0, **fields):
    return Mention((item_id,), item_id, 0, len(item_id), attitude, **fields)


def test_feedback_sets_attitude_seen_and_rejected():
    state = PreferenceState()
    for item_id, kind in [("alien", "like"), ("heat", "dislike"), ("up", "seen"), ("drive", "reject")]:
        state = apply_feedback(state, Feedback(item_id, kind), CATALOG)
    assert state.liked == ("alien",)
    assert state.disliked == ("heat",)
    assert state.seen == {"up"}
    assert state.known == {"alien", "heat", "up", "drive"}


def test_a_newer_attitude_replaces_the_older_and_becomes_the_newest():
    state = PreferenceState(attitudes={"alien": -1, "heat": 1})
    state = apply_feedback(state, Feedback("alien", "like"), CATALOG)
    assert list(state.attitudes.items()) == [("heat", 1), ("alien", 1)]


def test_a_liking_lifts_a_rejection():
    state = PreferenceState(rejected=frozenset({"alien"}))
    assert apply_feedback(state, Feedback("alien", "like"), CATALOG).rejected == frozenset()
    assert apply_feedback(state, Feedback("alien", "dislike"), CATALOG).rejected == {"alien"}


def test_feedback_on_an_unknown_item_is_refused():
    with pytest.raises(UnknownItemError, match="nowhere"):
        apply_feedback(PreferenceState(), Feedback("nowhere", "like"), CATALOG)


def test_mentions_become_attitudes_and_seen_items():
    understood = said(intents=("inform",), mentions=(mention("alien", 2), mention("up", 0, seen=True)))
    state = apply_understanding(UserContext(), understood, CATALOG).state
    assert state.attitudes == {"alien": 2}
    assert state.seen == {"up"}


def test_a_mere_mention_is_kept_as_nothing_but_that():
    understood = said(intents=("ask_item",), mentions=(mention("alien"), mention("up"), mention("alien")))
    state = apply_understanding(UserContext(), understood, CATALOG).state
    assert state == PreferenceState(mentioned=("up", "alien"), turn=1)


def test_rejecting_the_list_rejects_all_of_it():
    context = apply_understanding(UserContext(), said(intents=("reject",)), CATALOG, last=("alien", "heat"))
    assert context.state.rejected == {"alien", "heat"}


def test_rejecting_one_by_rank_rejects_only_it():
    understood = said(intents=("reject",), mentions=(mention("heat", rank=2),))
    context = apply_understanding(UserContext(), understood, CATALOG, last=("alien", "heat"))
    assert context.state.rejected == {"heat"}


def test_accepting_by_rank_is_a_liking():
    understood = said(intents=("accept",), mentions=(mention("heat", rank=2),))
    context = apply_understanding(UserContext(), understood, CATALOG, last=("alien", "heat"))
    assert context.state.liked == ("heat",)


def test_newer_than_the_newest_is_as_new():
    newest = max(CATALOG, key=lambda item: item.year)
    understood = said(intents=("critique",), critiques=(Critique("newer"),))
    context = apply_understanding(UserContext(), understood, CATALOG, last=(newest.id,))
    assert Constraint("year", ">=", float(newest.year), "newer") in context.constraints


def test_newer_is_a_bound_at_the_median_year_of_the_last_list():
    understood = said(intents=("critique",), critiques=(Critique("newer"),))
    context = apply_understanding(UserContext(), understood, CATALOG, last=("alien", "aliens", "up"))
    assert context.constraints == (Constraint("year", ">", 1986.0, "newer"),)


def test_older_than_a_named_item():
    understood = said(intents=("critique",), critiques=(Critique("older", item_id="heat"),))
    context = apply_understanding(UserContext(), understood, CATALOG, last=("alien",))
    assert context.constraints == (Constraint("year", "<", 1995.0, "older"),)


def test_shorter_uses_the_catalogs_own_length():
    understood = said(intents=("critique",), critiques=(Critique("shorter"),))
    context = apply_understanding(UserContext(), understood, CATALOG, last=("airplane", "heat", "drive"))
    assert context.constraints == (Constraint("minutes", "<", 100.0, "shorter"),)


def test_more_and_less_of_a_category_or_a_word_are_facets():
    critiques = (Critique("less", value="horror"), Critique("more", value="dark"))
    context = apply_understanding(UserContext(), said(critiques=critiques), CATALOG)
    assert context.state.facets == {("categories", "Horror"): -1.0, ("words", "dark"): 1.0}


def test_a_new_request_replaces_the_wish_and_a_critique_adds_to_it():
    context = apply_understanding(UserContext(), said(intents=("recommend",), wish="slow chess"), CATALOG)
    assert context.wish == "slow chess"
    refined = apply_understanding(context, said(intents=("critique",), wish="in Paris"), CATALOG)
    assert refined.wish == "slow chess in Paris"
    anew = apply_understanding(refined, said(intents=("recommend",), wish="space pirates"), CATALOG)
    assert anew.wish == "space pirates"


def test_a_category_is_a_new_wish_unless_it_narrows_the_old_one():
    before = UserContext(wish="slow film about space")
    western = (Constraint("categories", "in", ("Western",), "western"),)

    def wish(text):
        return apply_understanding(
            before, Understanding(text, ("recommend",), constraints=western), CATALOG
        ).wish

    assert wish("a good western") == ""
    assert wish("only westerns") == "slow film about space"
    assert wish("只要西部片") == "slow film about space"


AFTER_2000 = Constraint("year", ">=", 2000)
NO_HORROR = Constraint("categories", "not in", ("Horror",))


@pytest.mark.parametrize(
    ("old", "new", "left"),
    [
        ([AFTER_2000], [Constraint("year", ">=", 1990)], [Constraint("year", ">=", 1990)]),
        ([AFTER_2000], [Constraint("year", "<=", 2010)], [AFTER_2000, Constraint("year", "<=", 2010)]),
        ([AFTER_2000], [Constraint("year", "<", 1980)], [Constraint("year", "<", 1980)]),
        ([AFTER_2000], [NO_HORROR], [AFTER_2000, NO_HORROR]),
        (
            [NO_HORROR],
            [Constraint("categories", "in", ("Horror",))],
            [Constraint("categories", "in", ("Horror",))],
        ),
        (
            [Constraint("categories", "not in", ("Horror", "War"))],
            [Constraint("categories", "in", ("horror",))],
            [Constraint("categories", "not in", ("War",)), Constraint("categories", "in", ("horror",))],
        ),
        (
            [Constraint("categories", "in", ("Comedy",))],
            [Constraint("categories", "in", ("Drama",))],
            [Constraint("categories", "in", ("Drama",))],
        ),
        (
            [NO_HORROR],
            [Constraint("categories", "not in", ("War",))],
            [NO_HORROR, Constraint("categories", "not in", ("War",))],
        ),
        ([NO_HORROR], [NO_HORROR], [NO_HORROR]),
    ],
)
def test_newer_constraints_win(old, new, left):
    assert list(tighten(old, new)) == left


def test_relaxing_drops_the_constraints_of_a_field():
    assert relax([AFTER_2000, NO_HORROR], ["year"]) == (NO_HORROR,)
    assert relax([AFTER_2000, NO_HORROR], ["*"]) == ()


years = st.integers(1950, 2020)
bounds = st.builds(Constraint, st.just("year"), st.sampled_from(["<", "<=", ">", ">="]), years)


@given(st.lists(bounds, max_size=6))
def test_year_bounds_given_one_by_one_never_contradict_each_other(said_one_by_one):
    constraints = ()
    for constraint in said_one_by_one:
        constraints = tighten(constraints, [constraint])
    lows = [c for c in constraints if c.op in (">", ">=")]
    highs = [c for c in constraints if c.op in ("<", "<=")]
    assert len(lows) <= 1
    assert len(highs) <= 1
    for low, high in zip(lows, highs, strict=False):
        strict = low.op == ">" or high.op == "<"
        assert low.value < high.value or (low.value == high.value and not strict)
    assert not said_one_by_one or said_one_by_one[-1] in constraints


def test_the_context_before_is_left_as_it_was():
    before = UserContext(state=PreferenceState(attitudes={"heat": 1}))
    copy = replace(before)
    apply_understanding(before, said(mentions=(mention("alien", -2),)), CATALOG)
    assert before == copy


def critique(context, *critiques, last=()):
    return apply_understanding(context, said(intents=("critique",), critiques=critiques), CATALOG, last)


MORE_DARK, LESS_DARK = Critique("more", value="dark"), Critique("less", value="dark")
DARK = ("words", "dark")


def test_critiques_of_one_direction_add_up_fade_and_saturate():
    context, weights = UserContext(), []
    for _ in range(4):
        context = critique(context, LESS_DARK)
        weights.append(context.state.facets[DARK])
    # -1; -0.9 - 1; -1.71 - 1, which is more than -2 holds; the same again.
    assert weights == pytest.approx([-1, -1.9, -2, -2])


def test_a_critique_that_contradicts_an_older_one_takes_its_place():
    context = critique(critique(UserContext(), LESS_DARK), LESS_DARK)
    assert critique(context, MORE_DARK).state.facets == {DARK: 1.0}


def test_attitudes_and_facets_fade_by_the_turn():
    context = critique(UserContext(state=PreferenceState(attitudes={"heat": -2})), LESS_DARK)
    context = context.with_(state=apply_feedback(context.state, Feedback("alien", "like"), CATALOG))
    for _ in range(2):
        context = critique(context, Critique("newer"))
    assert context.state.strengths == pytest.approx(
        {"heat": -2.0, "alien": 0.81}
    )  # heat: who knows since when
    assert context.state.tastes == pytest.approx({DARK: -0.81})
    assert context.state.attitudes == {"heat": -2, "alien": 1}


def test_a_taste_that_has_faded_is_forgotten_until_it_is_told_again():
    context = critique(UserContext(), LESS_DARK)
    for _ in range(22):  # 0.9^22 = 0.098
        context = critique(context, Critique("newer"))
    assert context.state.tastes == {}
    # One turn later it is told again: -0.9^23 - 1.
    assert critique(context, LESS_DARK).state.tastes == pytest.approx({DARK: -1.0886}, abs=1e-4)


def test_what_a_critique_answers_is_passed_over_until_there_is_a_new_wish():
    context = critique(UserContext(wish="robots"), LESS_DARK, last=("alien", "heat"))
    context = critique(context, Critique("newer"), last=("up",))
    assert context.state.passed == {"alien", "heat", "up"}
    told = apply_understanding(context, said(intents=("inform",)), CATALOG, last=("drive",))
    assert told.state.passed == context.state.passed
    anew = apply_understanding(told, said(intents=("recommend",), wish="pirates"), CATALOG, last=("drive",))
    assert anew.state.passed == frozenset()


def test_the_answer_to_a_question_passes_over_the_list_it_came_with():
    answered = apply_understanding(
        UserContext(), said(intents=("inform",), answers="year"), CATALOG, last=("up",)
    )
    assert answered.state.passed == {"up"}


def test_none_of_these_is_no_dislike_of_each():
    mentions = tuple(
        replace(mention(i, -1, rank=rank), start=0, end=13) for rank, i in enumerate(("up", "heat"), 1)
    )
    state = apply_understanding(UserContext(), said(intents=("reject",), mentions=mentions), CATALOG).state
    assert (state.rejected, state.attitudes) == ({"up", "heat"}, {})
