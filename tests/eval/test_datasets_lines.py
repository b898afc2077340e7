import gzip
import json

import pytest

from eval.datasets.lines import ConversationLine, DialogueLine, read_lines, read_titles
from eval.errors import DatasetError

GOOD = {"id": "a", "context": [{"role": "user", "content": "Hi"}], "targets": ["x"]}


def written(tmp_path, *lines):
    path = tmp_path / "conversations.jsonl"
    path.write_text(
        "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines), "utf-8"
    )
    return path


def problems(tmp_path, *lines, model=ConversationLine):
    path = written(tmp_path, *lines)
    with pytest.raises(DatasetError) as caught:
        read_lines(path, model)
    return [problem.removeprefix(str(path)) for problem in caught.value.problems]


def test_numbers_are_ids_too_and_one_text_is_what_the_user_says(tmp_path):
    line = {"id": 7, "context": "Hi", "targets": 12, "mentioned": None, "another": "column"}
    (found,) = read_lines(written(tmp_path, line), ConversationLine)
    assert (found.id, found.targets, found.mentioned) == ("7", ["12"], [])
    assert found.context[0].model_dump() == {"role": "user", "content": "Hi"}


def test_a_gzipped_file_and_a_byte_order_mark_are_read(tmp_path):
    path = tmp_path / "conversations.jsonl.gz"
    path.write_bytes(gzip.compress("\ufeff".encode() + json.dumps(GOOD).encode() + b"\n\n"))
    assert read_lines(path, ConversationLine)[0].id == "a"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"targets": []}, ":2: no targets"),
        ({"targets": None, "repeated": []}, ":2: no targets"),
        ({"id": None}, ":2:id: input should be a valid string, not None"),
        ({"id": True}, ":2:id: input should be a valid string, not True"),
        ({"context": 5}, ":2:context: input should be a valid list, not 5"),
        (
            {"context": [{"role": "bot", "content": ""}]},
            ":2:context.0.role: input should be 'user' or 'assistant', not 'bot'",
        ),
        ({"context": [{"role": "user"}]}, ":2:context.0.content: missing"),
        ({"targets": [["x"]]}, ":2:targets.0: input should be a valid string"),
        ({"options": ["y", "z"]}, ":2: a target is not among the options"),
    ],
)
def test_a_broken_line_is_named_with_its_field(tmp_path, change, problem):
    found = problems(tmp_path, GOOD, {**GOOD, "id": "b", **change})
    assert found == [problem]


def test_all_problems_are_named_at_once(tmp_path):
    found = problems(tmp_path, GOOD, "{not json", "[1, 2]", {"id": "c"}, GOOD)
    assert found[0].startswith(":2: not JSON: ")
    assert found[1:] == [":3: not a JSON object", ":4:context: missing", ":5:id: 'a' is already in line 1"]


def test_bytes_that_are_no_text_are_named(tmp_path):
    path = tmp_path / "conversations.jsonl"
    path.write_bytes(json.dumps(GOOD).encode() + b'\n{"id": "\xff"}\n')
    with pytest.raises(DatasetError) as caught:
        read_lines(path, ConversationLine)
    assert caught.value.problems == (f"{path}:2: byte 8 of the line is not UTF-8",)


def test_files_without_lines_or_that_are_not_there(tmp_path):
    with pytest.raises(DatasetError, match="no lines"):
        read_lines(written(tmp_path), ConversationLine)
    with pytest.raises(DatasetError, match="cannot be read: No such file"):
        read_lines(tmp_path / "gone.jsonl", ConversationLine)
    broken = tmp_path / "broken.jsonl.gz"
    broken.write_bytes(gzip.compress(b"{}")[:-4])
    with pytest.raises(DatasetError, match="cannot be read"):
        read_lines(broken, ConversationLine)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"turn": 1}, ":1: item 'x' is of turn 1, of 1 turns"),
        ({"turn": -1}, ":1:items.0.turn: input should be greater than or equal to 0, not -1"),
        ({"attitude": 3}, ":1:items.0.attitude: input should be less than or equal to 2, not 3"),
        ({"by": "me"}, ":1:items.0.by: input should be 'user' or 'assistant', not 'me'"),
    ],
)
def test_a_broken_item_of_a_dialogue_is_named(tmp_path, change, problem):
    said = {"id": "x", "turn": 0, "by": "user", **change}
    line = {"id": "d", "turns": [{"role": "user", "content": "Hi"}], "items": [said]}
    assert problems(tmp_path, line, model=DialogueLine) == [problem]


def test_titles(tmp_path):
    path = tmp_path / "titles.csv"
    path.write_text("text,item_id,kind\nThe Alien,alien,article\nNobody's Film,,\n", "utf-8")
    first, second = read_titles(path)
    assert (first.text, first.item_id, first.kind) == ("The Alien", "alien", "article")
    assert second.item_id == ""
    path.write_text("title,item_id\nAlien,alien\n", "utf-8")
    with pytest.raises(DatasetError, match=r"titles\.csv:2:text: missing"):
        read_titles(path)
