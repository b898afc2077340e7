"""What is said of articles: dates, ids, forms, short names, pasted texts, citations."""

from datetime import date

import pytest

from agent.catalog import Catalog, Item
from agent.context import Constraint, UserContext
from agent.feedback import apply_understanding, tighten
from agent.retrieval.negation import split_wish
from agent.understanding import RuleUnderstander
from agent.understanding.dates import DateReader
from agent.understanding.pasted import pasted

TODAY = date(2026, 7, 15)


def paper(item_id, title, day, authors, categories=("cs.IR",), description="About things."):
    return Item(
        item_id,
        title,
        int(day[:4]),
        description,
        categories,
        url=f"https://arxiv.org/abs/{item_id}",
        attributes={"authors": authors, "date": day},
    )


CATALOG = Catalog(
    [
        paper(
            "2503.11692", "Estimating the Pose of Flowers for Robots", "2025-03-18", ("Jiawei Han", "Yu Gu")
        ),
        paper(
            "2504.00002", "A Survey of Graphs in Recommender Systems", "2025-04-02", ("Song Han", "Ann Lee")
        ),
        paper("2601.00003", "Cold Start with Language Models: A Review", "2026-01-09", ("Ji Han",)),
        paper("2602.00004", "Attention over Sessions: A Comprehensive Survey", "2026-02-11", ("Bob Ray",)),
        paper("2603.00005", "Talking with Recommenders: A Survey", "2026-03-30", ("Bob Ray", "Ann Lee")),
        paper("2605.00006", "What Tables Say to Language Models: A Survey", "2026-05-05", ("Cy Orr",)),
        paper(
            "2606.00007", "Long Titles of Papers about Nothing at All", "2026-06-02", ("Dee Fox",), ("cs.CV",)
        ),
    ],
    name="papers",
    kind="article",
)


@pytest.fixture(scope="module")
def rules():
    return RuleUnderstander(CATALOG, today=TODAY)


def between(first=None, last=None):
    return [f"date {op} {day}" for op, day in ((">=", first), ("<=", last)) if day]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("papers from March 2026 on diffusion", between("2026-03-01", "2026-03-31")),
        ("since January 2026", between("2026-01-01")),
        ("after May 2026", between("2026-06-01")),
        ("before June 2025", between(None, "2025-05-31")),
        ("between November 2025 and February 2026", between("2025-11-01", "2026-02-28")),
        ("between January and March 2026", between("2026-01-01", "2026-03-31")),
        ("in Q1 2026", between("2026-01-01", "2026-03-31")),
        ("summer 2025", between("2025-06-01", "2025-08-31")),
        ("from 5 March 2026", between("2026-03-05", "2026-03-05")),
        ("since 2026-03-15", between("2026-03-15")),
        ("from last month", between("2026-06-01", "2026-06-30")),
        ("in the last month", between("2026-06-15")),
        ("in the last 3 weeks", between("2026-06-24")),
        ("from the past two weeks", between("2026-07-01")),
        ("not older than 6 months", between("2026-01-16")),
        ("this week", between("2026-07-13")),
        ("since March", between("2026-03-01")),
        ("in December", between("2025-12-01", "2025-12-31")),
        ("上个月的论文", between("2026-06-01", "2026-06-30")),
        ("最近三周", between("2026-06-24")),
        ("papers from 2025", []),
        ("I may march on", []),
    ],
)
def test_dates_finer_than_years(text, expected):
    found = DateReader(CATALOG).read(text.lower(), TODAY)
    assert [str(c) for bound in found for c in bound.constraints] == expected


def test_without_a_column_of_dates_there_are_only_years():
    catalog = Catalog([Item("a", "A", 2020, attributes={"note": "2020-01-02 or so"})])
    assert DateReader(catalog).column is None
    said = RuleUnderstander(catalog, today=TODAY).understand("since March 2019")
    assert [str(c) for c in said.constraints] == ["year >= 2019"]


def test_dates_are_compared_as_far_as_both_tell():
    month = Item("m", "M", attributes={"date": "2026-03"})
    assert Constraint("date", ">=", "2026-03-15").allows(month)
    assert not Constraint("date", ">", "2026-03-15").allows(month)
    assert Constraint("date", "<", "2026-04-01").allows(month)
    assert not Constraint("date", "<=", "2026-02-28").allows(month)
    assert not Constraint("date", ">=", "2026-03-15").allows(Item("n", "N"))


@pytest.mark.parametrize(
    "text",
    [
        "more like 2503.11692",
        "more like arXiv:2503.11692v2.",
        "anything like https://arxiv.org/abs/2503.11692?",
        "similar to (arxiv.org/pdf/2503.11692v1.pdf)",
        "like https://doi.org/10.48550/arXiv.2503.11692",
    ],
)
def test_ids_and_addresses_name_items(rules, text):
    said = rules.understand(text)
    (mention,) = said.mentions
    assert mention.item_ids == ("2503.11692",)
    assert mention.attitude == 1
    assert said.text[mention.start : mention.end] == mention.text
    assert said.unknown_titles == ()


def test_ids_that_are_not_there_are_told(rules):
    said = rules.understand("I liked 2503.11692 but not 2504.99999")
    assert [m.item_ids[0] for m in said.mentions] == ["2503.11692"]
    assert said.unknown_titles == ("2504.99999",)
    assert "2504" not in said.wish


