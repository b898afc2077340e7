import json

import numpy as np
import pytest

from agent.catalog import Catalog, Item
from agent.dialogues import PastDialogue, load_dialogues, select_examples
from agent.errors import CatalogError
from prompts import Message

CATALOG = Catalog([Item("1", "Orchard"), Item("2", "Lantern"), Item("3", "Harbour")], name="tiny")
LINE = {
    "id": "d1",
    "turns": [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "hello"},
        {"role": "user", "content": "I liked Harbour"},
        {"role": "assistant", "content": "try Orchard"},
        {"role": "user", "content": "no"},
        {"role": "assistant", "content": "then Lantern"},
    ],
    "items": [
        {"id": "2", "turn": 5, "by": "assistant", "attitude": 1},
        {"id": "3", "turn": 2, "by": "user", "attitude": 2},
        {"id": "1", "turn": 3, "by": "assistant", "attitude": None},
        {"id": "9", "turn": 5, "by": "assistant", "attitude": None},
    ],
}


def write(path, *lines):
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), "utf-8")
    return path


def past(id_: str, text: str, *labels: str) -> PastDialogue:
    return PastDialogue(id_, (Message("user", text),), labels or ("T",))


def test_a_dialogue_is_cut_before_its_first_recommendation(tmp_path):
    (dialogue,) = load_dialogues(write(tmp_path / "m.jsonl", LINE, ""), CATALOG)
    assert dialogue.id == "d1"
    assert [turn.content for turn in dialogue.turns] == ["hi", "hello", "I liked Harbour"]
    assert dialogue.item_labels == ("Orchard", "Lantern")


def test_what_was_turned_down_is_no_answer(tmp_path):
    items = [{"id": "1", "turn": 3, "by": "assistant", "attitude": -1}, LINE["items"][0]]
    (dialogue,) = load_dialogues(write(tmp_path / "m.jsonl", {**LINE, "items": items}), CATALOG)
    assert dialogue.item_labels == ("Lantern",)
    assert len(dialogue.turns) == 3


def test_dialogues_without_a_recommendation_are_left_out(tmp_path):
    bare = {**LINE, "id": "d2", "items": [LINE["items"][1]]}
    first = {**LINE, "id": "d3", "items": [{"id": "1", "turn": 0, "by": "assistant", "attitude": None}]}
    found = load_dialogues(write(tmp_path / "m.jsonl", bare, LINE, first), CATALOG)
    assert [dialogue.id for dialogue in found] == ["d1"]
    assert load_dialogues(write(tmp_path / "e.jsonl"), CATALOG) == ()


def with_item(**changes):
    return {**LINE, "items": [{**LINE["items"][0], **changes}]}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ({"id": 1, "turns": []}, "no 'items'"),
        ({**LINE, "turns": {}}, "'turns' is not a list"),
        ({**LINE, "turns": ["hi"]}, "turns[0] has no text 'content'"),
        ({**LINE, "turns": [{"role": "bot", "content": ""}]}, "turns[0] has the role 'bot'"),
        ({**LINE, "items": [{}]}, "items[0] has no 'id'"),
        (with_item(turn=6), "items[0] is of turn 6, of 6 turns"),
        (with_item(turn="1"), "items[0] is of turn '1'"),
        (with_item(by="me"), "items[0] is by 'me'"),
        (with_item(attitude=3), "items[0] has the attitude 3"),
    ],
)
def test_broken_lines_are_named(tmp_path, line, problem):
    path = write(tmp_path / "m.jsonl", LINE, line)
    with pytest.raises(CatalogError) as caught:
        load_dialogues(path, CATALOG)
    assert caught.value.problems[0].startswith(f"{path}:2: ")
    assert problem in str(caught.value)


def test_all_broken_lines_are_reported_together(tmp_path):
    with pytest.raises(CatalogError, match="2 broken lines") as caught:
        load_dialogues(write(tmp_path / "m.jsonl", "x", LINE, "[]"), CATALOG)
    assert len(caught.value.problems) == 2


def test_other_files_are_refused(tmp_path):
    with pytest.raises(CatalogError, match="No such file"):
        load_dialogues(tmp_path / "none.jsonl", CATALOG)
    with pytest.raises(CatalogError, match="none of the 1 past dialogues recommends an item of tiny"):
        load_dialogues(write(tmp_path / "m.jsonl", with_item(id="77")), CATALOG)
    (tmp_path / "b.jsonl").write_bytes(b"\xff\xfe{")
    with pytest.raises(CatalogError, match="not UTF-8"):
        load_dialogues(tmp_path / "b.jsonl", CATALOG)


POOL = [
    past("a", "a film about lighthouses and the sea", "Sea"),
    past("b", "something with robots in space", "Robots"),
    past("c", "quiet sea film about old lighthouses", "Old Sea"),
    past("d", "想看关于大海的电影", "大海"),
]


def test_the_most_similar_comes_last():
    examples = select_examples(POOL, "any film about old lighthouses?", 2)
    assert [example.titles for example in examples] == [("Sea",), ("Old Sea",)]
    assert examples[1].dialogue == POOL[2].turns
    assert select_examples(POOL, "大海", 1)[0].titles == ("大海",)


def test_the_dialogue_in_question_is_never_shown():
    examples = select_examples(POOL, POOL[2].turns[0].content, 4, exclude_id="c")
    assert [example.titles for example in examples][-1] == ("Sea",)
    assert ("Old Sea",) not in [example.titles for example in examples]
    assert len(examples) == 3


@pytest.mark.parametrize("query", ["", "zzz", "?!"])
def test_there_are_examples_for_any_query(query):
    assert [e.titles for e in select_examples(POOL, query, 2)] == [("Robots",), ("Sea",)]


def test_no_examples_where_there_are_none():
    assert select_examples([], "film", 2) == ()
    assert select_examples(POOL, "film", 0) == ()
    silent = [PastDialogue("x", (Message("user", "?"),), ("T",))]
    assert len(select_examples(silent, "film", 2)) == 1


def test_embeddings_are_compared_where_there_is_an_encoder():
    calls = []

    def encode(texts):
        calls.append(len(texts))
        return np.array([[1.0, 0.0] if "robots" in text else [0.0, 1.0] for text in texts], dtype=np.float32)

    for _ in range(2):
        assert select_examples(POOL, "robots", 1, encode=encode)[0].titles == ("Robots",)
    assert calls == [4, 1, 1]
