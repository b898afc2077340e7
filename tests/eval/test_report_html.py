from __future__ import annotations

import base64
import hashlib
import itertools
import re
import shutil
import subprocess
from html.parser import HTMLParser
from importlib.resources import files

import pytest
from report_cases import HOSTILE, LONG, cell, run_of, simulated_run

from eval.report import to_html

VOID = {"meta", "link", "br", "input", "img", "hr"}
FOREIGN = {"line", "use", "circle", "rect", "path"}
FETCHING = {"src", "srcset", "action", "formaction", "data", "poster", "background", "ping", "style"}


class Page(HTMLParser):
    """Elements with their attributes and text, and whether every one is closed."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes) -> None:
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes) -> None:
        assert tag in FOREIGN, tag
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def all(self, *tags: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.elements if tag in tags]

    def text(self, tag: str) -> str:
        return "".join(data for owner, data in self.texts if owner == tag)


@pytest.fixture(scope="module")
def html() -> str:
    return to_html(simulated_run(rows=30, samples=6))


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_every_element_is_closed_and_every_id_is_unique(page: Page) -> None:
    assert page.open == []
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids)) > 30


def test_nothing_is_asked_of_any_other_address(page: Page, html: str) -> None:
    for tag, attributes in page.elements:
        assert not FETCHING & attributes.keys(), (tag, attributes)
        for name in ("href", "xlink:href"):
            link = attributes.get(name, "#")
            assert link.startswith("#") or (tag, link) == ("link", "data:,")
    style = page.text("style")
    assert "url(" not in style
    assert "@import" not in style


def test_the_policy_admits_the_pages_own_script_and_style_only(page: Page) -> None:
    policy = page.all("meta")[1]["content"]
    assert "default-src 'none'" in policy
    for tag in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(page.text(tag).encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
        assert len(page.all(tag)) == 1


def test_hostile_text_stays_text(page: Page, html: str) -> None:
    assert "alert('x')" in "".join(data for _, data in page.texts)
    assert "<script>alert" not in html
    assert "<img" not in html
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert "\u202e" not in html


def test_hostile_text_in_every_other_place() -> None:
    label = f"{HOSTILE} {LONG}"
    run = run_of(cell(label, dataset=label, notes=(label,), failures={label: 1}), id=label, notes=(label,))
    page = Page(to_html(run))
    assert page.open == []
    assert len(page.all("script")) == 1
    assert page.all("img") == []
    assert label in page.text("title")


def test_links_and_references_lead_somewhere(page: Page) -> None:
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    for _, attributes in page.elements:
        wanted = (
            attributes.get("aria-labelledby", "").split() + attributes.get("aria-describedby", "").split()
        )
        wanted += [attributes["href"][1:]] if attributes.get("href", "").startswith("#") else []
        assert set(wanted) <= ids, attributes


def test_headings_never_skip_a_level_and_tables_name_their_headers(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in itertools.pairwise(levels))
    assert all("scope" in attributes for attributes in page.all("th"))
    assert all(
        "viewBox" not in a and ("aria-hidden" in a or "role" in a or "x" in a) for a in page.all("svg")
    )


def test_every_part_is_there(html: str) -> None:
    for part in ("Leader table", "By prompt", "Trade-offs", "recall@10 by slice", "Rows", "How it was made"):
        assert f">{part}</h" in html
    assert html.count('class="question"') == 12
    assert html.count('class="answer"') == 12 * 17


def test_a_run_of_one_cell_without_anything_to_compare() -> None:
    html = to_html(run_of(cell("alone")))
    for part in ("Trade-offs", "by slice", "Best floor", "Against", ">Rows</h3>"):
        assert part not in html
    assert ".100" in html


def test_an_unfinished_run_says_so() -> None:
    assert "not finished" in to_html(run_of(cell("a"), complete=False))


def test_the_same_run_gives_the_same_bytes(html: str) -> None:
    assert to_html(simulated_run(rows=30, samples=6)) == html


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    """WCAG 2.2: 4.5 for text, 3 for what is drawn."""
    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_have_contrast(scheme: str) -> None:
    style = (files("eval.report") / "templates" / "style.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{([^}]*)\}", style)
    named = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", blocks[0]))
    if scheme == "dark":
        named |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", blocks[1]))
    for ground in ("paper", "surface", "better-tint", "worse-tint"):
        assert contrast(named["ink"], named[ground]) >= 7
    for ground in ("paper", "surface"):
        for text in ("soft", "better", "worse", "other"):
            assert contrast(named[text], named[ground]) >= 4.5, (text, ground)
    for fill in ("stage", "stage-other"):
        assert contrast(named["ink"], named[fill]) >= 4.5


BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.mark.skipif(BROWSER is None, reason="no browser is installed")
def test_in_a_browser_the_script_runs_and_foreign_text_does_not(tmp_path) -> None:
    file = tmp_path / "report.html"
    file.write_text(to_html(simulated_run(rows=10, samples=4)), encoding="utf-8")
    found = subprocess.run(
        [
            BROWSER,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-first-run",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--dump-dom",
            f"{file.as_uri()}#data-1-row-2",
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    page = Page(found.replace("<!DOCTYPE html>", ""))
    assert len(page.all("button")) == 2 * 8
    assert len(page.all("script")) == 1
    assert page.all("img") == []
    opened = [a for a in page.all("details") if "open" in a]
    assert [a["id"] for a in opened] == ["data-1-row-2"]
