"""Figures and foreign text as every report writes them."""

from __future__ import annotations

import re

MINUS = "−"
MISSING = "–"

# What XML forbids, what could steer a terminal, and what could reorder the text around it: C0 but tab and
# newline, C1, bidirectional overrides and isolates, surrogates, non-characters.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def plain(text: str) -> str:
    """Text without control characters; each becomes U+FFFD, so that it is seen that one was there."""
    return _CONTROL.sub("\ufffd", text.replace("\r\n", "\n"))


def one_line(text: str, limit: int | None = None) -> str:
    """Plain text with single spaces, cut to ``limit`` characters."""
    line = " ".join(plain(text).split())
    return line if limit is None or len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def number(value: float | None) -> str:
    """Three significant places or so: ``.123``, ``1.23``, ``12.3``, ``1,234``; ``–`` where there is none."""
    if value is None:
        return MISSING
    size = abs(value)
    digits = f"{size:.3f}" if size < 0.9995 else f"{size:.2f}" if size < 9.995 else f"{size:.1f}"
    digits = f"{size:,.0f}" if size >= 99.95 else digits.removeprefix("0")
    return f"{MINUS if value < 0 and digits.strip('.0') else ''}{digits}"


def signed(value: float | None) -> str:
    """A difference with its sign: ``+.012``, ``−.012``, ``.000``."""
    text = number(value)
    positive = value is not None and value > 0 and text.strip(".0")
    return f"+{text}" if positive else text


def tick(value: float) -> str:
    """A round value on an axis: ``.1``, ``0``, ``1,000``."""
    digits = f"{abs(value):,.6g}" if abs(value) < 1e6 else f"{abs(value):,.0f}"
    return f"{MINUS if value < 0 else ''}{digits.removeprefix('0') if digits != '0' else digits}"


def milliseconds(value: float | None) -> str:
    """Milliseconds without needless digits: ``4.2``, ``1,234``."""
    if value is None:
        return MISSING
    return f"{value:,.0f}" if value >= 9.95 else f"{value:.1f}"


def p_value(p: float | None) -> str:
    """``p < .001``, ``p = .034``; empty where there is none."""
    if p is None:
        return ""
    return "p < .001" if p < 0.001 else f"p = {number(p)}"


def figure(metric: str, value: float | None) -> str:
    """A metric's value in its own unit."""
    return milliseconds(value) if metric.startswith("milliseconds") else number(value)


def plural(count: int, one: str, many: str | None = None) -> str:
    """``1 row``, ``1,204 rows``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
