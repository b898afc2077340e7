"""A conversation in the browser: lists, feedback, beliefs, sliders, taking back, going on."""

from __future__ import annotations

import json
import re

import pytest

SCARY = "I loved Alien but hated Prometheus. Something scary, nothing before 1980"


def test_a_suggestion_starts_a_conversation_and_a_quick_answer_goes_on(chat, films_server):
    she = chat(films_server).open()
    she.page.locator(".starters button", has_text="I loved Alien").click()
    she.answered(1)
    assert len(she.listed()) == 3
    assert she.page.locator(".turn h2").inner_text() == "3 movies for you"
    answer = she.page.locator(".turn.last .options button").first
    words = answer.inner_text()
    answer.click()
    she.answered(2)
    assert she.page.locator(".turn.last .said").inner_text() == words
    assert not she.page.locator(".turn").first.locator(".options").is_visible()


def test_a_question_further_down_is_pointed_to(chat, films_server):
    he = chat(films_server, viewport={"width": 900, "height": 480}).open()
    he.say(SCARY)
    nudge = he.page.get_by_role("button", name="I have a question")
    nudge.click()
    nudge.wait_for(state="hidden")
    assert he.page.locator(".turn.last .options button").first.is_visible()


def test_feedback_is_kept_shown_and_taken_back(chat, films_server):
    he = chat(films_server).open()
    he.say(SCARY)
    title = he.listed()[0]
    like, seen = (he.card(title).locator(f"[data-kind={kind}]") for kind in ("like", "seen"))
    like.click()
    he.settled()
    seen.click()
    he.settled()
    he.page.reload()
    he.page.wait_for_selector(".turn")
    he.settled()
    assert like.get_attribute("aria-pressed") == seen.get_attribute("aria-pressed") == "true"
    he.page.click("#undo")
    he.settled()
    assert (like.get_attribute("aria-pressed"), seen.get_attribute("aria-pressed")) == ("true", "false")
    like.click()
    he.settled()
    assert like.get_attribute("aria-pressed") == "false"
    he.page.click(".toast button")
    he.settled()
    assert like.get_attribute("aria-pressed") == "true"


def test_what_was_seen_does_not_come_back(chat, films_server):
    she = chat(films_server).open()
    she.say("a comedy")
    first = she.listed()[0]
    she.card(first).locator("[data-kind=seen]").click()
    she.settled()
    she.say("What do you recommend now?")
    assert first not in she.listed()


def test_why_tells_more_than_the_card(chat, films_server):
    he = chat(films_server).open()
    he.say(SCARY)
    card = he.card(he.listed()[0])
    short = card.locator(".card-why").inner_text()
    card.locator(".expand").click()
    he.settled()
    assert card.locator(".full-why").inner_text() != short
    assert card.locator(".expand").get_attribute("aria-expanded") == "true"
    assert card.locator("dd").count() > 0
    card.locator(".card-title").click()
    assert not card.locator(".card-more").is_visible()


def test_more_like_this_asks_for_it_by_its_whole_name(chat, films_server):
    she = chat(films_server).open()
    she.say(SCARY)
    she.card("The Thing (1982)").locator(".mark.more").click()
    she.answered(2)
    assert she.page.locator(".turn.last .said").inner_text() == "More like The Thing (1982)"
    assert "Alien (1979)" not in she.listed()


def test_an_edited_belief_changes_the_next_list_and_can_be_undone(chat, films_server):
    he = chat(films_server).open()
    he.say("a crime movie, nothing before 1990")
    assert "The Godfather (1972)" not in he.listed()
    he.panel("you")
    he.page.get_by_role("button", name="Remove year from 1990").click()
    he.settled()
    he.page.get_by_role("button", name="Recommend again with this").click()
    he.answered(2)
    assert "The Godfather (1972)" in he.listed()
    he.page.click("#undo")
    he.settled()
    assert he.page.locator(".turn").count() == 1
    assert he.page.input_value("#message") == "What do you recommend now?"
    he.page.click("#undo")
    he.settled()
    assert he.page.get_by_role("button", name="Remove year from 1990").is_visible()


def test_attitudes_are_changed_and_forgotten(chat, films_server):
    she = chat(films_server).open()
    she.say("I loved Alien and hated Heat. Recommend something")
    she.panel("you")
    alien = she.page.get_by_label("What you think of Alien (1979)")
    assert alien.input_value() == "2"
    alien.select_option("-1")
    she.settled()
    assert alien.input_value() == "-1"
    she.page.get_by_role("button", name="Remove Heat (1995)").first.click()
    she.settled()
    assert she.page.get_by_label("What you think of Heat (1995)").count() == 0


