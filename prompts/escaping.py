"""Keeping data data: text from users and catalogs must not act as markup of a chat or of a prompt.

Three things are done, each where it can be done completely:

* :func:`clean` runs on every string that enters a template. It drops what cannot be seen.
* :func:`neutralise` runs on the finished text of every message, so that no combination of template
  and data can form a control token of a chat template or open a turn of a plain transcript.
* :func:`keep_inside` runs on every string and on the finished text between two data delimiters.

Brackets become parentheses and a role label gets a space before its colon. Nothing is deleted in
these two steps, so that no token can be assembled from its remains, and text stays readable.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

LINE_LIMIT = 400
"""Longest text of one line, in characters; the rest is cut off with an ellipsis."""

# Controls but newline and tab, surrogates, bidirectional marks and overrides, invisible operators,
# annotation and tag characters. Joiners (U+200C, U+200D) stay: emoji and several scripts need them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
_NEWLINE = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_WHITESPACE = re.compile(r"\s+")

_CONTROL_TOKEN = re.compile(
    r"""
      [<＜][|｜] [^\s<>＜＞|｜()]{1,64} [|｜][>＞]      # <|im_start|> <|eot_id|> <|user|> <｜User｜>
    | <</?SYS>>                                         # Llama 2
    | [<＜]/?(?=[a-z0])(?:
          s | bos | eos | unk | pad | mask | cls | sep | sop | eop | eod | eot | eom | eoh | eoa
        | (?:bos|eos|pad|unk|mask|cls|sep|eop|eod)_token
        | user | assistant | system | human | bot | think | tools | image | video | audio
        | tool_(?:calls?|response|list) | function_call
        | (?:start|end|begin)_of_[a-z_]{1,32}           # Gemma
        | (?:startoftext|endoftext|empty_output|filename|reponame|repo_name|file_sep|pr_sep)
        | (?:fim|issue|jupyter|gh|commit|code|vision)_[a-z_]{1,32}
        | (?:unused|reserved_?|extra_id_)\d{1,5} | 0x[0-9a-f]{2}
      )[>＞]
    | \[/?(?=[a-z])(?:
          inst | system_prompt | available_tools | tool_(?:calls|results|content) | args | call_id
        | img(?:_break|_end)? | prefix | suffix | middle | think | [gs]?mask | cls | sep | pad | unk
        | bos | eos | control_\d{1,5}
      )\]
    """,
    re.IGNORECASE | re.VERBOSE,
)
_TRANSCRIPT_ROLE = re.compile(
    r"""
    ^[ \t>*_-]{0,8}
    (?: user | assistant | system | human | ai | bot | \#{1,6}[ ]?(?:instruction|response|input)
      | 用户 | 助手 | 助理 | 系统 | 人类 )
    (?=[:：])
    """,
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_PARENTHESES = str.maketrans("<>＜＞[]", "()()()")


def clean(text: str, *, single_line: bool) -> str:
    """Text without invisible characters and with plain newlines; on one line where that is asked.

    A single line is cut at :data:`LINE_LIMIT` characters.
    """
    text = _INVISIBLE.sub("", _NEWLINE.sub("\n", text))
    if not single_line:
        return text
    text = _WHITESPACE.sub(" ", text).strip()
    return text if len(text) <= LINE_LIMIT else text[: LINE_LIMIT - 1].rstrip() + "…"


def neutralise(text: str) -> str:
    """Text in which no control token of a chat template and no opener of a transcript turn is left."""
    text = _CONTROL_TOKEN.sub(lambda match: match.group().translate(_PARENTHESES), text)
    return _TRANSCRIPT_ROLE.sub(lambda match: match.group() + " ", text)


def keep_inside(text: str, delimiters: Sequence[str]) -> str:
    """Text in which no tag named in ``delimiters``, opening or closing, is left."""
    if not delimiters:
        return text
    names = "|".join(map(re.escape, delimiters))
    tag = re.compile(rf"[<＜]\s{{0,8}}/?\s{{0,8}}(?:{names})\b[^<>＜＞]{{0,80}}[>＞]?", re.IGNORECASE)
    return tag.sub(lambda match: match.group().translate(_PARENTHESES), text)
