import copy
import pickle
from dataclasses import asdict, replace

import pytest

from agent.catalog import Catalog, Interaction, Item
from agent.errors import UnknownItemError

HEAT = Item(
    "1", "Heat", 1995, "Cops and robbers.", ("Crime",), 5.0, "u", "i", {"rating": 8.2, "cast": ("Al",)}
)


def test_labels_tell_namesakes_apart():
    catalog = Catalog(
        [
            Item("a", "Dracula", 1931),
            Item("b", "Dracula", 1958),
            Item("c", "Innocence", 2004),
            Item("d", "innocence", 2004),
            Item("e", "Mamá", 2013),
            Item("f", "MAMA", 2013),
            Item("g", "Undated"),
            Item("h", "Twice"),
            Item("i", "Twice"),
            Item("j", "Twice [h]"),
        ]
    )
    assert [catalog.label(item) for item in catalog] == [
        "Dracula (1931)",
        "Dracula (1958)",
        "Innocence (2004) [c]",
        "innocence (2004) [d]",
        "Mamá (2013) [e]",
        "MAMA (2013) [f]",
        "Undated",
        "Twice [h] [h]",
        "Twice [i]",
        "Twice [h] [j]",
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"id": "2"},
        {"title": "heat"},
        {"year": 1996},
        {"year": None},
        {"description": None},
        {"categories": ("Crime", "Drama")},
        {"popularity": 6.0},
        {"url": None},
        {"image": "j"},
        {"attributes": {"rating": 8.3, "cast": ("Al",)}},
        {"attributes": {"rating": 8.2, "cast": ("Bob",)}},
        {"attributes": {}},
    ],
    ids=str,
)
def test_fingerprint_changes_with_every_field(change):
    assert Catalog([replace(HEAT, **change)]).fingerprint != Catalog([HEAT]).fingerprint


def test_fingerprint_is_of_the_items_alone():
    same = replace(HEAT, popularity=5, attributes={"cast": ("Al",), "rating": 8.2})
    renamed = Catalog([same], name="other", kind="film", interactions=[Interaction("u", "1", "like")])
    assert renamed.fingerprint == Catalog([HEAT]).fingerprint


def test_fingerprint_is_the_same_in_every_process():
    assert Catalog([Item("1", "Heat", 1995, categories=("Crime",))]).fingerprint == "43079b98ec449945"


def test_fingerprint_changes_with_the_order():
    other = Item("2", "Alien")
    assert Catalog([HEAT, other]).fingerprint != Catalog([other, HEAT]).fingerprint


def test_interactions_are_read_when_first_asked_for_and_once():
    calls = []

    def read():
        calls.append(1)
        return [Interaction("u", "1", "like")]

    catalog = Catalog([HEAT], interactions=read)
    assert calls == []
    assert catalog.interactions == catalog.interactions == (Interaction("u", "1", "like"),)
    assert calls == [1]


def test_a_catalog_is_a_sequence():
    other = Item("2", "Alien", 1979)
    catalog = Catalog([HEAT, other])
    assert (len(catalog), catalog[0], catalog[-1], catalog[:1]) == (2, HEAT, other, (HEAT,))
    assert "1" in catalog
    assert "3" not in catalog
    assert catalog.row("2") == 1
    assert catalog.item("2") is other
    with pytest.raises(UnknownItemError, match="no item with id '3'"):
        catalog.item("3")


def test_items_and_catalogs_can_be_copied_and_sent():
    catalog = Catalog([HEAT], interactions=[Interaction("u", "1", "rate", 9.0)])
    sent = pickle.loads(pickle.dumps(catalog))
    assert list(sent) == [HEAT]
    assert sent.interactions == catalog.interactions
    assert copy.deepcopy(HEAT) == HEAT
    assert asdict(HEAT)["attributes"] == {"rating": 8.2, "cast": ("Al",)}


def test_text_and_facets():
    catalog = Catalog([HEAT, Item("2", "Alien", categories=("Horror", "Crime"), attributes={"rating": 9})])
    assert catalog.text(HEAT) == "Heat (1995). Crime. Cops and robbers."
    assert catalog.categories == ("Crime", "Horror")
    assert catalog.attribute_names == ("rating", "cast")
    assert catalog.popularity.tolist() == [5.0, 0.0]
