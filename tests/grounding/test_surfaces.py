from agent.catalog import Item
from agent.grounding.surfaces import Form, item_named, named, surface_forms


def forms(item):
    return {s.key: s.form for s in item_named(item).surfaces}


def test_every_way_to_write_a_title():
    found = forms(Item("1", "Godfather: Part II, The (a.k.a. Mario Puzo's Godfather 2) (1974)"))
    assert found["the godfather part ii"] == Form.TITLE
    assert found["mario puzos godfather 2"] == Form.AKA
    assert found["godfather part ii"] == Form.ARTICLE
    assert found["godfather 2"] == Form.NUMBER
    assert found["thegodfather2"] == Form.SPACING
    assert found["godfather"] == Form.HEAD
    assert "2" not in found


def test_the_year_of_the_item_counts_before_the_one_in_its_title():
    assert item_named(Item("1", "Heat (1994)", year=1995)).year == 1995
    assert item_named(Item("1", "Heat (1994)")).year == 1994


def test_a_text_with_an_article_or_subtitle_too_many_is_told_from_an_item_with_one():
    text = {s.key: s.form for s in named("The Alien: Director's Cut").surfaces}
    assert text["alien"] == Form.LONGER
    assert {s.key: s.form for s in named("The Alien").surfaces}["alien"] == Form.ARTICLE_ADDED


def test_the_type_comes_from_title_attribute_categories_or_catalog():
    assert item_named(Item("1", "Fargo (TV series)")).type == "series"
    assert item_named(Item("1", "Fargo", attributes={"type": "Film"})).type == "movie"
    assert item_named(Item("1", "Bao", categories=("Short", "Drama")), "movie").type == "short"
    assert item_named(Item("1", "Heat"), "movie").type == "movie"
    assert item_named(Item("1", "Heat"), "gadget").type is None


def test_surface_forms_for_mentions():
    assert {"seven", "se7en"} <= surface_forms(Item("1", "Seven (a.k.a. Se7en) (1995)"))
    assert "7" not in surface_forms(Item("1", "Seven (a.k.a. Se7en) (1995)"))
    assert surface_forms(Item("1", "Rocky II")) == {"rocky ii", "rocky 2"}
    assert "1984" in surface_forms(Item("1", "1984 (1984)"))
    assert {"the matrix", "matrix"} == surface_forms(Item("1", "Matrix, The"))
    assert {"star wars a new hope", "star wars"} == surface_forms(Item("1", "Star Wars: A New Hope"))
    assert surface_forms(Item("1", "霸王别姬")) == {"霸王别姬"}