def test_sliders_set_the_next_turns_strategy_and_length(chat, films_server):
    he = chat(films_server).open()
    he.page.click("#tune")
    he.page.fill("#tune-variety", "0.4")
    he.page.fill("#tune-novelty", "0.3")
    he.page.fill("#tune-length", "5")
    he.page.keyboard.press("Escape")
    with he.page.expect_request("**/turns") as sent:
        he.say("something popular")
    asked = json.loads(sent.value.post_data)
    assert (asked["strategy"], asked["n"]) == ("diversity=0.4,novelty=0.3", 5)
    assert len(he.listed()) == 5
    he.page.click("#tune")
    he.page.get_by_role("button", name="Back to automatic").click()
    he.page.keyboard.press("Escape")
    with he.page.expect_request("**/turns") as sent:
        he.say("What do you recommend now?")
    asked = json.loads(sent.value.post_data)
    assert (asked["strategy"], asked["n"]) == (None, None)


def test_two_people_see_nothing_of_one_another(chat, films_server):
    she, he = chat(films_server).open(), chat(films_server).open()
    she.say(SCARY)
    address = she.page.url
    he.page.reload()
    he.page.wait_for_selector(".welcome")
    assert he.page.locator(".session").count() == 0
    he.expected.append("404")
    he.page.goto("about:blank")
    he.page.goto(address)
    he.page.wait_for_selector(".toast.wrong")
    assert he.page.locator(".turn").count() == 0
    assert "Something scary" not in he.page.content()


def test_a_reload_and_the_back_button_go_on_where_one_was(chat, films_server):
    she = chat(films_server).open()
    she.say("a comedy")
    comedies = she.listed()
    she.page.reload()
    she.page.wait_for_selector(".turn")
    she.settled()
    assert she.listed() == comedies
    she.page.get_by_role("button", name="New conversation").click()
    she.page.wait_for_selector(".welcome")
    she.say("a western")
    assert she.page.locator(".session-title").all_inner_texts() == ["a western", "a comedy"]
    she.page.locator(".session", has_text="a comedy").click()
    she.first_said("a comedy")
    assert she.listed() == comedies
    she.page.go_back()
    she.first_said("a western")


def test_a_conversation_is_deleted_only_when_agreed(chat, films_server):
    he = chat(films_server).open()
    he.say("a comedy")
    for button, left in (("Cancel", 1), ("Delete", 0)):
        he.page.get_by_role("button", name="Delete “a comedy”").click()
        he.page.locator("dialog").get_by_role("button", name=button).click()
        he.settled()
        assert he.page.locator(".session").count() == left
    assert he.page.locator(".welcome").is_visible()


def test_a_draft_outlives_a_reload(chat, films_server):
    she = chat(films_server).open()
    she.page.fill("#message", "half a thought")
    she.page.reload()
    she.page.wait_for_selector("#message")
    assert she.page.input_value("#message") == "half a thought"


def test_a_failed_turn_is_tried_again_under_the_same_id(chat, films_server):
    he = chat(films_server).open()
    he.expected.append("503")
    ids = []

    def fail_once(route):
        ids.append(route.request.headers["idempotency-key"])
        if len(ids) > 1:
            return route.continue_()
        error = {
            "message": "The store is down.",
            "code": "store",
            "hint": "Wait.",
            "request_id": "r7",
        }
        return route.fulfill(status=503, json={"error": error})

    he.page.route("**/turns", fail_once)
    he.page.fill("#message", "a comedy")
    he.page.press("#message", "Enter")
    he.page.wait_for_selector(".failure")
    told = he.page.locator(".failure").inner_text()
    assert all(words in told for words in ("The store is down.", "Wait.", "r7"))
    he.page.get_by_role("button", name="Try again").click()
    he.answered(1)
    assert len(he.listed()) == 3
    assert len(ids) == 2
    assert ids[0] == ids[1]


def test_an_answer_that_breaks_off_is_completed_by_trying_again(chat, films_server):
    she = chat(films_server).open()
    she.say("a comedy")
    whole = []

    def cut(route):
        response = route.fetch()
        whole.append(response.text())
        # All but the last event, as when the connection is lost before the end.
        route.fulfill(response=response, body=whole[0].rsplit("event: turn", 1)[0])

    she.page.route("**/turns", cut, times=1)
    she.page.fill("#message", SCARY)
    she.page.press("#message", "Enter")
    she.page.wait_for_selector(".failure")
    listed = she.listed()
    assert len(listed) == 3
    she.page.get_by_role("button", name="Try again").click()
    she.answered(2)
    assert she.listed() == listed
    she.page.reload()
    she.page.wait_for_selector(".turn")
    assert she.page.locator(".turn").count() == 2


