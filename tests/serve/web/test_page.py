"""The page itself: its headers, keys, keyboard, narrow screens, hostile catalogs, accessibility."""

from __future__ import annotations

import re

import httpx2 as httpx
import pytest
from axe_playwright_python.sync_playwright import Axe

from agent.catalog import Catalog, Item
from agent.serve.security import make_key

NARROW = {"width": 360, "height": 740}
HOSTILE = "<img src=x onerror=alert(1)>"
LONG = "Donaudampfschifffahrtsgesellschaftskapitän" * 4


@pytest.fixture(scope="module")
def hostile_server(serve):
    """Items that try to run scripts, to link to them, and to be wider than the screen."""
    script = "<script>window.broken = 1</script>"
    run = "javascript:alert(2)"
    items = [
        Item("a", HOSTILE, 2001, script, ("Horror", "<b>bold</b>"), 5.0, run, run, {"note": script}),
        Item(
            "b", '"><svg onload=alert(4)>', 2002, script, ("Horror",), 4.0, "data:text/html,x", "http://x/y"
        ),
        Item("c", LONG, None, LONG, (LONG,), 3.0, f"https://example.org/{LONG}"),
        Item("../../v1/me", "A path for an id", 2004, None, ("Horror",), 2.0),
    ]
    return serve(catalog=Catalog(items, name="hostile", kind=f"kind{HOSTILE}"), strategy="fast,n=4")


def test_the_index_forbids_what_is_not_ours_and_is_always_asked_for_anew(films_server):
    answer = httpx.get(films_server)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-cache"
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|style=", answer.text)
    assert not re.search(r"(?:src|href)=\"(?!/static/)", answer.text)
    again = httpx.get(films_server, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.text) == (304, "")


def test_files_are_kept_under_a_name_that_changes_with_them(films_server):
    index = httpx.get(films_server).text
    paths = re.findall(r'(?:src|href)="([^"]+)"', index)
    assert len(paths) > 15
    for path in paths:
        answer = httpx.get(films_server + path, headers={"Accept-Encoding": "gzip"})
        assert answer.content == httpx.get(films_server + path, headers={"Accept-Encoding": ""}).content
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        kind = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}[path.rsplit(".")[-1]]
        assert answer.headers["content-type"].startswith(kind)
    assert httpx.get(f"{films_server}/static/000000000000/page.css").status_code == 404
    assert httpx.get(f"{films_server}{paths[0]}/../../page.py").status_code == 404


def test_a_key_is_asked_for_kept_for_the_tab_and_never_for_longer(chat, serve):
    keys = {"ada": make_key(), "ben": make_key()}
    address = serve(keys=keys.items())
    ada, ben = chat(address), chat(address)
    for person, key in ((ada, keys["ada"]), (ben, keys["ben"])):
        person.expected.append("401")
        person.open()
        person.page.fill("#key", "not this one")
        person.page.keyboard.press("Enter")
        person.page.wait_for_selector(".refused")
        person.page.fill("#key", key)
        person.page.keyboard.press("Enter")
        person.page.wait_for_selector(".welcome")
    ada.say("a comedy")
    ada.page.reload()
    ada.page.wait_for_selector(".turn")
    ben.page.reload()
    ben.page.wait_for_selector(".welcome")
    ben.settled()
    assert ben.page.locator(".session").count() == 0
    held = "(storage) => Object.values(window[storage]).join()"
    assert keys["ada"] in ada.page.evaluate(held, "sessionStorage")
    assert keys["ada"] not in ada.page.evaluate(held, "localStorage")
    assert keys["ada"] not in ada.page.url


def test_the_keyboard_is_enough(chat, films_server):
    she = chat(films_server).open()
    focused = "document.activeElement.{}"
    first = she.page.locator("a, button, input, textarea, select").first
    first.focus()
    assert first.inner_text() == "Skip to the message box"
    assert first.is_visible()
    she.page.keyboard.press("Enter")
    assert she.page.evaluate(focused.format("id")) == "message"
    she.page.keyboard.type("Something popular")
    she.page.keyboard.press("Shift+Enter")
    she.page.keyboard.type("for tonight")
    assert she.page.input_value("#message") == "Something popular\nfor tonight"
    she.page.keyboard.press("Enter")
    she.answered(1)
    titles = she.page.locator(".card-title").all_inner_texts()
    she.page.locator(".card-title").first.focus()
    for key, place in (("Down", 1), ("Right", 2), ("Down", 2), ("Left", 1), ("Up", 0), ("Up", 0)):
        she.page.keyboard.press(f"Arrow{key}")
        assert she.page.evaluate(focused.format("textContent")) == titles[place]
    she.page.keyboard.press("Enter")
    assert she.page.locator(".card.open").count() == 1
    she.page.locator(".opener[data-panel=you]").focus()
    she.page.keyboard.press("Enter")
    assert she.page.locator("#panel").is_visible()
    she.page.keyboard.press("Escape")
    assert not she.page.locator("#panel").is_visible()
    assert she.page.evaluate(focused.format("dataset.panel")) == "you"
    she.page.keyboard.press("/")
    assert she.page.evaluate(focused.format("id")) == "message"
    assert she.page.input_value("#message") == ""


def test_enter_that_ends_a_composition_does_not_send(chat, films_server):
    he = chat(films_server).open()
    he.page.fill("#message", "ni")
    he.page.locator("#message").dispatch_event(
        "keydown", {"key": "Enter", "isComposing": True, "bubbles": True, "cancelable": True}
    )
    assert he.page.input_value("#message") == "ni"
    assert he.page.locator(".turn").count() == 0


