"""Every format that a catalog comes in."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from agent.catalog import Catalog, Item
from agent.context import Constraint
from agent.errors import CatalogError

DATA = Path(__file__).parents[1] / "data" / "catalogs"

ROWS = [
    {
        "id": "a1",
        "title": "Alpha",
        "year": 1999,
        "description": 'Two\nlines, "quoted"',
        "categories": ["Drama", "Sci-Fi"],
        "popularity": 3.0,
        "url": "https://example.org/a1",
        "image": None,
        "price": 12.5,
        "stock": 4,
        "makers": ["Ann", "Bob"],
    },
    {
        "id": "b2",
        "title": "Bêta",
        "year": None,
        "description": None,
        "categories": [],
        "popularity": None,
        "url": None,
        "image": "b2.png",
        "price": 20.0,
        "stock": 10,
        "makers": ["Cy"],
    },
]
ITEMS = [
    Item(
        "a1",
        "Alpha",
        1999,
        'Two\nlines, "quoted"',
        ("Drama", "Sci-Fi"),
        3.0,
        "https://example.org/a1",
        None,
        {"price": 12.5, "stock": 4, "makers": ("Ann", "Bob")},
    ),
    Item("b2", "Bêta", image="b2.png", attributes={"price": 20.0, "stock": 10, "makers": ("Cy",)}),
]
CSV = (
    "id,title,year,description,categories,popularity,url,image,price,stock,makers\n"
    'a1,Alpha,1999,"Two\nlines, ""quoted""",Drama|Sci-Fi,3,https://example.org/a1,,12.5,4,Ann|Bob\n'
    "b2,Bêta,,,,,,b2.png,20,10,Cy\n"
)


def write(path, text):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def csv_file(folder):
    return write(folder / "shop.csv", CSV)


def csv_gz(folder):
    return write(folder / "shop.csv.gz", gzip.compress(CSV.encode()))


def tsv_file(folder):
    return write(folder / "shop.tsv", CSV.replace("lines, ", "lines@ ").replace(",", "\t").replace("@", ","))


def semicolons(folder):
    return write(folder / "shop.csv", CSV.replace("lines, ", "lines@ ").replace(",", ";").replace("@", ","))


def windows(folder):
    return write(folder / "shop.csv", b"\xef\xbb\xbf" + CSV.replace("\n", "\r\n").encode() + b"\r\n\r\n")


def old_mac(folder):
    return write(folder / "shop.csv", CSV.replace("\n", "\r"))


def index_column(folder):
    lines = CSV.replace("Two\nlines", "Two@lines").splitlines()
    text = "\n".join(f"{'' if i == 0 else i - 1},{line}" for i, line in enumerate(lines))
    return write(folder / "shop.csv", text.replace("@", "\n"))


def jsonl_file(folder):
    return write(
        folder / "shop.jsonl", "\n\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS) + "\n\n"
    )


def jsonl_gz(folder):
    return write(folder / "shop.jsonl.gz", gzip.compress(jsonl_file(folder).read_bytes()))


def parquet_file(folder):
    pq.write_table(pa.Table.from_pylist(ROWS), folder / "shop.parquet")
    return folder / "shop.parquet"


def parquet_gz(folder):
    return write(folder / "shop.parquet.gz", gzip.compress(parquet_file(folder).read_bytes()))


@pytest.mark.parametrize(
    "written",
    [
        csv_file,
        csv_gz,
        tsv_file,
        semicolons,
        windows,
        old_mac,
        index_column,
        jsonl_file,
        jsonl_gz,
        parquet_file,
        parquet_gz,
    ],
    ids=lambda f: f.__name__,
)
def test_the_same_items_in_every_format(tmp_path, written):
    catalog = Catalog.load(written(tmp_path))
    assert list(catalog) == ITEMS
    assert (catalog.name, catalog.kind, catalog.skipped) == ("shop", "item", ())


def test_text_columns_are_numbers_only_where_all_values_are(tmp_path):
    path = write(
        tmp_path / "c.csv",
        "id,title,price,size,zip,mixed,tags,exp\n1,One,5,1.5,01234,7,x|y,1e3\n2,Two,,2,56789,n/a,z,2.5E-1\n",
    )
    one, two = Catalog.load(path)
    assert one.attributes == {
        "price": 5,
        "size": 1.5,
        "zip": "01234",
        "mixed": "7",
        "tags": ("x", "y"),
        "exp": 1000.0,
    }
    assert two.attributes == {"size": 2.0, "zip": "56789", "mixed": "n/a", "tags": ("z",), "exp": 0.25}
    assert type(one.attributes["price"]) is int


@pytest.mark.parametrize(
    "cell", ["-", ".", "-.", "e5", "1e", "1_000", "٣", "0x1F", "inf", "nan", "1e999", "+5"]
)
def test_what_only_looks_like_a_number_is_text(tmp_path, cell):
    (item,) = Catalog.load(write(tmp_path / "c.csv", f"id,title,price\n1,One,{cell}\n"))
    assert item.attributes["price"] == cell


def test_an_embedded_name_is_no_folder(tmp_path, monkeypatch):
    (tmp_path / "movies").mkdir()
    write(tmp_path / "movies" / "catalog.csv", CSV)
    monkeypatch.chdir(tmp_path)
    assert len(Catalog.load("movies")) > 1000
    assert list(Catalog.load("./movies")) == ITEMS


