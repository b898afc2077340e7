from pathlib import Path

import pytest

from prompts import PromptError, PromptFormatError, PromptLibrary, UnknownPromptError

BODY = "{% user %}hello{% enduser %}"


def test_locale_falls_back_step_by_step(write_prompt):
    write_prompt("{% user %}en{% enduser %}")
    write_prompt("{% user %}zh{% enduser %}", name="mine.zh.jinja")
    library = PromptLibrary(write_prompt("{% user %}hant{% enduser %}", name="mine.zh-Hant.jinja"))
    found = {
        locale: library.get("recommend/mine", locale) for locale in ("en", "fr", "zh", "zh_CN", "zh-Hant-TW")
    }
    assert {locale: prompt.render()[0].content for locale, prompt in found.items()} == {
        "en": "en",
        "fr": "en",
        "zh": "zh",
        "zh_CN": "zh",
        "zh-Hant-TW": "hant",
    }
    assert found["zh-Hant-TW"].locale == "zh-hant"


def test_a_folder_adds_and_overrides_prompts(write_prompt):
    folder = write_prompt(BODY)
    text = (folder / "recommend" / "mine.jinja").read_text().replace("name: mine", "name: zero_shot")
    (folder / "recommend" / "zero_shot.jinja").write_text(text)
    ours, theirs = PromptLibrary(), PromptLibrary(folder)
    assert set(theirs.names) - set(ours.names) == {"recommend/mine"}
    assert theirs.get("recommend/zero_shot").render()[0].content == "hello"
    assert theirs.get("recommend/zero_shot").source == folder / "recommend" / "zero_shot.jinja"
    assert theirs.get("recommend/zero_shot", "zh").hash == ours.get("recommend/zero_shot", "zh").hash


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("recommend/zero_shoot", "did you mean 'recommend/zero_shot'?"),
        ("zero_shot", "did you mean 'recommend/zero_shot'?"),
        ("xyz", "prompts are ask/clarify, explain/items"),
        ("", "prompts are ask/clarify, explain/items"),
    ],
)
def test_unknown_prompts_get_a_suggestion(name, hint):
    with pytest.raises(UnknownPromptError, match=f"unknown prompt '{name}'") as caught:
        PromptLibrary().get(name)
    assert caught.value.hint.startswith(hint)


def test_a_prompt_without_the_locale_says_which_there_are(write_prompt):
    library = PromptLibrary(write_prompt(BODY, name="mine.zh.jinja"))
    assert library.get("recommend/mine", "zh-TW").locale == "zh"
    with pytest.raises(UnknownPromptError, match="it is there in zh"):
        library.get("recommend/mine", "de")


def test_list_tells_what_there_is(write_prompt):
    infos = {info.name: info for info in PromptLibrary(write_prompt(BODY)).list()}
    mine = infos["recommend/mine"]
    assert (mine.version, mine.task, mine.description, mine.locales) == (
        1,
        "recommend",
        "A prompt of a test.",
        ("en",),
    )
    assert infos["recommend/zero_shot"].locales == ("en", "zh")
    assert list(infos) == sorted(infos)


def test_hash_changes_with_content_only(write_prompt, make_prompt):
    first = make_prompt(BODY)
    assert make_prompt(BODY).hash == first.hash
    assert make_prompt(BODY.replace("hello", "hallo")).hash != first.hash
    folder = write_prompt(BODY)
    file = folder / "recommend" / "mine.jinja"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert PromptLibrary(folder).get("recommend/mine").hash == first.hash


def test_the_hash_covers_the_answer_schema(write_prompt):
    folder = write_prompt(BODY)
    file = folder / "recommend" / "mine.jinja"
    file.write_text(file.read_text().replace("version: 1", "version: 1\nanswer_schema: s.json"))
    hashes = set()
    for schema in ('{"type": "object"}', '{"type": "array"}'):
        (folder / "recommend" / "s.json").write_text(schema)
        prompt = PromptLibrary(folder).get("recommend/mine")
        hashes.add(prompt.hash)
    assert len(hashes) == 2
    assert prompt.answer_schema == {"type": "array"}
    (folder / "recommend" / "s.json").write_text('{\n "type": }')
    with pytest.raises(PromptFormatError, match=r"s\.json:2: not JSON"):
        PromptLibrary(folder).get("recommend/mine")
    (folder / "recommend" / "s.json").unlink()
    with pytest.raises(PromptFormatError, match=r"its answer schema 's\.json' is not there"):
        PromptLibrary(folder).get("recommend/mine")


def test_a_missing_folder_and_a_misplaced_file_are_errors(tmp_path: Path):
    with pytest.raises(PromptError, match="there is no such folder of prompts"):
        PromptLibrary(tmp_path / "nowhere")
    for place in ("loose.jinja", "recomend/x.jinja", "recommend/a/b.jinja", "recommend/9.jinja"):
        file = tmp_path / place.replace("/", "_") / place
        file.parent.mkdir(parents=True)
        file.write_text("x")
        with pytest.raises(PromptFormatError, match="a prompt must lie at"):
            PromptLibrary(tmp_path / place.replace("/", "_"))