def test_a_phone_scrolls_down_only_and_shows_panels_as_sheets(chat, hostile_server):
    she = chat(hostile_server, viewport=NARROW, has_touch=True).open()
    wide = """Math.max(...["html", ".conversation", ".panel-body:not([hidden])", ".sidebar"]
        .flatMap((part) => [...document.querySelectorAll(part)])
        .map((part) => part.scrollWidth - part.clientWidth))"""
    she.say("Show me everything")
    for card in she.page.locator(".card").all():
        card.locator(".expand").click()
    she.settled()
    assert she.page.evaluate(wide) == 0
    she.page.locator("[data-kind=like]").last.click()
    she.settled()
    for name in ("you", "map", "settings"):
        she.page.locator(f".opener[data-panel={name}]").click()
        she.settled()
        sheet = she.page.locator("#panel").bounding_box()
        assert sheet["width"] == NARROW["width"]
        assert sheet["y"] > 0
        assert she.page.evaluate(wide) == 0
        assert she.page.locator("#panel").get_attribute("aria-modal") == "true"
        assert she.page.evaluate("document.querySelector('.conversation').inert")
        she.page.keyboard.press("Escape")
        assert not she.page.evaluate("document.querySelector('.conversation').inert")
    she.page.click("[aria-controls=sidebar]")
    assert she.page.locator(".session").is_visible()
    assert she.page.evaluate(wide) == 0
    marks = she.page.locator(".card-actions .mark:visible").all()
    assert min(mark.bounding_box()["height"] for mark in marks) >= 32


def test_a_hostile_catalog_is_only_text(chat, hostile_server):
    he = chat(hostile_server).open()
    said = "Show me everything <img src=y onerror=alert(5)>"
    he.say(said)
    for card in he.page.locator(".card").all():
        card.locator(".expand").click()
        card.locator("[data-kind=like]").click()
        he.settled()
    for name in ("you", "map", "settings"):
        he.panel(name)
    he.page.locator("#developer").check()
    he.panel("trace")
    assert he.page.locator(".said").inner_text() == said
    assert HOSTILE in he.page.locator(".card-title").all_inner_texts()
    assert he.page.evaluate("window.broken") is None
    assert he.page.locator("#app img, #app script, #app b, #app iframe").count() == 0
    links = [link.get_attribute("href") for link in he.page.locator("a.out").all()]
    assert links == [f"https://example.org/{LONG}".replace("ä", "%C3%A4")]
    assert he.page.locator("a.out").get_attribute("rel") == "noopener noreferrer"


def test_a_picture_is_shown_where_there_is_one_and_a_cover_where_it_fails(chat, serve):
    pixel = bytes.fromhex(
        "47494638396101000100800000ff0000ffffff21f90401000000002c00000000010001000002024401003b"
    )
    items = [
        Item(name, name.title(), 2000, categories=("Drama",), image=f"https://pictures.example/{name}.gif")
        for name in ("there", "gone")
    ]
    she = chat(serve(catalog=Catalog(items, name="pictures")))
    she.expected += ["pictures.example", "net::ERR"]
    she.context.route("**/there.gif", lambda route: route.fulfill(body=pixel, content_type="image/gif"))
    she.context.route("**/gone.gif", lambda route: route.abort())
    she.open().say("drama")
    she.page.wait_for_selector("img.here")
    cards = {card.get_attribute("data-item"): card for card in she.page.locator(".card").all()}
    assert cards["there"].locator("img").count() == 1
    assert cards["gone"].locator("img").count() == 0
    assert cards["gone"].locator("svg.drawn").is_visible()


def test_a_service_that_does_not_answer_is_told_of(chat, films_server):
    he = chat(films_server)
    he.expected.append("net::ERR")
    he.context.route("**/v1/config", lambda route: route.abort(), times=1)
    he.open()
    assert he.page.locator("h1").inner_text() == "The service isn't answering"
    he.page.get_by_role("button", name="Try again").click()
    he.page.wait_for_selector(".welcome")


@pytest.mark.parametrize(("theme", "size"), [("light", "desktop"), ("dark", "phone")])
def test_axe_finds_nothing_serious(chat, films_server, theme, size):
    options = {"viewport": NARROW} if size == "phone" else {}
    she = chat(films_server, color_scheme=theme, **options).open()
    page, found = she.page, []

    def look(where: str) -> None:
        for fault in Axe().run(page).response["violations"]:
            if fault["impact"] in ("serious", "critical"):
                found.extend(
                    (where, fault["id"], node["html"][:160], node["failureSummary"])
                    for node in fault["nodes"]
                )

    look("empty")
    she.say("I loved Alien but hated Prometheus. Something scary, not boring, nothing before 1980")
    page.locator(".card .expand").first.click()
    page.locator("[data-kind=like]").nth(1).click()
    page.locator("[data-kind=dislike]").nth(2).click()
    page.locator("[data-kind=seen]").nth(0).click()
    she.settled()
    page.click("#tune")
    page.fill("#tune-variety", "0.4")
    look("list")
    page.keyboard.press("Escape")
    for name in ("settings", "you", "map", "trace"):
        page.locator(f".opener[data-panel={name}]").click()
        she.settled()
        if name == "settings":
            page.locator("#developer").check()
        if name == "trace":
            page.locator(".stages summary").first.click()
        look(name)
        page.keyboard.press("Escape")
    if size == "phone":
        page.click("[aria-controls=sidebar]")
        look("conversations")
    page.get_by_role("button", name=re.compile("^Delete “")).click()
    look("dialog")
    page.keyboard.press("Escape")
    assert found == []
