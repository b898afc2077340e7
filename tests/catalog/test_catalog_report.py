import json

from agent.catalog import Catalog, Interaction, Item, catalog_info

ITEMS = [
    Item(
        "1",
        "Mamá",
        2000,
        "text",
        ("A", "B"),
        3.0,
        attributes={"n": 1, "m": "x", "tags": ("p", "q"), "ok": True},
    ),
    Item("2", "mama", 2000, categories=("A",), attributes={"n": 2.5, "m": 5, "tags": ("p",)}),
    Item("3", "Mama", 2001, attributes={"n": -1}),
    Item("4", "Other"),
]
EVENTS = [
    Interaction("u", "1", "rate", 4.0, 86_400.0),
    Interaction("v", "1", "like", None, 3 * 86_400.0),
    Interaction("v", "2", "like"),
]


def test_facts():
    info = catalog_info(Catalog(ITEMS, name="mine", kind="thing", interactions=EVENTS, skipped=["f:1: bad"]))
    assert (info.name, info.kind, info.items, info.skipped) == ("mine", "thing", 4, 1)
    assert (info.categories, info.top_categories) == (2, (("A", 2), ("B", 1)))
    assert (info.duplicate_titles, info.same_title_and_year) == (1, 1)
    fields = {field.name: field for field in info.fields}
    assert (fields["year"].type, fields["year"].filled, fields["year"].fill) == ("integer", 3, 0.75)
    assert (fields["year"].low, fields["year"].high) == (2000, 2001)
    assert (fields["popularity"].filled, fields["url"].type) == (1, "empty")
    attributes = {field.name: (field.type, field.filled) for field in info.attributes}
    assert attributes == {"n": ("number", 3), "m": ("mixed", 2), "tags": ("list", 2), "ok": ("boolean", 1)}
    assert {f.name: f.examples for f in info.attributes}["tags"] == ("p", "q")
    assert (info.interactions.events, info.interactions.users, info.interactions.items) == (3, 2, 2)
    assert info.interactions.by_event == {"like": 2, "rate": 1}
    assert (info.interactions.first, info.interactions.last) == ("1970-01-02", "1970-01-04")
    assert json.loads(json.dumps(info.to_json()))["attributes"][0]["low"] == -1


def test_one_odd_value_among_numbers_is_named(tmp_path):
    path = tmp_path / "c.csv"
    path.write_text("id,title,price\n" + "".join(f"{n},T{n},{n}\n" for n in range(9)) + "9,T9,ask us\n")
    (price,) = catalog_info(Catalog.load(path)).attributes
    assert (price.type, price.odd) == ("text", "ask us")


def test_no_interactions():
    assert catalog_info(Catalog(ITEMS)).interactions is None