def test_plain_numbers_are_no_ids():
    catalog = Catalog([Item("123456", "A"), Item("234567", "B")])
    assert RuleUnderstander(catalog).understand("more than 123456 people").mentions == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("surveys on recommender systems", ["form in survey"]),
        ("a survey of graphs", ["form in survey"]),
        ("literature reviews about graphs", ["form in survey"]),
        ("graphs, but no surveys", ["form not in survey"]),
        ("how to analyse survey data", []),
        ("analysing user surveys on graphs", []),
        ("peer review of papers", []),
    ],
)
def test_surveys(rules, text, expected):
    assert [str(c) for c in rules.understand(text).constraints] == expected


def test_what_a_survey_is():
    is_survey = Constraint("form", "in", ("survey",))
    found = [item.id for item in CATALOG if is_survey.allows(item)]
    assert found == ["2504.00002", "2601.00003", "2602.00004", "2603.00005", "2605.00006"]
    no = [
        "Simulating Survey Responses with Language Models",
        "Reviewing Code with Agents",
        "Peer Review by Machines",
    ]
    assert not any(is_survey.allows(Item("x", title)) for title in no)
    told = Item(
        "x", "Stemming: Then and Now", description="This paper presents a comprehensive survey of stemming."
    )
    assert is_survey.allows(told)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("papers by Jiawei Han", ("Jiawei Han",)),
        ("papers by J. Han", ("Jiawei Han", "Ji Han")),
        ("papers by Han et al. about robots", ("Jiawei Han", "Song Han", "Ji Han")),
        ("nothing by Cy Orr", ("Cy Orr",)),
    ],
)
def test_short_forms_of_names(rules, text, names):
    (constraint,) = rules.understand(text).constraints
    assert (constraint.field, constraint.value) == ("authors", names)
    assert constraint.op == ("not in" if text.startswith("nothing") else "in")


def test_a_month_is_no_surname():
    catalog = Catalog([*CATALOG, paper("2607.00008", "On Rain", "2026-07-01", ("Rhys May",))], name="papers")
    rules = RuleUnderstander(catalog, today=TODAY)
    assert [str(c) for c in rules.understand("papers from May 2026").constraints] == between(
        "2026-05-01", "2026-05-31"
    )
    assert [str(c) for c in rules.understand("papers by May").constraints] == ["authors in Rhys May"]


def test_people_whom_the_catalog_does_not_know_are_told(rules):
    said = rules.understand("papers by Grace Hopper on compilers")
    assert said.unknown_titles == ("Grace Hopper",)
    assert said.constraints == ()
    assert "Hopper" not in said.wish


def test_names_of_things_are_no_titles_where_titles_are_long(rules):
    assert rules.understand("papers that compare SASRec and BERT4Rec").unknown_titles == ()


def test_newer_than_a_paper(rules):
    said = rules.understand("something like 2603.00005 but newer")
    context = apply_understanding(UserContext(), said, CATALOG)
    assert [str(c) for c in context.constraints] == ["date > 2026-03-30"]
    assert context.state.attitudes == {"2603.00005": 1}


def test_newer_than_the_list_and_recent_without_one(rules):
    last = ("2503.11692", "2504.00002", "2601.00003")
    said = rules.understand("something newer", last)
    assert [str(c) for c in apply_understanding(UserContext(), said, CATALOG, last).constraints] == [
        "date > 2025-04-02"
    ]
    said = rules.understand("recent papers on tables")
    assert [str(c) for c in apply_understanding(UserContext(), said, CATALOG).constraints] == [
        "date >= 2026-05-05"  # the sixth of seven, from which on there is a quarter
    ]


def test_newer_times_replace_older_ones_across_years_and_dates():
    year, dates = Constraint("year", "==", 2025), Constraint("date", ">=", "2026-03-01")
    assert tighten([year], [dates]) == (dates,)
    assert tighten([dates], [year]) == (year,)
    low, high = Constraint("year", ">=", 2025), Constraint("date", "<=", "2026-03-31")
    assert tighten([low], [high]) == (low, high)
    assert tighten([Constraint("year", "<=", 2025)], [dates]) == (dates,)


def test_any_year_drops_dates_too(rules):
    said = rules.understand("any year is fine", ("2503.11692",))
    assert set(said.relaxed) == {"year", "date"}


ABSTRACT = (
    "Cold-start recommendation remains hard because new items lack interactions. Existing methods do not use"
    " what texts say, and they need to be trained again. We propose to align collaborative embeddings with"
    " language models, without tuning these. Experiments on three datasets from 2024 show gains."
)


def test_an_abstract_is_the_wish_as_it_is(rules):
    said = rules.understand(ABSTRACT)
    assert (said.wish, said.constraints, said.mentions) == (ABSTRACT, (), ())
    assert "recommend" in said.intents
    assert split_wish(ABSTRACT) == (ABSTRACT, ())


def test_what_is_said_around_an_abstract_counts(rules):
    said = rules.understand(f"Find papers like this, since May 2026, but no surveys: {ABSTRACT}")
    assert [str(c) for c in said.constraints] == ["date >= 2026-05-01", "form not in survey"]
    assert said.wish.startswith(ABSTRACT)


@pytest.mark.parametrize(
    ("text", "is_pasted"),
    [
        ("Existing methods do not scale to long sequences of user behaviour.", True),
        ("I want existing methods that do not need long sequences.", False),
        ("papers where existing methods do not scale", False),
        ("We have seen The Mummy, never knew there was a newer one.", False),
    ],
)
def test_statements(text, is_pasted):
    assert (pasted(text) is not None) == is_pasted


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        ("papers that cite BERT4Rec", ("citations",)),
        ("the most cited work on graphs", ("citations",)),
        ("citation recommendation", ()),
    ],
)
def test_citations_that_the_catalog_does_not_know(rules, text, lacking):
    said = rules.understand(text)
    assert said.lacking == lacking
    assert "cite" not in said.wish.replace("citation", "")
