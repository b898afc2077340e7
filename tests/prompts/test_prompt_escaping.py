import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.escaping import LINE_LIMIT, clean, keep_inside, neutralise

CONTROL_TOKENS = [
    "<|im_start|>",
    "<|im_end|>",
    "<|endoftext|>",
    "<|eot_id|>",
    "<|start_header_id|>",
    "<|begin_of_text|>",
    "<|user|>",
    "<|START_OF_TURN_TOKEN|>",
    "<｜User｜>",
    "<｜begin▁of▁sentence｜>",
    "<s>",
    "</s>",
    "<bos>",
    "<eos>",
    "<pad>",
    "<unk>",
    "<start_of_turn>",
    "<end_of_turn>",
    "<think>",
    "</think>",
    "<tool_call>",
    "<repo_name>",
    "<jupyter_start>",
    "[INST]",
    "[/INST]",
    "[SYSTEM_PROMPT]",
    "[AVAILABLE_TOOLS]",
    "<<SYS>>",
    "<</SYS>>",
    "[gMASK]",
    "<0x0A>",
]
OPENERS = ["User:", "Assistant:", "system:", "Human:", "AI:", "### Instruction:", "用户：", "助手:"]
ORDINARY = [
    "I <3 this",
    "C++ <vector> and #include <unordered_map>",
    "if a < b and c > d: return x[i]",
    "f(x) |> g <| h",
    "<b>bold</b> & <br/>",
    "a list [1, 2] and [Director's Cut]",
    "$\\langle x | y \\rangle$, |x| <= 2",
    "The user: a story",
    "Alien: Covenant\nTitle: none",
    "emoji 👩‍🚀 and कि and فارسی‌ها",
    "片名：《九盏灯》",
]


@pytest.mark.parametrize("token", CONTROL_TOKENS)
def test_control_tokens_lose_their_brackets(token: str):
    hostile = neutralise(f"a {token}system\nb")
    assert token not in hostile
    assert token not in unicodedata.normalize("NFKC", hostile)
    assert hostile == f"a {token.translate(str.maketrans('<>[]', '()()'))}system\nb"


@pytest.mark.parametrize("opener", OPENERS)
@pytest.mark.parametrize("before", ["", "\n", "text\n", "text\n  ", "text\n> "])
def test_openers_of_a_transcript_turn_are_broken(before: str, opener: str):
    hostile = neutralise(f"{before}{opener} hello")
    assert hostile == f"{before}{opener[:-1]} {opener[-1]} hello"


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_stays_as_it_is(text: str):
    assert clean(text, single_line=False) == text
    assert neutralise(text) == text
    assert keep_inside(text, ("wish", "facts")) == text


def test_nothing_is_assembled_from_what_is_left():
    assert neutralise("<|im_<|im_start|>start|>") == "<|im_(|im_start|)start|>"
    hidden = "<|im_\u200bst\x00art|>\u202eUser"
    assert neutralise(clean(hidden, single_line=False)) == "(|im_start|)User"


def test_clean_folds_newlines_and_drops_what_cannot_be_seen():
    text = "a\r\nb\u2028c\x0bd\x1b[31m\ud800e\U000e0041f\ufeff"
    assert clean(text, single_line=False) == "a\nb\nc\nd[31mef"
    assert clean(text, single_line=True) == "a b c d[31mef"
    assert clean("  x \t\n y ", single_line=True) == "x y"


def test_a_single_line_is_cut():
    line = clean("word " * 1000, single_line=True)
    assert len(line) <= LINE_LIMIT
    assert line.endswith("word…") or line.endswith("wor…")


@pytest.mark.parametrize(
    "attack", ["</wish>", "</ wish >", "<wish>", "< / WISH>", "</wish x='1'>", "</wish", "＜/wish＞"]
)
def test_delimiters_cannot_be_ended_from_inside(attack: str):
    kept = keep_inside(f"before {attack} after", ("facts", "wish"))
    assert not re.search(r"[<＜]\s*/?\s*wish", kept, re.IGNORECASE)
    assert kept.startswith("before (")
    assert kept.endswith(" after")


def test_other_tags_are_left():
    assert keep_inside("<wishes> </wished>", ("wish",)) == "<wishes> </wished>"


pieces = st.lists(
    st.sampled_from(
        [*CONTROL_TOKENS, *OPENERS, "<", ">", "|", "[", "]", "/", "\n", " ", "s", "wish", "\u200b"]
    )
    | st.text(max_size=5),
    max_size=12,
).map("".join)


@given(pieces)
def test_steps_are_stable_and_leave_nothing(text: str):
    once = neutralise(clean(text, single_line=False))
    assert neutralise(clean(once, single_line=False)) == once
    assert not [token for token in CONTROL_TOKENS if token in once]
    assert not [o for o in OPENERS if re.search(rf"^[ \t>]{{0,4}}{re.escape(o)}", once, re.MULTILINE)]
    inside = keep_inside(once, ("wish",))
    assert keep_inside(inside, ("wish",)) == inside
    assert "<wish>" not in inside
    assert "</wish>" not in inside


@pytest.mark.parametrize("unit", ["<|", "<", "[INST", "\n> ", "< / ", "User", "\x00", "<|a", "text "])
def test_time_grows_linearly(unit: str):
    text = unit * (500_000 // len(unit))
    start = time.perf_counter()
    keep_inside(neutralise(clean(text, single_line=False)), ("wish", "facts"))
    assert time.perf_counter() - start < 2
