"""What an utterance is for, critiques, counts, dropped conditions and the wish."""

from __future__ import annotations

import pytest

from agent.catalog import Catalog, Item
from agent.understanding import RuleUnderstander

LAST = ["alien", "gravity", "titanic", "heat", "up"]


@pytest.mark.parametrize(
    ("text", "last", "main"),
    [
        ("recommend me a comedy", [], "recommend"),
        ("something like Alien", [], "recommend"),
        ("a slow-burning thriller about chess", [], "recommend"),
        ("loved Alien", [], "inform"),
        ("I've never seen Titanic", [], "inform"),
        ("I love westerns", [], "inform"),
        ("who directed Alien?", [], "ask_item"),
        ("tell me about the second", LAST, "ask_item"),
        ("is it scary?", LAST, "ask_item"),
        ("what about the fourth?", LAST, "ask_item"),
        ("why the third?", LAST, "ask_why"),
        ("why did you recommend that?", LAST, "ask_why"),
        ("something newer", LAST, "critique"),
        ("less dark", LAST, "critique"),
        ("more like the second", LAST, "critique"),
        ("surprise me", LAST, "critique"),
        ("great, I'll watch the first", LAST, "accept"),
        ("sounds good", LAST, "accept"),
        ("perfect", LAST, "accept"),
        ("none of these", LAST, "reject"),
        ("not the second", LAST, "reject"),
        ("you already recommended that", LAST, "reject"),
        ("any year is fine", LAST, "relax"),
        ("horror is ok after all", LAST, "relax"),
        ("hello", [], "greet"),
        ("hi there!", [], "greet"),
        ("thanks!", LAST, "thank"),
        ("bye", LAST, "goodbye"),
        ("what's the weather like in Oslo?", [], "off_topic"),
        ("Hello! I'm looking for a comedy", [], "recommend"),
        ("推荐一部喜剧", [], "recommend"),
        ("第二个为什么？", LAST, "ask_why"),
        ("换一批", LAST, "reject"),
        ("你好", [], "greet"),
        ("谢谢", LAST, "thank"),
        ("再见", LAST, "goodbye"),
        ("今天天气怎么样", [], "off_topic"),
    ],
)
def test_intent(movies, text, last, main):
    assert main in movies.understand(text, last).intents


