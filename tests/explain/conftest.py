"""A small catalog whose facts every expectation here was worked out from by hand."""

import pytest

from agent.catalog import Catalog, Interaction, Item
from agent.context import Constraint, PreferenceState, UserContext
from agent.explain import Subject, collect_evidence
from agent.lm import load_model
from agent.understanding import Understanding
from prompts import Message

NAMES = {
    "heat": Item("heat", "Heat", 1995, None, ("Crime", "Drama"), 40),
    "ronin": Item("ronin", "Ronin", 1998, None, ("Action", "Crime"), 9),
    "fargo": Item("fargo", "Fargo", 1996, None, ("Crime", "Thriller"), 30),
    "apartment": Item("apartment", "The Apartment", 1960, None, ("Comedy", "Romance"), 7),
    "prometheus": Item("prometheus", "Prometheus", 2012, None, ("Horror", "Sci-Fi"), 8),
    "plan": Item(
        "plan",
        "A Simple Plan",
        1998,
        "Three men find a bag of money in the snow, and greed ends a friendship.",
        ("Crime", "Drama", "Thriller"),
        4,
        attributes={"director": "Sam Raimi", "runtime": 121, "writer": "Scott B. Smith"},
    ),
    "it": Item("it", "It", 2017, None, ("Horror",), 3),
    "bare": Item("bare", "Untitled Footage"),
    "oscar": Item("oscar", "Oscar", 1991, None, ("Comedy",), 2),
}
RATINGS = [6, 7, 8, 9]
FILLERS = [Item(f"f{n}", f"Filler {n}", 2000, None, ("Documentary",), 1) for n in range(11)]


@pytest.fixture(scope="session")
def catalog():
    rated = [Interaction(f"u{n}", "plan", "rate", float(value)) for n, value in enumerate(RATINGS)]
    rated += [Interaction(f"u{n}", "heat", "rate", 8.0) for n in range(1234)]
    return Catalog([*NAMES.values(), *FILLERS], name="films", kind="movie", interactions=rated)


def context_in(locale):
    """Loves Heat; likes Ronin, Fargo and The Apartment; dislikes Prometheus; likes Drama, dislikes War."""
    return UserContext(
        dialogue=(Message("user", "I adored Fargo. Something about greed in the snow, please."),),
        state=PreferenceState(
            attitudes={"heat": 2, "ronin": 1, "fargo": 1, "apartment": 1, "prometheus": -1},
            facets={("categories", "Drama"): 1.0, ("categories", "War"): -1.0},
        ),
        constraints=(
            Constraint("year", ">=", 1990, "nothing before 1990"),
            Constraint("categories", "not in", ("Horror",), "no horror"),
            Constraint("categories", "in", ("Crime",), "a crime film"),
        ),
        locale=locale,
    )


@pytest.fixture(scope="session")
def context():
    return context_in("en")


@pytest.fixture(scope="session")
def plan(catalog, context):
    """The item most tests explain, with all its evidence."""
    item = catalog.item("plan")
    said = Understanding("", wish="greed in the snow, but not violence")
    evidence = collect_evidence(
        item,
        context,
        said,
        catalog,
        similar=[("fargo", 0.7), ("ronin", 0.3), ("prometheus", 0.9)],
        co_liked=[("heat", 5), ("ronin", 2), ("prometheus", 50)],
    )
    return Subject(item, catalog.label(item), evidence)


@pytest.fixture(scope="session")
def small_model():
    return load_model("smollm2-135m-instruct:bf16")