def test_what_could_not_be_sent_can_be_edited(chat, films_server):
    he = chat(films_server).open()
    he.expected.append("net::ERR")
    he.page.route("**/turns", lambda route: route.abort())
    he.page.fill("#message", "a comdy")
    he.page.press("#message", "Enter")
    he.page.get_by_role("button", name="Edit").click()
    assert he.page.input_value("#message") == "a comdy"
    assert he.page.locator(".turn").count() == 0


def test_stopping_before_the_answer_gives_the_words_back(chat, films_server):
    she = chat(films_server).open()
    she.page.route("**/turns", lambda route: None)  # it never answers
    she.page.fill("#message", "a comedy")
    she.page.press("#message", "Enter")
    she.page.wait_for_selector(".skeleton")
    she.page.get_by_role("button", name="Stop").click()
    she.page.wait_for_selector(".welcome")
    assert she.page.input_value("#message") == "a comedy"


def test_stopping_after_the_list_keeps_what_the_server_has_taken_in(chat, films_server):
    he = chat(films_server).open()
    he.say("a comedy")

    answered = []

    def never_heard_of(route):
        answered.append(route.fetch())  # the server answers, the page does not hear of it

    he.page.route("**/turns", never_heard_of, times=1)
    he.page.fill("#message", SCARY)
    he.page.press("#message", "Enter")
    he.page.wait_for_selector(".skeleton")
    while not answered:
        he.page.wait_for_timeout(20)
    he.page.get_by_role("button", name="Stop").click()
    he.answered(2)
    assert len(he.listed()) == 3
    assert he.page.locator(".turn.last .aside").inner_text() == "Stopped."
    assert he.page.input_value("#message") == ""
    he.page.click("#undo")
    he.settled()
    assert he.page.locator(".turn").count() == 1


def test_an_answer_does_not_follow_into_another_conversation(chat, films_server):
    she = chat(films_server).open()
    she.say("a comedy")
    she.page.route("**/turns", lambda route: None, times=1)  # it never answers
    she.page.fill("#message", SCARY)
    she.page.press("#message", "Enter")
    she.page.get_by_role("button", name="New conversation").click()
    she.page.wait_for_selector(".welcome")
    she.settled()
    assert she.page.locator(".turn").count() == 0
    assert she.page.input_value("#message") == ""
    she.say("a western")
    assert she.page.locator(".said").all_inner_texts() == ["a western"]


def test_a_conversation_that_is_gone_leaves_one_where_one_was(chat, films_server):
    he = chat(films_server).open()
    he.expected.append("404")
    he.say("a comedy")
    there = he.page.url
    he.page.evaluate("location.hash = '#/c/no-such-conversation'")
    he.page.wait_for_selector(".toast.wrong")
    assert he.page.url == there
    assert he.page.locator(".said").inner_text() == "a comedy"


def test_the_reply_is_announced_once_and_not_word_by_word(chat, films_server):
    he = chat(films_server).open()
    he.page.evaluate(
        "window.told = []; new MutationObserver(() => told.push(document.getElementById('live').textContent))"
        ".observe(document.getElementById('live'), {childList: true, characterData: true, subtree: true})"
    )
    he.say(SCARY)
    told = he.page.evaluate("told")
    assert len(told) == 1
    assert told[0].startswith("3 movies for you. First: ")


def test_one_takes_ones_data_along_and_has_them_deleted(chat, films_server):
    she = chat(films_server).open()
    she.say(SCARY)
    she.panel("settings")
    with she.page.expect_download() as download:
        she.page.get_by_role("button", name="Download my data").click()
    assert SCARY in json.dumps(json.loads(download.value.path().read_text()))
    she.page.get_by_role("button", name="Delete everything about me").click()
    she.page.locator("dialog").get_by_role("button", name="Delete everything about me").click()
    she.page.wait_for_selector(".welcome")
    she.settled()
    assert she.page.locator(".session").count() == 0
    she.panel("settings") if not she.page.locator("#panel-settings").is_visible() else None
    with she.page.expect_download() as download:
        she.page.get_by_role("button", name="Download my data").click()
    assert SCARY not in download.value.path().read_text()