@pytest.mark.parametrize(
    ("text", "last", "absent"),
    [
        ("have you seen Alien?", [], "inform"),
        ("what is Alien about?", [], "recommend"),
        ("Hello! I'm looking for a comedy", [], "greet"),
        ("I won't watch that", LAST, "accept"),
        ("something newer", LAST, "recommend"),
        ("I like the third", LAST, "reject"),
        ("horror is fine", [], "relax"),
        ("The Thing is great", [], "ask_item"),
    ],
)
def test_no_such_intent(movies, text, last, absent):
    assert absent not in movies.understand(text, last).intents


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("something newer", {("newer", None, None)}),
        ("got anything older?", {("older", None, None)}),
        ("newer than the second", {("newer", None, "gravity")}),
        ("shorter", {("shorter", None, None)}),
        ("these are too long", {("shorter", None, None)}),
        ("less dark", {("less", "dark", None)}),
        ("not so dark", {("less", "dark", None)}),
        ("a bit more light hearted please", {("more", "light hearted", None)}),
        ("funnier", {("more", "funny", None)}),
        ("more action and less talking", {("more", "action", None), ("less", "talking", None)}),
        ("too violent", {("less", "violent", None)}),
        ("more like the second", {("more_like", None, "gravity")}),
        ("more like #4 but funnier", {("more_like", None, "heat"), ("more", "funny", None)}),
        ("more like the first and the third", {("more_like", None, "alien"), ("more_like", None, "titanic")}),
        ("I love the third one, more like that", {("more_like", None, "titanic")}),
        ("nothing like the third", {("less_like", None, "titanic")}),
        ("more like Inception", {("more_like", None, "inception")}),
        ("surprise me", {("surprise", None, None)}),
        ("要更新一点的", {("newer", None, None)}),
        ("不要那么黑暗", {("less", "黑暗", None)}),
        ("更轻松一点的", {("more", "轻松", None)}),
        ("像第二个那样的", {("more_like", None, "gravity")}),
        ("newer than 2010", set()),
        ("more comedies", set()),
        ("show me more", set()),
        ("I didn't like the second", set()),
        ("the first is too slow", set()),
    ],
)
def test_critiques(movies, text, expected):
    said = movies.understand(text, LAST)
    assert {(c.kind, c.value, c.item_id) for c in said.critiques} == expected


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("give me 3 documentaries", 3),
        ("show me ten French comedies", 10),
        ("top 5", 5),
        ("five movies please", 5),
        ("no more than 7 please", 7),
        ("just one", 1),
        ("推荐三部喜剧", 3),
        ("give me 12 Monkeys", None),
        ("movies from 1994", None),
        ("I watched 3 movies today", None),
        ("under 90 minutes", None),
    ],
)
def test_how_many(movies, text, n):
    assert movies.understand(text).n == n


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("any year will do", ("year",)),
        ("forget about the genre", ("categories",)),
        ("horror is fine after all", ("categories",)),
        ("drop the rating limit", ("rating",)),
        ("the length doesn't matter", ("minutes",)),
        ("older than 1990 is fine", ("year",)),
        ("anything goes", ("*",)),
        ("start over", ("*",)),
        ("年份不限", ("year",)),
        ("a comedy, please", ()),
    ],
)
def test_dropped_conditions(movies, text, fields):
    said = movies.understand(text, LAST)
    assert said.relaxed == fields
    assert not fields or said.constraints == ()


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("Hi! Can you recommend a slow-burning thriller about chess, please?", "slow-burning about chess"),
        ("I'm looking for something with robots, made before 1985", "robots"),
        ("loved Alien, hated Titanic", ""),
        ("something like Alien", ""),
        ("I hate musicals, give me something about chess", "about chess"),
        ("no subtitles please", "no subtitles"),
        ("a comedy", ""),
    ],
)
def test_wish(movies, text, wish):
    assert movies.understand(text).wish == wish


@pytest.mark.parametrize(
    "typed", ["I lo\x01ve Alien", "I \x1b[31mlove\x1b[0m Alien", "I love\x0bAlien", "I l\u200bove Alien\x00"]
)
def test_control_characters_and_escapes_change_nothing(movies, typed):
    said = movies.understand(typed)
    assert [(m.text, m.attitude) for m in said.mentions] == [("Alien", 2)]


def test_reading_is_deterministic(movies):
    text = "Loved Alien, hated Titanic; three newer ones like the second, no horror"
    assert movies.understand(text, LAST) == movies.understand(text, LAST)


@pytest.fixture(scope="module")
def recipes():
    titles = ["Roasted cod with lemon", "Beef stew", "Cheese pizza", "Lamb curry"]
    return RuleUnderstander(Catalog([Item(str(i), t) for i, t in enumerate(titles)], kind="recipe"))


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("Can I have a recipe for fish that's roasted?", "fish"),
        ("I want to eat pizza but I'm watching my weight", "pizza"),
        ("Find me a pasta dish for my dog", "pasta"),
        ("How do I spice up my instant noodles?", "noodles"),
        ("I want a dish with meat and I don't like vegetables", "meat"),
        ("Something warm from the Nile River", "Nile River"),
        ("I like smoky flavours, nothing sweet", "smoky"),
    ],
)
def test_a_request_for_what_the_catalog_may_hold_keeps_its_wish(recipes, text, wish):
    said = recipes.understand(text)
    assert "recommend" in said.intents
    assert "off_topic" not in said.intents
    assert wish in said.wish


@pytest.mark.parametrize(
    "text", ["find me a good pasta recipe", "recommend a restaurant", "book me a flight"]
)
def test_other_kinds_of_things_are_off_topic(movies, text):
    assert movies.understand(text).intents == ("off_topic",)
    assert "off_topic" not in movies.understand("a film about a pizza restaurant").intents


@pytest.mark.parametrize("text", ["what's 12 * 7?", "tell me a joke", "who are you?", "write me a poem"])
def test_what_no_catalog_answers_is_off_topic(recipes, text):
    assert recipes.understand(text).intents == ("off_topic",)
