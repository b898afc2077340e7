"""Everything that can be wrong with a catalog, each with its file, row and column."""

import gzip
import json

import pytest

from agent.catalog import Catalog, check_catalog
from agent.errors import CatalogError


def problems_of(path, **options):
    """The problems without the folder they are in."""
    with pytest.raises(CatalogError) as caught:
        Catalog.load(path, **options)
    return [problem.replace(f"{path.parent}/", "") for problem in caught.value.problems]


def write(folder, text, name="c.csv"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


BAD_CSV = """id,title,year,popularity,categories
1,One,1999,1,A

2,,1999,1,A
,Three,1999,1,A
1,One again,1999,1,A
5,"Five
on two lines",19x9,1,A
6,Six,1999,many,A
7,Seven,1999,1
8,Eight,1999,1,A,B,C
9,Nine,20001,-1,A
10,Ten,2000,2,A
"""


def test_every_problem_of_a_csv_at_once(tmp_path):
    assert problems_of(write(tmp_path, BAD_CSV)) == [
        "c.csv:4:title: empty",
        "c.csv:5:id: missing",
        "c.csv:6:id: '1' is already in row 2",
        "c.csv:7:year: '19x9' is not a year",
        "c.csv:9:popularity: 'many' is not a number",
        "c.csv:10: 4 fields where the header has 5",
        "c.csv:11: 7 fields where the header has 5",
        "c.csv:12:year: '20001' is not a year",
        "c.csv:12:popularity: '-1' is negative",
    ]


def test_the_message_shows_the_first_and_the_count(tmp_path):
    with pytest.raises(CatalogError) as caught:
        Catalog.load(write(tmp_path, BAD_CSV))
    message = str(caught.value)
    assert "9 problems" in message
    assert "c.csv:4:title: empty" in message
    assert "and 6 more" in message
    assert "19x9" not in message
    assert "--skip-bad-rows" in message


def test_bad_rows_are_skipped_and_counted(tmp_path):
    catalog = Catalog.load(write(tmp_path, BAD_CSV), skip_bad_rows=True)
    assert [item.id for item in catalog] == ["1", "10"]
    assert catalog.item("1").title == "One"
    assert len(catalog.skipped) == 8
    assert catalog.skipped[-1] == (
        f"{tmp_path}/c.csv:12: year: '20001' is not a year; popularity: '-1' is negative"
    )


def test_the_header_may_come_late_and_rows_still_count_from_the_top(tmp_path):
    assert problems_of(write(tmp_path, "\n\nid,title\n1,\n")) == ["c.csv:4:title: empty"]


def test_trailing_empty_fields_are_fine(tmp_path):
    assert len(Catalog.load(write(tmp_path, "id,title\n1,One,,\n2,Two,\n"))) == 2


def test_nothing_good_is_left_to_skip_to(tmp_path):
    assert problems_of(write(tmp_path, "id,title\n1,\n"), skip_bad_rows=True) == ["c.csv:2:title: empty"]


@pytest.mark.parametrize("name", ["c.csv", "c.jsonl", "c.tsv", "c.csv.gz"])
def test_an_empty_file(tmp_path, name):
    assert problems_of(write(tmp_path, b"", name)) == [f"{name}: the file is empty"]


@pytest.mark.parametrize("text", ["\n \n", "\ufeff", ","])
def test_a_file_as_good_as_empty(tmp_path, text):
    assert problems_of(write(tmp_path, text)) == ["c.csv: the file is empty"]


def test_a_header_alone(tmp_path):
    assert problems_of(write(tmp_path, "id,title\n")) == ["c.csv: no items"]


def test_missing_columns_and_what_may_be_meant(tmp_path):
    path = write(tmp_path, "sku,titel,year\n1,One,1999\n")
    assert problems_of(path) == [
        "c.csv: no column 'id' (is it 'sku'?)",
        "c.csv: no column 'title' (is it 'titel'?)",
    ]
    with pytest.raises(CatalogError, match="columns: sku, titel, year"):
        Catalog.load(path)


def test_a_mapped_column_that_is_not_there(tmp_path):
    path = write(tmp_path, "id,name\n1,One\n")
    assert problems_of(path, columns={"title": "nome"}) == ["c.csv: no column 'nome' (is it 'name'?)"]


def test_missing_columns_of_json(tmp_path):
    path = write(tmp_path, '{"id": 1, "name": "One"}\n{"id": 2, "name": "Two"}\n', "c.jsonl")
    assert problems_of(path) == ["c.jsonl: no column 'title' (is it 'name'?)"]


def test_a_column_there_twice(tmp_path):
    assert problems_of(write(tmp_path, "id,title,title\n1,One,Eins\n")) == [
        "c.csv: column 'title' is there 2 times"
    ]


def test_text_that_is_not_utf8(tmp_path):
    text = 'id,title\n1,Amélie\n2,Plain\n3,"Two\nÉtés"\n4,'.encode("latin-1")
    assert problems_of(write(tmp_path, text + "Bêta\n".encode())) == [
        "c.csv:2: not UTF-8: byte 0xe9 at offset 13 of the file",
        "c.csv:5: not UTF-8: byte 0xc9 at offset 33 of the file",
    ]
    catalog = Catalog.load(tmp_path / "c.csv", skip_bad_rows=True)
    assert [item.title for item in catalog] == ["Plain", "Bêta"]


def test_the_offset_counts_the_byte_order_mark(tmp_path):
    text = b"\xef\xbb\xbfid,title\r\n1,\xc3\xa9\xff\r\n"
    assert problems_of(write(tmp_path, text)) == ["c.csv:2: not UTF-8: byte 0xff at offset 17 of the file"]
    assert text[17] == 0xFF


def test_a_header_that_is_not_utf8(tmp_path):
    problems = problems_of(write(tmp_path, "id,title,prix_été\n1,One,2\n".encode("latin-1")))
    assert problems == ["c.csv:1: not UTF-8: byte 0xe9 at offset 14 of the file"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("id,title\n1,One\n".encode("utf-16"), "UTF-16 text"),
        (b"PK\x03\x04....", "a ZIP archive or an Excel workbook"),
        (b"PAR1....", "a Parquet file"),
    ],
)
def test_files_of_another_format(tmp_path, content, what):
    assert problems_of(write(tmp_path, content)) == [f"c.csv: this is {what}"]