def test_types_of_json_are_kept(tmp_path):
    path = write(
        tmp_path / "c.jsonl",
        '{"id": 7, "title": "Seven", "zip": "01234", "new": true, "size": {"w": 2}, "e": [], "nan": NaN}\n',
    )
    (item,) = Catalog.load(path)
    assert item.id == "7"
    assert item.attributes == {"zip": "01234", "new": True, "size": '{"w": 2}'}


def test_parquet_types_of_their_own(tmp_path):
    import datetime as dt
    from decimal import Decimal

    table = pa.table(
        {
            "id": [1.0, 2.0],
            "title": ["One", "Two"],
            "year": [dt.date(1999, 5, 1), None],
            "price": [Decimal("9.99"), Decimal("10.00")],
            "added": [dt.datetime(2026, 1, 2, 3, 4), None],
            "thumb": [b"\x89PNG", None],
            "score": [float("nan"), 0.5],
        }
    )
    pq.write_table(table, tmp_path / "c.parquet")
    one, two = Catalog.load(tmp_path / "c.parquet")
    assert (one.id, one.year, dict(one.attributes)) == (
        "1",
        1999,
        {"price": 9.99, "added": "2026-01-02T03:04:00"},
    )
    assert (two.id, two.year, dict(two.attributes)) == ("2", None, {"price": 10.0, "score": 0.5})


def test_columns_are_mapped_and_found_whatever_their_case(tmp_path):
    path = write(tmp_path / "c.csv", "SKU,Name,Genre,Title,YEAR\n1,One,Drama|War,unused,1999\n")
    (item,) = Catalog.load(path, columns={"id": "SKU", "title": "Name", "categories": "Genre"}, kind="game")
    assert item == Item("1", "One", 1999, categories=("Drama", "War"))


def test_white_space_and_control_characters_do_not_reach_titles(tmp_path):
    path = write(
        tmp_path / "c.csv", 'id,title,categories\n 1 ,"  A\tlong\n\x1b[31mtitle\x00 ", War | War || Love \n'
    )
    (item,) = Catalog.load(path)
    assert (item.id, item.title, item.categories) == ("1", "A long [31mtitle", ("War", "Love"))


@pytest.mark.parametrize(
    ("cell", "year"),
    [("1999", 1999), ("1999.0", 1999), (" 2001 ", 2001), ("-500", -500), ("2024-05-01", 2024), ("", None)],
)
def test_years(tmp_path, cell, year):
    (item,) = Catalog.load(write(tmp_path / "c.csv", f"id,title,year\n1,One,{cell}\n"))
    assert item.year == year


def test_a_folder_with_its_interactions(tmp_path):
    write(tmp_path / "catalog.csv", CSV)
    write(
        tmp_path / "interactions.csv",
        "user_id,item_id,event,value,timestamp\nu,b2,rate,4,200\nu,a1,view,,100\nv,a1,like,,\n",
    )
    catalog = Catalog.load(tmp_path)
    assert catalog.name == tmp_path.name
    assert [(i.user_id, i.item_id, i.event, i.value, i.timestamp) for i in catalog.interactions] == [
        ("v", "a1", "like", None, None),
        ("u", "a1", "view", None, 100.0),
        ("u", "b2", "rate", 4.0, 200.0),
    ]


def test_your_own_csv():
    catalog = Catalog.load(
        DATA / "boardgames.csv", interactions=DATA / "boardgames_interactions.csv", kind="board game"
    )
    cheap = Constraint("price", "<=", 20.0)
    quick = Constraint("minutes", "<", 30.0)
    assert (len(catalog), len(catalog.interactions), catalog.kind) == (42, 6, "board game")
    assert {i.id for i in catalog if cheap.allows(i) and quick.allows(i)} == {
        "hanabi",
        "codenames",
        "crew",
        "crew2",
        "mindgame",
    }
    assert catalog.item("wonders2").attributes["designers"] == ("Antoine Bauza", "Bruno Cathala")
    assert catalog.item("go").year == -2200


def test_popularity_is_counted_where_the_catalog_has_none():
    catalog = Catalog.load(DATA / "boardgames.csv", interactions=DATA / "boardgames_interactions.csv")
    assert catalog.item("azul").popularity == 2
    assert catalog.item("gloomhaven").popularity == 0  # it was only disliked


def test_popularity_of_the_catalog_stays(tmp_path):
    write(tmp_path / "catalog.csv", CSV)
    write(tmp_path / "interactions.csv", "user_id,item_id,event\nu,b2,like\n")
    assert [item.popularity for item in Catalog.load(tmp_path)] == [3.0, 0.0]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("nowhere/shop.csv", "no such file"),
        ("movie", "did you mean 'movies'"),
        (DATA / "boardgame.csv", "did you mean '.*boardgames.csv'"),
        (DATA.parent.parent / "catalog" / "test_catalog_files.py", "unknown format"),
        (42, "not a catalog"),
        ("x" * 300, "cannot be read: File name too long"),
    ],
)
def test_sources_that_are_not_there(source, message):
    with pytest.raises(CatalogError, match=message):
        Catalog.load(source)


def test_a_file_has_no_split():
    with pytest.raises(CatalogError, match="no split 'train'"):
        Catalog.load(DATA / "boardgames.csv", split="train")
