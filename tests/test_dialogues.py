import gzip
import json

import pytest

from agent.catalog import Catalog, Item
from agent.dialogues import dialogues_of, load_dialogues
from agent.errors import CatalogError

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


def test_a_dialogue_is_read_whole(tmp_path):
    (dialogue,) = load_dialogues(write(tmp_path / "m.jsonl", LINE, ""), CATALOG)
    assert dialogue.id == "d1"
    assert [turn.content for turn in dialogue.turns][-1] == "then Lantern"
    assert dialogue.recommended(5) == ("2", "9")
    assert dialogue.said_before(5) == ("3", "1")
    assert [turn.content for turn in dialogue.opening] == ["hi", "hello", "I liked Harbour"]
    assert dialogue.welcome == ("1", "2", "9")


def test_what_was_turned_down_is_not_welcome(tmp_path):
    items = [{"id": "1", "turn": 3, "by": "assistant", "attitude": -1}, LINE["items"][0]]
    (dialogue,) = load_dialogues(write(tmp_path / "m.jsonl", {**LINE, "items": items}), CATALOG)
    assert dialogue.welcome == ("2",)
    assert len(dialogue.opening) == 3


def test_an_empty_file_holds_no_dialogues(tmp_path):
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
    with pytest.raises(CatalogError, match="none of the 1 past dialogues names an item of tiny"):
        load_dialogues(
            write(tmp_path / "m.jsonl", {**LINE, "items": [{**LINE["items"][0], "id": "77"}]}), CATALOG
        )
    (tmp_path / "b.jsonl").write_bytes(b"\xff\xfe{")
    with pytest.raises(CatalogError, match="not UTF-8"):
        load_dialogues(tmp_path / "b.jsonl", CATALOG)


def test_gzipped_files_are_read_and_damaged_ones_refused(tmp_path):
    whole = gzip.compress(write(tmp_path / "m.jsonl", LINE).read_bytes())
    (tmp_path / "m.jsonl.gz").write_bytes(whole)
    assert load_dialogues(tmp_path / "m.jsonl.gz", CATALOG) == load_dialogues(tmp_path / "m.jsonl", CATALOG)
    for damaged in (whole[:-9], b"no gzip"):
        (tmp_path / "d.jsonl.gz").write_bytes(damaged)
        with pytest.raises(CatalogError):
            load_dialogues(tmp_path / "d.jsonl.gz", CATALOG)


def test_the_embedded_movies_come_with_dialogues():
    movies = Catalog.load("movies")
    dialogues = dialogues_of(movies)
    assert len(dialogues) > 800
    assert all(item.item_id in movies for dialogue in dialogues for item in dialogue.items)
    assert dialogues_of(CATALOG) == ()
