import pytest

from agent.retrieval.negation import split_wish


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("a creamy fruit salad without kiwi", "a creamy fruit salad", ["kiwi"]),
        ("Fish, but not baked in the oven?", "Fish", ["baked in the oven"]),
        ("a walk that isn't too steep for my knees", "a walk for my knees", ["steep"]),
        ("games that don't contain ads, for kids", "games, for kids", ["ads"]),
        ("no robots please, something calm", "please, something calm", ["robots"]),
        (
            "I don't really like jazz because it is loud. Some rock?",
            "because it is loud. Some rock",
            ["jazz"],
        ),
        ("I am allergic to nuts, what cake can I have?", "what cake can I have", ["nuts"]),
        (
            "A dinner for my son who hates cheese and I need it fast",
            "A dinner for my son and I need it fast",
            ["cheese"],
        ),
        ("a lactose intolerant friend wants gluten-free cake", None, ["gluten", "lactose"]),
        ("not too violent and nothing sad", None, ["violent", "sad"]),
        ("a non-dairy creamer", None, ["dairy"]),
        ("soup that is neither creamy nor hot", "soup", ["creamy nor hot"]),
        ("I'm trying to avoid sugar. Cakes made without using eggs?", "Cakes made", ["eggs", "sugar"]),
        ("想看不含暴力的电影", "想看 的电影", ["暴力"]),
        ("我对花生过敏，来个蛋糕", "我 ，来个蛋糕", ["花生"]),
    ],
)
def test_what_is_turned_down_is_cut_out(text, wanted, unwanted):
    found = split_wish(text)
    assert sorted(found.unwanted) == sorted(unwanted)
    assert found.wanted == (wanted or text)


def test_a_list_is_turned_down_as_a_whole():
    wish = split_wish("a smoothie without any fruits, berries, or grains")
    assert wish == ("a smoothie", ("fruits, berries, or grains",))
    assert split_wish("no gore, violence or swearing, something calm").unwanted == (
        "gore, violence or swearing",
    )
    assert split_wish("no gore, something calm").unwanted == ("gore",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a slow film",
        "why not",
        "no problem, I can't wait",
        "I don't like the second one",
        "I have not seen it",
        "It doesn't have to be new",
        "I don't know what to play",
        "not only comedies",
        "no later than 2015",
        "a free game to feel free",
        "isn't it great?",
        "有没有喜剧，要不要看",
    ],
)
def test_other_negations_turn_nothing_down(text):
    assert split_wish(text) == (text, ())


def test_a_text_that_only_turns_down_is_searched_for_as_it_is():
    assert split_wish("nothing sad") == ("nothing sad", ("sad",))