def test_opting_out_of_the_memory_is_kept(chat, films_server):
    he = chat(films_server).open()
    he.say("a comedy")
    he.panel("settings")
    he.page.locator("#remember").uncheck()
    he.settled()
    he.page.reload()
    he.page.wait_for_selector(".turn")
    if not he.page.locator("#remember").is_visible():
        he.panel("settings")
    assert not he.page.locator("#remember").is_checked()


def test_the_map_shows_what_is_liked_and_opens_it(chat, films_server):
    she = chat(films_server).open()
    she.say(SCARY)
    she.panel("map")
    she.page.wait_for_selector(".plot-svg")
    assert she.page.locator(".plot-svg [role=button][aria-label^='Alien (1979), liked']").count() == 1
    assert she.page.locator(".plot-svg [role=button][aria-label^='Prometheus (2012), disliked']").count() == 1
    she.page.locator(".plot-svg [tabindex='0']").focus()
    assert she.page.locator(".plot-label").inner_text().startswith("Alien (1979)")
    she.page.keyboard.press("Enter")
    she.page.wait_for_selector(".plot-detail .card")
    assert she.page.locator(".plot-detail .card-title").inner_text() == "Alien"
    she.page.keyboard.press("ArrowLeft")
    she.page.keyboard.press("ArrowRight")
    rows = she.page.locator(".plot-table tbody tr")
    she.page.locator(".plot-table summary").click()
    assert rows.count() == she.page.locator(".plot-svg [role=button]").count()


def test_developers_see_how_a_list_was_made(chat, films_server):
    he = chat(films_server).open()
    he.say(SCARY)
    assert he.page.locator(".opener[data-panel=trace]:visible, .card-dev:visible").count() == 0
    he.panel("settings")
    he.page.locator("#developer").check()
    he.page.locator(".list-head button").click()
    he.page.wait_for_selector(".stages li")
    stages = he.page.locator(".stage-name").all_inner_texts()
    assert {"understand", "retrieve", "fuse", "rank", "diversify"} <= set(stages)
    he.page.locator(".stages summary").first.click()
    assert "scary" in he.page.locator(".stages pre").first.inner_text()
    assert he.page.locator(".card-dev:visible").count() == 3


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_follows_the_system_until_one_is_chosen(chat, films_server, theme):
    she = chat(films_server, color_scheme=theme).open()
    dark = "parseInt(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]) < 128"
    assert she.page.evaluate(dark) == (theme == "dark")
    she.page.click("#theme")
    assert she.page.evaluate(dark) == (theme != "dark")
    she.page.reload()
    she.page.wait_for_selector("#message")
    assert she.page.evaluate(dark) == (theme != "dark")


def test_chinese_is_spoken_to_who_reads_it(chat, films_server):
    he = chat(films_server, locale="zh-CN").open()
    assert he.page.locator("html").get_attribute("lang") == "zh"
    he.say("我很喜欢《Alien》，不要喜剧")
    assert "为你推荐" in he.page.locator(".turn h2").inner_text()
    assert any("\u4e00" <= char <= "\u9fff" for char in he.page.locator(".card-why").first.inner_text())


def test_both_languages_say_the_same_things(chat, films_server):
    she = chat(films_server).open()
    english, chinese = (
        she.module(f"locales/{code}.js").evaluate("(m) => m.default") for code in ("en", "zh")
    )
    told = re.compile(r"kind\.|field\.|.*\.one$")  # what one language has and the other needs not
    assert {n for n in english if not told.match(n)} == {n for n in chinese if not told.match(n)}
    for name in english.keys() & chinese.keys():
        holes = [sorted(re.findall(r"\{(\w+)\}", words[name])) for words in (english, chinese)]
        assert holes[0] == [hole for hole in holes[1] if hole != "measure"]


def test_streams_are_read_however_they_are_cut(chat, films_server):
    he = chat(films_server).open()
    stream = ': a comment\r\n\r\nevent: word\r\ndata: {"text": \r\ndata: "é"}\r\n\r\nid: 3\n\ndata: [1]\r\r'
    read = """async (m, pieces) => {
      const bytes = pieces.map((piece) => Uint8Array.from(piece));
      const body = new ReadableStream({start(c) { bytes.forEach((b) => c.enqueue(b)); c.close(); }});
      const found = [];
      for await (const event of m.events(body)) found.push(event);
      return found;
    }"""
    whole = [{"event": "word", "data": {"text": "é"}}, {"event": "message", "data": [1]}]
    raw, reader = stream.encode(), he.module("sse.js")
    for cut in range(len(raw) + 1):
        assert reader.evaluate(read, [[*raw[:cut]], [*raw[cut:]]]) == whole
