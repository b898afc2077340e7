import time

import pytest

from prompts import Message, PromptLibrary, PromptTooLongError, fit
from prompts.budget import MARK, TRIM_ORDER, cut_middle

TURNS = [Message("user", "alpha beta"), Message("assistant", "gamma delta"), Message("user", "epsilon")]


class Words:
    """Counts words, and how often it was asked."""

    def __init__(self):
        self.calls, self.longest = 0, 0

    def __call__(self, messages):
        self.calls += 1
        self.longest = max(self.longest, sum(len(m.content) for m in messages))
        return sum(len(m.content.split()) for m in messages)


@pytest.fixture
def prompt(make_prompt):
    return make_prompt(
        "{% system %}fixed words{% endsystem %}"
        "{% for turn in dialogue %}{% message turn.role %}{{ turn.content }}{% endmessage %}{% endfor %}"
        "{% user %}{{ history | join(' ') }} {{ liked | join(' ') }} {{ other | join(' ') }} "
        "{% for name, value in profile.items() %}{{ name }} {{ value }} {% endfor %}"
        "{{ note }} {{ request }}{% enduser %}",
        "\n".join(
            f"  - {{name: {name}, type: {kind}}}"
            for name, kind in (
                ("request", "text"),
                ("note", "text"),
                ("liked", "lines"),
                ("dialogue", "messages"),
                ("history", "lines"),
                ("other", "lines"),
                ("profile", "mapping"),
            )
        ),
    )


def contents(rendered):
    return " ".join(m.content for m in rendered.messages).split()


def test_what_fits_is_left_alone_and_counted_once(prompt):
    words = Words()
    rendered = fit(prompt, {"request": "a b c", "liked": ["x"], "unrelated": 1}, words, 6)
    assert contents(rendered) == ["fixed", "words", "x", "a", "b", "c"]
    assert (rendered.tokens, rendered.trimmed, words.calls) == (6, (), 1)
    assert (rendered.name, rendered.version, rendered.hash, rendered.locale) == (
        "recommend/mine",
        1,
        prompt.hash,
        "en",
    )


def test_the_oldest_entries_go_first_and_no_more_than_needed(prompt):
    inputs = {"history": [f"h{i}" for i in range(10)], "dialogue": TURNS, "request": "r"}
    rendered = fit(prompt, inputs, Words(), 12)
    # 2 fixed, 5 of the dialogue, 1 of the request: 4 are left for history.
    assert contents(rendered)[-5:] == ["h6", "h7", "h8", "h9", "r"]
    assert rendered.tokens == 12
    assert rendered.trimmed == ("history: 6 oldest of 10 items",)


def test_lists_are_trimmed_in_the_documented_order(prompt):
    inputs = {
        "history": ["h0", "h1"],
        "dialogue": TURNS,
        "liked": ["l0", "l1"],
        "other": ["o0"],
        "profile": {"p": "0", "q": "1"},
        "request": "r",
    }
    # In all 15 words: 2 fixed, 2 history, 5 dialogue, 2 liked, 1 other, 4 profile, 1 request.
    kept = {budget: set(contents(fit(prompt, inputs, Words(), budget))) for budget in range(3, 18)}
    assert "o0" not in kept[16]
    assert "h0" not in kept[15]
    assert {"h1", "alpha"} <= kept[15]
    assert not {"h0", "h1"} & kept[14]
    assert "alpha" in kept[14]
    assert "alpha" not in kept[13]
    assert {"gamma", "epsilon"} <= kept[12]
    assert kept[9] == {"fixed", "words", "p", "0", "q", "1", "l0", "l1", "r"}
    assert kept[8] == kept[7] == {"fixed", "words", "q", "1", "l0", "l1", "r"}
    assert kept[5] == {"fixed", "words", "l0", "l1", "r"}
    assert kept[4] == {"fixed", "words", "l1", "r"}
    assert kept[3] == {"fixed", "words", "r"}


def test_a_long_request_loses_its_middle_last_of_all(prompt):
    request = " ".join(f"w{i:03}" for i in range(200))
    rendered = fit(prompt, {"request": request, "history": ["h"], "note": "n " * 200}, Words(), 120)
    shown = contents(rendered)
    assert rendered.tokens <= 120
    assert shown[-1] == "w199"
    assert "w000" in shown
    assert MARK.strip() in shown
    assert rendered.trimmed[0].startswith("request: ")
    assert rendered.trimmed[0].endswith(" of 999 characters in the middle")
    assert rendered.trimmed[1].startswith("note: ")
    assert rendered.trimmed[2] == "history: 1 oldest of 1 items"


def test_what_cannot_fit_is_an_error(prompt):
    with pytest.raises(
        PromptTooLongError, match=r"recommend/mine: the prompt takes 3 tokens .* and 2 are allowed"
    ):
        fit(prompt, {"request": "r", "history": ["h"] * 50}, Words(), 2)


def test_five_megabytes_are_cut_before_they_are_counted(prompt):
    words = Words()
    start = time.perf_counter()
    rendered = fit(
        prompt,
        {
            "request": "lorem ipsum " * 420_000,
            "history": ["h" * 50] * 20_000,
            "dialogue": [Message("user", "x y " * 250_000), *TURNS] * 2,
        },
        words,
        500,
    )
    assert time.perf_counter() - start < 5
    assert rendered.tokens <= 500
    assert words.calls <= 30
    assert words.longest <= 4 * 500 * 8
    assert any(note.startswith("request: 5,03") for note in rendered.trimmed)


def test_one_huge_turn_does_not_push_out_the_others(prompt):
    turns = [
        Message("user", "first words"),
        Message("assistant", "y " * 100_000),
        Message("user", "last words"),
    ]
    rendered = fit(prompt, {"dialogue": turns, "request": "r"}, Words(), 1000)
    assert "first" in contents(rendered)
    assert rendered.trimmed == ("dialogue: the middle of 1 long messages",)


@pytest.mark.parametrize(
    ("length", "cut"), [(20, "0123456789abcdefghij"), (15, "01234 […] fghij"), (3, " […] ")]
)
def test_cut_middle(length, cut):
    assert cut_middle("0123456789abcdefghij", length) == cut


def test_every_list_of_a_shipped_recommend_prompt_has_its_place():
    for name in ("recommend/few_shot", "recommend/diverse", "recommend/from_history"):
        lists = {
            i.name for i in PromptLibrary().get(name).inputs if i.type not in ("line", "text", "integer")
        }
        assert lists <= set(TRIM_ORDER)