def test_a_quote_that_never_closes(tmp_path):
    assert problems_of(write(tmp_path, 'id,title\n1,One\n2,"Two\n3,Three\n')) == [
        "c.csv:3: broken CSV: unexpected end of data; is a quote never closed?"
    ]


def test_a_field_without_end(tmp_path):
    path = write(tmp_path, f"id,title\n1,{'x' * 200_000}\n2,Two\n")
    (problem,) = problems_of(path)
    assert problem.startswith("c.csv:2: broken CSV: field larger than field limit")
    assert [item.id for item in Catalog.load(path, skip_bad_rows=True)] == ["2"]


def test_a_quote_in_the_middle_is_just_text(tmp_path):
    (item,) = Catalog.load(write(tmp_path, 'id,title\n1,12" vinyl\n'))
    assert item.title == '12" vinyl'


def test_a_quote_that_closes_too_early(tmp_path):
    (problem,) = problems_of(write(tmp_path, 'id,title\n1,"One" more\n2,Two\n'))
    assert problem.startswith("c.csv:2: broken CSV: ")


@pytest.mark.parametrize(
    "broken",
    [b"\x1f\x8b\x08rubbish", gzip.compress(b"id,title\n1,One\n" * 999)[:-20]],
    ids=["rubbish", "cut off"],
)
def test_a_broken_gzip_file(tmp_path, broken):
    (problem,) = problems_of(write(tmp_path, broken, "c.csv.gz"))
    assert problem.startswith("c.csv.gz: cannot be read: ")


def test_a_broken_parquet_file(tmp_path):
    (problem,) = problems_of(write(tmp_path, b"PAR1 but no more", "c.parquet"))
    assert problem.startswith("c.parquet: not a Parquet file: ")


def test_every_problem_of_json_lines(tmp_path):
    lines = [
        '{"id": "1", "title": "One"}',
        '{"id": "2", "title": "Two"',
        "[1, 2]",
        '{"id": "3", "title": ["Three"]}',
        '{"id": "4", "title": "Four", "year": true, "popularity": "NaN"}',
        '{"id": "5", "title": "Five", "categories": [["A"]]}',
        '{"id": "6", "title": "half \\ud83d pair"}',
        '{"id": "7", "title": "whole \\ud83d\\ude00 pair"}',
        '{"id": null, "title": "  "}',
        '{"year": 1999}',
        f'{{"id": 11, "title": "Eleven", "popularity": 1{"0" * 400}}}',
        "[" * 100_000,
    ]
    path = write(tmp_path, "\n".join(lines), "c.jsonl")
    assert [p for p in problems_of(path) if "not JSON:" not in p] == [
        "c.jsonl:3: not a JSON object: [1, 2]",
        "c.jsonl:7: half of a surrogate pair in a \\u escape",
        "c.jsonl:4:title: ['Three'] is not text",
        "c.jsonl:5:year: True is not a year",
        "c.jsonl:5:popularity: 'NaN' is not a number",
        "c.jsonl:6:categories: [['A']] is neither a list nor text",
        "c.jsonl:9:id: missing",
        "c.jsonl:9:title: empty",
        "c.jsonl:10:id: missing",
        "c.jsonl:10:title: empty",
        f"c.jsonl:11:popularity: 1{'0' * 38}... is not a number",
    ]
    assert [p.split(": not JSON:")[0] for p in problems_of(path) if "not JSON:" in p] == [
        "c.jsonl:2",
        "c.jsonl:12",
    ]
    assert [i.id for i in Catalog.load(path, skip_bad_rows=True)] == ["1", "7"]


