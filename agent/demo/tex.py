"""TeX as it is found in titles and abstracts, made readable."""

from __future__ import annotations

import re
import unicodedata

_ACCENTS = {
    "'": "\u0301",
    "`": "\u0300",
    "^": "\u0302",
    '"': "\u0308",
    "~": "\u0303",
    "=": "\u0304",
    ".": "\u0307",
    "c": "\u0327",
    "v": "\u030c",
    "u": "\u0306",
    "H": "\u030b",
    "r": "\u030a",
    "k": "\u0328",
}
_GREEK_NAMES = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu",
    "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
)  # fmt: skip
_GREEK = {
    name: unicodedata.lookup(f"GREEK {case} LETTER {'LAMDA' if letter == 'lambda' else letter.upper()}")
    for letter in _GREEK_NAMES
    for case, name in (("SMALL", letter), ("CAPITAL", letter.capitalize()))
}
_SYMBOLS = _GREEK | {
    "varepsilon": "ε", "vartheta": "θ", "varphi": "φ", "ell": "ℓ", "ss": "ß", "o": "ø", "O": "Ø", "l": "ł",
    "L": "Ł", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å", "i": "ı", "deg": "°",
    "times": "×", "cdot": "·", "pm": "±", "sim": "~", "approx": "≈", "propto": "∝", "infty": "∞",
    "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "neq": "≠", "ll": "≪", "gg": "≫", "in": "∈",
    "subseteq": "⊆", "cap": "∩", "cup": "∪", "wedge": "∧", "vee": "∨", "otimes": "⊗", "circ": "°",
    "star": "*",
    "to": "→", "rightarrow": "→", "longrightarrow": "→", "mapsto": "↦", "leftarrow": "←",
    "Leftrightarrow": "⇔", "nrightarrow": "↛", "nabla": "∇", "partial": "∂", "sum": "∑", "prod": "∏",
    "langle": "⟨", "rangle": "⟩", "lceil": "⌈", "rceil": "⌉", "top": "⊤", "dots": "…", "ldots": "…",
    "cdots": "…", "textasciitilde": "~", "eg": "e.g.", "ie": "i.e.", "quad": " ", "qquad": " ",
}  # fmt: skip
_PUNCTUATION = {",": " ", ";": " ", ":": " ", "!": "", " ": " ", "@": "", "/": "", "-": "", "\\": " "}

_DROPPED = {"cite", "citep", "citet", "footnote", "label", "deleted", "color", "mkern"}
"""Commands that vanish with their argument."""
_FIRST_OF_TWO = {"replaced"}
_SECOND_OF_TWO = {"href", "hyperlink", "textcolor", "scalebox"}
_DECLARATIONS = {
    "it", "bf", "sc", "em", "rm", "tt", "sf", "left", "right", "big", "Big", "bigl", "bigr", "textstyle",
    "displaystyle", "tilde", "hat", "widehat", "bar", "limits",
}  # fmt: skip
"""Commands that only change the looks of what follows them."""

_SUPERSCRIPT = dict(zip("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ", strict=True))
_SUBSCRIPT = dict(zip("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", strict=True))

# A dollar sign opens a formula where no digit or space follows, or where the closing one fits it as
# in pandoc's tex_math_dollars: no space before, no digit after. Prices are left alone.
_FORMULA = re.compile(
    r"(?<!\\)(?:\$\$(?P<display>[^$]+)\$\$|\$(?P<symbol>[^\s\d$][^\s$]*)\$|\$(?P<inline>[^\s$](?:[^$]*[^\s\\$])?)\$(?!\d))"
)
_URL = re.compile(r"https?://[^\s{}\\]+")
_COMMAND = re.compile(r"\\([A-Za-z]+)\*?")
_TIE_KEPT_BEFORE = re.compile(r"[\d.$]")


def readable(text: str) -> str:
    r"""Light TeX as plain Unicode text on one line.

    Accents, ``\emph`` and its kin, quotes, dashes, ties, footnotes, citations and simple formulas
    are understood; an unknown command is replaced by its own name, since in an abstract it mostly
    is the name of the method (``\method``). Text without TeX is returned as it is, but for
    white space.
    """
    result = _convert(text.replace(r"\(", "$").replace(r"\)", "$"), math=False)
    result = re.sub(r"``([^`]*?)(?:''|\")|(?<!\w)''([^']+)''", r"“\1\2”", result)
    result = re.sub(r"(?<![\w`])`([^`'\n]+)'(?!\w)", r"‘\1’", result)
    result = re.sub(r"(?<=\w)---(?=[\w\s])|(?<=\s)---(?=\s)", "—", result)
    result = re.sub(r"(?<=\w)--(?=[\w\s])|(?<=\s)--(?=\s)", "–", result)
    result = " ".join(result.split())
    return re.sub(r" (?=[,;.)](?:\s|$))", "", result)