def test_hidden_files_and_other_files_are_passed_over(write_prompt):
    folder = write_prompt(BODY)
    (folder / ".git" / "x").mkdir(parents=True)
    (folder / ".git" / "x" / "y.jinja").write_text("x")
    (folder / "recommend" / ".#mine.jinja").write_text("x")
    (folder / "notes.txt").write_text("x")
    assert "recommend/mine" in PromptLibrary(folder).names


def test_a_broken_file_does_not_hide_the_others(write_prompt):
    library = PromptLibrary(write_prompt("{% user %}"))
    assert library.get("recommend/zero_shot").name == "recommend/zero_shot"
    with pytest.raises(PromptFormatError):
        library.get("recommend/mine")
    with pytest.raises(PromptFormatError):
        library.list()


FORMAT_PROBLEMS = {
    "no front matter": ("", "{% user %}x{% enduser %}", 1, "the file has no front matter"),
    "not YAML": ("version: 1", "version: [1", 4, "the front matter is not YAML"),
    "unknown key": ("version: 1", "version: 1\nverzion: 2", 4, "unknown key 'verzion'"),
    "missing key": ("version: 1\n", "", 1, "the front matter has no 'version'"),
    "wrong type": ("version: 1", "version: one", 3, "version: input should be a valid integer"),
    "unknown task": ("task: recommend", "task: sing", 4, "task: input should be 'recommend'"),
    "name elsewhere": ("name: mine", "name: yours", None, "its name is 'yours', but it lies at"),
    "unknown input type": ("  []", "  - {name: x, type: str}", 7, "inputs.0.type: input should be 'line'"),
    "unknown input key": (
        "  []",
        "  - {name: x, type: line}\n  - {name: y, type: line, must: 1}",
        8,
        "'inputs.1.must'",
    ),
    "input without default": ("  []", "  - {name: x, type: integer}", 7, "input 'x' needs a default"),
    "required with default": (
        "  []",
        "  - {name: x, type: line, required: true, default: a}",
        7,
        "is required and",
    ),
    "wrong default": (
        "  []",
        "  - {name: x, type: lines, default: a}",
        7,
        "has a default that must be a list",
    ),
    "twice": (
        "  []",
        "  - {name: x, type: line}\n  - {name: x, type: line}",
        None,
        "input 'x' is declared twice",
    ),
    "no example": ("  - {}", "  []", 8, "examples: list should have at least 1 item"),
    "example unfit": ("  - {}", "  - {x: 1}", None, "example 1 does not fit: unknown input 'x'"),
    "generation": (
        "version: 1",
        "version: 1\ngeneration: {temperature: 9}",
        4,
        "generation.temperature: input",
    ),
    "unclosed block": ("hello{% enduser %}", "hello", 11, "Unexpected end of template"),
    "unknown tag": ("{% user %}", "{% usr %}", 11, "unknown tag 'usr'"),
    "nested": ("hello", "\n{% system %}x{% endsystem %}", 12, "a role block inside the user block"),
    "undeclared": (
        "hello",
        "\n\n{{ title }}",
        13,
        "the template uses 'title', which is not among its inputs",
    ),
    "include": ("hello", "\n{% include 'x' %}", 12, "cannot include, import or extend"),
    "control token": ("hello", "<|im_end|>", 11, "writes a control token or a transcript role itself"),
    "transcript": ("hello", "\nAssistant: hm", 12, "writes a control token or a transcript role itself"),
    "data name": ("hello", "{% data think %}x{% enddata %}", 11, "<think> is a control token"),
}


@pytest.mark.parametrize("case", FORMAT_PROBLEMS)
def test_broken_files_are_named_with_their_line(write_prompt, case):
    old, new, line, problem = FORMAT_PROBLEMS[case]
    folder = write_prompt(BODY)
    file = folder / "recommend" / "mine.jinja"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1) if old else new)
    with pytest.raises(PromptFormatError) as caught:
        PromptLibrary(folder).get("recommend/mine")
    assert problem in str(caught.value)
    assert caught.value.where == (f"{file}:{line}" if line else str(file))


def test_a_file_that_is_not_utf8_is_named_with_its_line(write_prompt):
    folder = write_prompt(BODY)
    file = folder / "recommend" / "mine.jinja"
    file.write_bytes(file.read_bytes() + "\n\né".encode("latin-1"))
    with pytest.raises(PromptFormatError, match=r"mine\.jinja:13: byte \d+ is not UTF-8"):
        PromptLibrary(folder).get("recommend/mine")


def test_blank_lines_above_the_front_matter_are_counted(write_prompt):
    folder = write_prompt("{% user %}\n{{ title }}{% enduser %}")
    file = folder / "recommend" / "mine.jinja"
    file.write_text("\n\n" + file.read_text())
    with pytest.raises(PromptFormatError, match=r"mine\.jinja:14: the template uses 'title'"):
        PromptLibrary(folder).get("recommend/mine")
    file.write_text(file.read_text().replace("version: 1", "version: x"))
    with pytest.raises(PromptFormatError, match=r"mine\.jinja:5: version"):
        PromptLibrary(folder).get("recommend/mine")
