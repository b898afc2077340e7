import pytest

from eval.datasets import load_dataset
from eval.errors import DatasetError

datasets = pytest.importorskip("datasets")

ROWS = [
    {"ask": "A crime film", "gold": "Heat", "choices": ["Heat", "Up"], "no": 4},
    {"ask": "Balloons", "gold": "Up", "choices": ["Up", "Alien"], "no": 5},
]
COLUMNS = {"context": "ask", "targets": "gold"}


@pytest.fixture
def table():
    return datasets.Dataset.from_list(ROWS)


def test_rows_by_a_column_map(table):
    data = load_dataset(table, columns={**COLUMNS, "options": "choices", "id": "no"}, kind="film")
    assert (data.task, data.catalog.kind) == ("choice", "film")
    first, second = data.questions
    assert (first.id, first.request, first.targets, first.options) == (
        "4",
        "A crime film",
        ("Heat",),
        ("Heat", "Up"),
    )
    assert second.targets == ("Up",)
    assert [(item.id, item.title) for item in data.catalog] == [
        ("Alien", "Alien"),
        ("Heat", "Heat"),
        ("Up", "Up"),
    ]


def test_rows_without_ids_are_numbered_and_a_catalog_may_be_given(table, films):
    data = load_dataset(table, columns=COLUMNS, catalog=films, limit=1)
    assert (data.task, len(data.catalog), data.questions[0].id) == ("conversation", 16, "1")
    # Its ids are lower case, so that the titles are no items of it.
    assert load_dataset(table, columns=COLUMNS, catalog=films).unknown_targets == ("Heat", "Up")


def test_a_folder_that_the_library_wrote(table, tmp_path):
    datasets.DatasetDict({"train": table, "test": table.select([1])}).save_to_disk(str(tmp_path / "saved"))
    data = load_dataset(tmp_path / "saved", columns=COLUMNS, split="test")
    assert [question.request for question in data.questions] == ["Balloons"]
    assert data.name == "saved"
    with pytest.raises(DatasetError, match=r"it has several splits\. choose one of train, test"):
        load_dataset(tmp_path / "saved", columns=COLUMNS)


def test_the_checksum_hangs_on_the_rows_and_the_columns(table):
    one = load_dataset(table, columns=COLUMNS).checksum
    assert load_dataset(table, columns=COLUMNS, limit=1).checksum == one
    assert load_dataset(table.select([1, 0]), columns=COLUMNS).checksum != one
    assert load_dataset(table, columns={**COLUMNS, "options": "choices"}).checksum != one


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({}, "it has no column 'context' and no 'targets'.*its columns: ask, gold, choices, no"),
        ({"context": "question", "targets": "gold"}, "it has no column 'question'"),
        ({"context": "ask", "target": "gold"}, "there is no column 'target' of ours"),
        ({"context": "no", "targets": "gold"}, "data set:1:context: input should be a valid list, not 4"),
    ],
)
def test_wrong_columns_are_named(table, columns, message):
    with pytest.raises(DatasetError, match=message):
        load_dataset(table, columns=columns)


def test_what_is_no_data_set_is_refused(table):
    with pytest.raises(DatasetError, match="a int is no data set"):
        load_dataset(5)
