import csv
import gzip
import json
from collections import Counter

import pytest
from dataset_files import CATALOG, MEMORY, QUESTIONS, item, says, write_folder, write_lines

from agent.errors import CatalogError
from eval.datasets import export_folder, load_dataset
from eval.errors import DatasetError
from prompts import Message


def test_a_folder_of_conversations(tmp_path):
    data = load_dataset(write_folder(tmp_path / "films"))
    assert (data.name, data.task, len(data), len(data.catalog)) == ("films", "conversation", 3, 5)
    second = data.questions[1]
    assert (second.cluster, second.request) == ("d1", "Seen it")
    assert second.earlier == (Message("user", "I liked Alien"), Message("assistant", "Aliens?"))
    assert (second.mentioned, second.targets, second.repeated) == (
        ("alien", "aliens"),
        ("heat", "gone"),
        ("alien",),
    )
    assert data.unknown_targets == ("gone",)


def test_dialogues_that_are_asked_about_are_not_in_the_memory(tmp_path):
    data = load_dataset(write_folder(tmp_path / "films"))
    assert [dialogue.id for dialogue in data.memory] == ["m1", "m2"]
    # Dialogues that name an item, not mentions: Heat is said twice in m1.
    assert data.counts == {"heat": 1, "drive": 1, "alien": 1, "aliens": 1}
    assert [i.popularity for i in data.catalog] == [1, 1, 1, 1, 0]


def test_turns_of_one_speaker_in_a_row_are_one(tmp_path):
    context = [
        *says("Hi", "Hello"),
        {"role": "user", "content": "A film"},
        {"role": "user", "content": "please"},
    ]
    questions = [{"id": "q", "context": context, "targets": ["up"]}]
    (question,) = load_dataset(write_folder(tmp_path / "x", questions=questions)).questions
    assert question.request == "A film\nplease"
    assert question.cluster == "q"


def test_folds_by_group(tmp_path):
    memory = [{**line, "groups": groups} for line, groups in zip(MEMORY, ([0], [0, 1], [1]), strict=True)]
    folder = write_folder(tmp_path / "films", questions=None, memory=memory)
    first, second = load_dataset(folder), load_dataset(folder, fold=1)
    assert (first.fold, first.folds, second.fold) == (0, (0, 1), 1)
    # m2 has people of both folds: it is never asked about, and here it is in neither memory.
    assert [q.id for q in first.questions] == ["m1-1"]
    assert [d.id for d in first.memory] == ["d1"]
    assert [q.id for q in second.questions] == ["d1-1"]
    assert [d.id for d in second.memory] == ["m1"]
    question = first.questions[0]
    assert (question.targets, question.mentioned, question.repeated) == (("heat", "drive"), (), ())
    assert question.context == (Message("user", "A crime film?"),)
    assert first.checksum == second.checksum
    with pytest.raises(DatasetError, match="there is no fold 2"):
        load_dataset(folder, fold=2)


def test_a_turn_names_new_and_repeated_items_apart(tmp_path):
    turns = says("Alien!", "Alien, Aliens", "ok", "Aliens", "bye", "bye")
    items = [item("alien", 0, "user"), item("alien", 1), item("aliens", 1), item("aliens", 3)]
    dialogue = {"id": "d", "groups": [0], "turns": turns, "items": items}
    first, second = load_dataset(write_folder(tmp_path / "x", questions=None, memory=[dialogue])).questions
    assert (first.targets, first.repeated, first.mentioned) == (("aliens",), ("alien",), ("alien",))
    assert (second.targets, second.repeated) == ((), ("aliens",))
    assert second.mentioned == ("alien", "aliens")
    assert len(second.context) == 3


def test_options_make_a_choice(tmp_path):
    questions = [
        {
            "id": "1",
            "context": "A crime film",
            "targets": ["heat"],
            "options": ["heat", "up"],
            "slices": ["easy"],
        }
    ]
    folder = write_folder(tmp_path / "x", questions=questions, memory=None)
    data = load_dataset(folder)
    assert data.task == "choice"
    assert data.questions[0].options == ("heat", "up")
    assert data.questions[0].slices == ("easy",)
    write_folder(folder, questions=[{**questions[0], "options": ["heat", "gone"]}], memory=None)
    with pytest.raises(
        DatasetError, match=r"conversations\.jsonl: question '1': options: 'gone' is not in the catalog"
    ):
        load_dataset(folder)


def test_titles_to_ground(tmp_path):
    folder = write_folder(tmp_path / "x", questions=None, memory=None)
    (folder / "titles.csv").write_text(
        "text,item_id,kind\nThe Alien,alien,article\nNobody's Film,,\n", "utf-8"
    )
    data = load_dataset(folder)
    first, second = data.questions
    assert data.task == "grounding"
    assert (first.text, first.targets, first.slices) == (
        "The Alien",
        ("alien",),
        ("title in the catalog", "article"),
    )
    assert (second.targets, second.slices) == ((), ("title not in the catalog",))


