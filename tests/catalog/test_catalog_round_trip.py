"""What is written is what is loaded."""

import csv
import io
import json
import unicodedata
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.catalog import Catalog, Item, check_catalog


def is_kept(text):
    return text == " ".join(text.split()) and not any(unicodedata.category(c) in ("Cc", "Cs") for c in text)


lines = st.text(min_size=1, max_size=20).filter(is_kept)
prose = st.lists(lines, min_size=1, max_size=3).map("\n".join)
words = lines.filter(lambda text: "|" not in text)
# A text attribute must not look like a number or a list, or CSV would make it one.
remarks = st.from_regex(r"[a-z]{2}[a-z ,;\"'\t]{0,10}[a-z]", fullmatch=True)

item_fields = st.fixed_dictionaries(
    {
        "title": lines,
        "year": st.none() | st.integers(-9999, 9999),
        "description": st.none() | prose,
        "categories": st.lists(words, max_size=3, unique=True).map(tuple),
        "popularity": st.integers(0, 10**6).map(float),
        "url": st.none() | lines,
        "attributes": st.fixed_dictionaries(
            {},
            optional={
                "price": st.integers(-(10**9), 10**9).map(lambda n: n / 100),
                "stock": st.integers(-(10**6), 10**6),
                "remark": remarks,
                "tags": st.lists(words, min_size=2, max_size=3, unique=True).map(tuple),
            },
        ),
    }
)


@st.composite
def item_lists(draw):
    rows = draw(st.lists(item_fields, min_size=1, max_size=5))
    ids = draw(st.lists(lines, min_size=len(rows), max_size=len(rows), unique=True))
    return [Item(id=item_id, **row) for item_id, row in zip(ids, rows, strict=True)]


COLUMNS = (
    "id", "title", "year", "description", "categories", "popularity", "url", "price", "stock", "remark",
    "tags",
)  # fmt: skip


def cell(value):
    return "|".join(value) if isinstance(value, tuple) else "" if value is None else value


def as_csv(items, folder):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([cell(item.get(name)) for name in COLUMNS] for item in items)
    path = folder / f"{next(FILES)}.csv"
    path.write_bytes(text.getvalue().encode())
    return path


def row(item):
    return {name: list(v) if isinstance(v := item.get(name), tuple) else v for name in COLUMNS}


def as_jsonl(items, folder):
    path = folder / f"{next(FILES)}.jsonl"
    path.write_text("".join(f"{json.dumps(row(item))}\n" for item in items))
    return path


def as_parquet(items, folder):
    path = folder / f"{next(FILES)}.parquet"
    pq.write_table(pa.Table.from_pylist([row(item) for item in items]), path)
    return path


FILES = count()
FOLDER = TemporaryDirectory()


@settings(max_examples=60, deadline=None)
@given(item_lists())
def test_round_trip(items):
    for write in (as_csv, as_jsonl, as_parquet):
        path = write(items, Path(FOLDER.name))
        catalog = Catalog.load(path)
        assert list(catalog) == items
        assert catalog.fingerprint == Catalog(items).fingerprint
        path.unlink()


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_reported(junk):
    path = Path(FOLDER.name) / f"{next(FILES)}.csv"
    path.write_bytes(b"id,title,year\n1,One,1999\n" + junk)
    check = check_catalog(path)
    catalog = Catalog.load(path, skip_bad_rows=True)
    assert catalog.item("1").title == "One"
    assert (check.info is None) == bool(check.problems) == bool(catalog.skipped)
    path.unlink()


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["X", "x", "X [1]", "X [1] [2]", "É", "E"]), st.none() | st.just(1)),
        min_size=1,
    )
)
def test_labels_are_unique(titles):
    catalog = Catalog([Item(str(n), title, year) for n, (title, year) in enumerate(titles)])
    labels = [catalog.label(item) for item in catalog]
    assert len(set(labels)) == len(labels)
    for item, label in zip(catalog, labels, strict=True):
        assert label.startswith(item.title)
