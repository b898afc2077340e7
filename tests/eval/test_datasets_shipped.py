import gzip
import re
from pathlib import Path

import pytest

import eval.datasets as datasets
from eval.datasets import DATASETS, load_dataset, shipped
from eval.errors import DatasetError

DATA = Path(datasets.__file__).parent / "data"
FOLDS = range(5)


@pytest.fixture(scope="module")
def redial():
    return [load_dataset("redial", fold=fold) for fold in FOLDS]


@pytest.fixture(scope="module")
def tools():
    return load_dataset("tools")


def test_every_set_has_a_licence_a_credit_and_a_checksum(redial, tools):
    for data in (redial[0], tools, load_dataset("recipes"), load_dataset("movies-history")):
        info = DATASETS[data.name]
        assert (data.licence, data.credit, data.task) == (info.licence, info.credit, info.task)
        assert data.licence
        assert data.credit
        assert re.fullmatch(r"[0-9a-f]{16}", data.checksum)


def test_packaged_files_are_small_and_keep_their_licences():
    for folder in DATA.iterdir():
        assert (folder / "LICENSE.txt").stat().st_size > 200
        assert all(path.stat().st_size < 4 * 2**20 for path in folder.iterdir())


def test_damaged_data_are_refused(monkeypatch, tmp_path):
    for path in (DATA / "recipes").iterdir():
        (tmp_path / "recipes").mkdir(exist_ok=True)
        content = path.read_bytes()
        if path.name == "catalog.csv.gz":
            content = gzip.compress(gzip.decompress(content).replace(b"oyster", b"turnip"))
        (tmp_path / "recipes" / path.name).write_bytes(content)
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    with pytest.raises(DatasetError, match="the package is damaged"):
        load_dataset("recipes")


def test_redial_folds_share_no_dialogue_and_no_people(redial):
    asked = [{question.cluster for question in data.questions} for data in redial]
    assert sum(map(len, asked)) == len(set.union(*asked)) == 624
    assert all(124 <= len(dialogues) <= 125 for dialogues in asked)
    for data, dialogues in zip(redial, asked, strict=True):
        assert not dialogues & {dialogue.id for dialogue in data.memory}
        assert all(data.fold not in dialogue.groups for dialogue in data.memory)
    assert [len(data.memory) for data in redial] == [638, 692, 689, 676, 633]


def test_redial_asks_for_new_items(redial):
    questions = [question for data in redial for question in data.questions]
    assert len(questions) == 1858
    assert sum(bool(question.targets) for question in questions) == 1738
    assert sum(len(question.targets) for question in questions) == 2238
    assert not any(set(question.targets) & set(question.mentioned) for question in questions)
    assert not any(data.unknown_targets for data in redial)
    assert len(redial[0].catalog) == 6924


def test_redial_is_written_in_titles_without_ids_of_people(redial):
    text = gzip.decompress((DATA / "redial" / "memory.jsonl.gz").read_bytes()).decode()
    assert not re.search(r"worker|@\d{4,}", text, re.IGNORECASE)
    keys = set(re.findall(r'"(\w+)":', text))
    assert keys == {"id", "turns", "role", "content", "items", "turn", "by", "attitude", "groups"}


def test_redial_popularity_is_counted_in_the_memory_alone(redial):
    data = redial[0]
    item = max(data.catalog, key=lambda item: item.popularity)
    assert item.popularity == sum(item.id in {said.item_id for said in d.items} for d in data.memory)


def test_tools_ask_for_packages_of_lists_that_are_no_items(tools):
    asked = {question.cluster for question in tools.questions}
    lists = asked | {dialogue.id for dialogue in tools.memory}
    assert (len(asked), len(lists)) == (34, 168)
    assert not lists & {item.id for item in tools.catalog}
    assert not tools.unknown_targets
    assert all(question.request and not question.mentioned for question in tools.questions)
    assert all(len(question.targets) >= 5 for question in tools.questions)


def test_lists_of_one_source_share_a_fold(tools):
    groups = {question.cluster: (tools.fold,) for question in tools.questions}
    groups |= {dialogue.id: dialogue.groups for dialogue in tools.memory}
    for family in ("games-", "junior-", "med-", "debichem-"):
        assert len({group for name, group in groups.items() if name.startswith(family)}) == 1


def test_recipes_are_in_an_order_that_says_nothing():
    data = load_dataset("recipes")
    assert len(data) == 249
    assert all(question.options == tuple(sorted(question.options)) for question in data.questions)
    assert all(len(question.options) == 5 and len(question.targets) == 1 for question in data.questions)
    assert [item.id for item in data.catalog] == sorted(item.id for item in data.catalog)
    places = [question.options.index(question.targets[0]) for question in data.questions]
    assert max(places.count(place) for place in range(5)) < 0.3 * len(data)
    assert sum("Negated" in question.slices for question in data.questions) == 56


def test_movies_history_learns_nothing_from_the_future():
    data, validation = load_dataset("movies-history"), load_dataset("movies-history", fold="validation")
    cut = max(event.timestamp for event in data.catalog.interactions)
    assert len(data) == 1858
    for question in data.questions:
        assert max(event.timestamp for event in question.history) <= cut
        assert min(event.timestamp for event in question.later) > cut
        assert not set(question.targets) & set(question.known)
    assert sum(item.popularity for item in data.catalog) == len(data.catalog.interactions) == 90_000
    assert "rating" not in data.catalog.attribute_names  # it is the mean over all ratings, later ones too
    assert len(validation.catalog.interactions) == 80_000
    assert validation.checksum == data.checksum


def test_a_name_that_is_nearly_right_is_guessed():
    with pytest.raises(DatasetError, match="did you mean 'redial'"):
        load_dataset("reddial")
    with pytest.raises(DatasetError, match=r"there is no fold 5\. folds: 0, 1, 2, 3, 4"):
        load_dataset("redial", fold=5)