def test_popularity_of_the_catalog_stays_where_it_has_one(tmp_path):
    catalog = "id,title,popularity\nalien,Alien,7\naliens,Aliens,0\nheat,Heat,3\ndrive,Drive,1\nup,Up,9\n"
    data = load_dataset(write_folder(tmp_path / "x", catalog=catalog))
    assert [i.popularity for i in data.catalog] == [7, 0, 3, 1, 9]
    assert data.counts == {"heat": 1, "drive": 1, "alien": 1, "aliens": 1}


def test_the_checksum_hangs_on_every_byte_but_not_on_compression(tmp_path):
    first = write_folder(tmp_path / "a")
    second = write_folder(tmp_path / "b", catalog=CATALOG.replace("1995", "1996"))
    third = write_folder(tmp_path / "c")
    plain = third / "memory.jsonl"
    (third / "memory.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    (third / "notes.txt").write_text("not part of the set")
    sums = [load_dataset(folder).checksum for folder in (first, second, third)]
    assert sums[0] == sums[2] != sums[1]
    assert load_dataset(first, limit=1).checksum == sums[0]


def test_what_is_wrong_with_a_folder_is_said(tmp_path):
    with pytest.raises(DatasetError, match="no such folder"):
        load_dataset(tmp_path / "gone")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(CatalogError):
        load_dataset(empty)
    folder = write_folder(tmp_path / "x", questions=None, memory=None)
    with pytest.raises(DatasetError, match="nothing to ask about"):
        load_dataset(folder)
    write_lines(folder / "memory.jsonl", MEMORY)
    with pytest.raises(DatasetError, match="its dialogues have no groups"):
        load_dataset(folder)
    with pytest.raises(DatasetError, match="this set has no folds"):
        load_dataset(write_folder(folder), fold=1)


@pytest.mark.parametrize("option", ["limit", "sample"])
def test_no_questions_are_no_set(tmp_path, option):
    with pytest.raises(DatasetError, match=f"{option}=0 leaves no questions"):
        load_dataset(write_folder(tmp_path / "x"), **{option: 0})


def test_limits_and_samples(tmp_path):
    questions = [{"id": str(i), "context": "Hi", "targets": ["up"]} for i in range(40)]
    folder = write_folder(tmp_path / "x", questions=questions)
    other = write_folder(tmp_path / "y", questions=questions[::-1])

    def ids(folder, **options):
        return [question.id for question in load_dataset(folder, **options).questions]

    assert ids(folder, limit=3) == ["0", "1", "2"]
    ten = ids(folder, sample=10)
    assert len(ten) == 10
    assert ten == sorted(ten, key=int)  # in the set's order
    assert set(ten) < set(ids(folder, sample=20))
    assert set(ten) == set(ids(other, sample=10))
    assert set(ten) != set(ids(folder, sample=10, seed=1))
    assert ids(folder, sample=10, limit=2) == ten[:2]
    assert ids(folder, sample=99) == ids(folder)


def test_a_set_can_be_written_and_read_again(tmp_path):
    data = load_dataset(write_folder(tmp_path / "films"))
    export_folder(data, tmp_path / "out")
    again = load_dataset(tmp_path / "out")
    assert again.questions == data.questions
    assert again.memory == data.memory
    assert [(i.id, i.title, i.year, i.categories) for i in again.catalog] == [
        (i.id, i.title, i.year, i.categories) for i in data.catalog
    ]
    with pytest.raises(DatasetError, match="the folder is not empty"):
        export_folder(data, tmp_path / "out")


def test_a_folder_of_interactions_is_cut_by_time(tmp_path):
    folder = write_folder(tmp_path / "x", questions=None, memory=None)
    rows = [("u1", "alien", 9, t) for t in range(9)] + [("u1", "heat", 8, 9)]
    with (folder / "interactions.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["user_id", "item_id", "event", "value", "timestamp"])
        writer.writerows((user, item_id, "rate", value, time) for user, item_id, value, time in rows)
    data = load_dataset(folder)
    (question,) = data.questions
    assert (data.task, data.fold, question.targets) == ("history", "test", ("heat",))
    assert Counter(event.item_id for event in data.catalog.interactions) == {"alien": 9}
    assert [i.popularity for i in data.catalog] == [9, 0, 0, 0, 0]
    with pytest.raises(DatasetError, match="there is no fold 'train'"):
        load_dataset(folder, fold="train")


def test_questions_are_json_objects(tmp_path):
    folder = write_folder(tmp_path / "x")
    (folder / "conversations.jsonl").write_text(json.dumps(QUESTIONS), "utf-8")
    with pytest.raises(DatasetError, match=r"conversations\.jsonl:1: not a JSON object"):
        load_dataset(folder)