def test_long_values_are_clipped(tmp_path):
    (problem,) = problems_of(write(tmp_path, f"id,title,year\n1,One,{'y' * 500}\n"))
    assert problem == f"c.csv:2:year: '{'y' * 38}...' is not a year"


LOG = """user_id,item_id,event,value,timestamp
u,1,view,,1700000000
u,9,view,,1700000000
u,1,bought,,1700000000
u,1,view,,yesterday
u,1,view,,1700000000000
u,1,rate,,1700000000
u,1,rate,good,1700000000
,,like,,
u,1
u,2,like,,2026-01-01
"""


def test_every_problem_of_interactions(tmp_path):
    catalog = write(tmp_path, "id,title,year\n1,One,1999\n2,Two,MM\n", "catalog.csv")
    log = write(tmp_path, LOG, "interactions.csv")
    assert problems_of(catalog, interactions=log) == [
        "catalog.csv:3:year: 'MM' is not a year",
        "interactions.csv:3:item_id: no item with id '9' in the catalog",
        "interactions.csv:4:event: 'bought' is none of view, click, like, dislike, rate, purchase",
        "interactions.csv:5:timestamp: 'yesterday' is neither Unix seconds nor an ISO 8601 time",
        "interactions.csv:6:timestamp: '1700000000000' is not in Unix seconds",
        "interactions.csv:7:value: missing, and a rate event needs it",
        "interactions.csv:8:value: 'good' is not a number",
        "interactions.csv:9:user_id: missing",
        "interactions.csv:9:item_id: missing",
        "interactions.csv:10: 2 fields where the header has 5",
    ]


def test_events_of_skipped_items_are_skipped(tmp_path):
    write(tmp_path, "id,title,year\n1,One,1999\n2,Two,MM\n", "catalog.csv")
    write(tmp_path, LOG, "interactions.csv")
    catalog = Catalog.load(tmp_path, skip_bad_rows=True)
    assert [(i.item_id, i.timestamp) for i in catalog.interactions] == [("1", 1700000000.0)]
    assert len(catalog.skipped) == 1 + 9
    assert catalog.skipped[-1].endswith("interactions.csv:11: item_id: no item with id '2' in the catalog")


def test_unreadable_interactions_do_not_hide_bad_items(tmp_path):
    catalog = write(tmp_path, "id,title\n1,\n", "catalog.csv")
    log = write(tmp_path, "user,item,event\nu,1,view\n", "interactions.csv")
    assert problems_of(catalog, interactions=log) == [
        "catalog.csv:2:title: empty",
        "interactions.csv: no column 'user_id' (is it 'user'?)",
        "interactions.csv: no column 'item_id' (is it 'item'?)",
    ]
    (_, missing) = problems_of(catalog, interactions=tmp_path / "log.csv")
    assert missing == "log.csv: no such file"


def test_a_check_reports_and_does_not_raise(tmp_path):
    check = check_catalog(write(tmp_path, BAD_CSV))
    assert (check.sound, len(check.problems), check.info) == (False, 9, None)
    skipping = check_catalog(tmp_path / "c.csv", skip_bad_rows=True)
    assert (skipping.sound, len(skipping.problems), skipping.info.items) == (False, 8, 2)
    missing = check_catalog(tmp_path / "d.csv")
    assert missing.problems == (f"{tmp_path}/d.csv: no such file",)
    assert json.loads(json.dumps(missing.to_json()))["sound"] is False


def test_a_catalog_made_by_hand_is_checked_too():
    from agent.catalog import Item

    with pytest.raises(CatalogError) as caught:
        Catalog([Item("1", "One"), Item("", "Two"), Item("1", " ")], name="mine")
    assert caught.value.problems == (
        "mine:2:id: missing",
        "mine:3:id: '1' is also in row 1",
        "mine:3:title: empty",
    )
    with pytest.raises(CatalogError, match="no items"):
        Catalog([])