def _convert(text: str, *, math: bool) -> str:
    """One pass over ``text``; ``math`` tells whether it is inside a formula."""
    out: list[str] = []
    position = 0
    while position < len(text):
        character = text[position]
        url = None if math else _URL.match(text, position)
        if url:
            out.append(url.group())
            position = url.end()
        elif not math and character == "$" and (formula := _FORMULA.match(text, position)):
            inside = formula["display"] or formula["symbol"] or formula["inline"]
            out.append(_convert(inside, math=True))
            position = formula.end()
        elif character == "\\":
            piece, position = _command(text, position, math=math)
            out.append(piece)
        elif character in "^_" and (math or (character == "^" and text[position + 1 : position + 2].strip())):
            argument, position = _argument(text, position + 1, math=math)
            out.append(_script(character, argument))
        elif character == "{":
            inside, position = _group(text, position)
            out.append(_convert(inside, math=math) if math or _is_markup(inside) else f"{{{inside}}}")
        elif character == "~":
            out.append("~" if not math and _is_about(text, position) else " ")
            position += 1
        else:
            out.append(character)
            position += 1
    return "".join(out)


def _command(text: str, start: int, *, math: bool) -> tuple[str, int]:
    """What the command at ``start`` prints, and where the text goes on."""
    match = _COMMAND.match(text, start)
    name = match[1] if match else text[start + 1 : start + 2]
    end = match.end() if match else start + 1 + len(name)
    after = _skip_space(text, end) if match else end
    if name in _ACCENTS and not math and (not match or text[after : after + 1] == "{"):
        letter, position = _argument(text, after, math=math)
        letter = letter.replace("ı", "i")
        return unicodedata.normalize("NFC", letter[:1] + _ACCENTS[name] + letter[1:]), position
    if not match:
        return _PUNCTUATION.get(name, name), end
    if name in _SYMBOLS:
        return _SYMBOLS[name], _skip_braces(text, end)
    if name in _DECLARATIONS:
        return "", after
    if name in ("frac", "sqrt"):
        return _root_or_fraction(name, text, after)
    return _command_with_argument(name, text, end, math=math)


def _root_or_fraction(name: str, text: str, start: int) -> tuple[str, int]:
    first, end = _argument(text, start, math=True)
    if name == "sqrt":
        return f"√{_bracketed(first)}", end
    second, end = _argument(text, end, math=True)
    return f"{_bracketed(first)}/{_bracketed(second)}", end


def _command_with_argument(name: str, text: str, end: int, *, math: bool) -> tuple[str, int]:
    """The part of a command's arguments that is printed; the name of a command that has none."""
    if text[end : end + 1] == "[":
        end = text.find("]", end) + 1 or end
    if text[end : end + 1] != "{":
        return name, end
    first, end = _argument(text, end, math=math)
    if name in _FIRST_OF_TWO:
        return first, _argument(text, end, math=math)[1]
    if name in _SECOND_OF_TWO:
        return _argument(text, end, math=math)
    if name in _DROPPED:
        return "", end
    return (_script("^", first) if name == "textsuperscript" else first or name), end


def _argument(text: str, start: int, *, math: bool) -> tuple[str, int]:
    """The group, command or character at ``start``, converted, and where the text goes on."""
    if start >= len(text):
        return "", start
    if text[start] == "{":
        inside, end = _group(text, start)
        return _convert(inside, math=math), end
    if text[start] == "\\":
        return _command(text, start, math=math)
    return text[start], start + 1


def _group(text: str, start: int) -> tuple[str, int]:
    """The inside of the braces that open at ``start``; all that is left where they never close."""
    depth = 0
    for position in range(start, len(text)):
        if text[position] in "{}" and text[position - 1 : position] != "\\":
            depth += 1 if text[position] == "{" else -1
            if depth == 0:
                return text[start + 1 : position], position + 1
    return text[start + 1 :], len(text)


def _is_markup(inside: str) -> bool:
    r"""Whether braces in running text only group: ``{\it x}``, ``25{,}605``; not ``{2, 4, 6}``."""
    return inside.startswith(("\\", "[")) or inside in ",." or not re.search(r"[,:]", inside)


def _is_about(text: str, position: int) -> bool:
    """Whether the tilde at ``position`` means "about" or "to", rather than a space between words."""
    before, after = text[position - 1 : position] if position else " ", text[position + 1 : position + 2]
    if before.isspace() and after.isspace():
        return True
    return bool(_TIE_KEPT_BEFORE.match(after)) and (before.isspace() or before.isdigit() or before in "(%")


def _script(kind: str, text: str) -> str:
    """``text`` raised (``^``) or lowered (``_``), in Unicode where it has all the characters."""
    table = _SUPERSCRIPT if kind == "^" else _SUBSCRIPT
    if text and all(character in table for character in text):
        return "".join(table[character] for character in text)
    if kind == "^" and text in ("°", "⊤", "*", "+", "th", "st", "nd", "rd"):
        return text
    return f"{kind}{_bracketed(text)}" if text else ""


def _bracketed(text: str) -> str:
    return text if re.fullmatch(r"\w*|[\d.]+", text) else f"({text})"


def _skip_space(text: str, position: int) -> int:
    while text[position : position + 1] == " ":
        position += 1
    return position


def _skip_braces(text: str, position: int) -> int:
    return position + 2 if text[position : position + 2] == "{}" else position
