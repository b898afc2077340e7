import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.grounding.normalise import (
    clean,
    compact,
    drop_article,
    fold,
    key,
    numbers,
    numeric_key,
    restore_article,
    split_aka,
    split_alternative,
    split_subtitle,
    split_tags,
)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Rock &amp; Roll", "Rock & Roll"),
        ("  Night\t of\n the  Comet ", "Night of the Comet"),
        ("A\u200bB\x07C", "ABC"),
        ("Rosemary’s Baby", "Rosemary's Baby"),
        ("Ame\u0301lie", "Amélie"),
    ],
)
def test_clean(raw, expected):
    assert clean(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Amélie", "amelie"),
        ("Straße", "strasse"),
        ("Smørrebrød", "smorrebrod"),
        ("Łódź", "lodz"),
        ("Œuvre", "oeuvre"),
        ("Alien³", "alien3"),
        ("８½", "8 1/2"),
        ("がんばれ", "がんばれ"),
        ("기생충", "기생충"),
        ("霸王别姬", "霸王别姬"),
        ("Сталкер", "сталкер"),
        ("हिन्दी", "हिन्दी"),
    ],
)
def test_fold_keeps_marks_that_are_no_accents(raw, expected):
    assert fold(raw) == expected


@pytest.mark.parametrize(
    ("raw", "title", "year", "kind"),
    [
        ("Heat (1995)", "Heat", 1995, None),
        ("Heat [1995]", "Heat", 1995, None),
        ("1984 (1984)", "1984", 1984, None),
        ("2012", "2012", None, None),
        ("(1995)", "(1995)", None, None),
        ("Blade Runner 2049", "Blade Runner 2049", None, None),
        ("Dark (2017–2020)", "Dark", 2017, None),
        ("Dark (2017– )", "Dark", 2017, None),
        ("Solaris (1972 film)", "Solaris", 1972, "movie"),
        ("Solaris (film, 2002)", "Solaris", 2002, "movie"),
        ("Fargo (TV series) (2014)", "Fargo", 2014, "series"),
        ("Fargo (TV Series 2014)", "Fargo", 2014, "series"),
        ("Bao (short film)", "Bao", None, "short"),
        ("Dune (novel)", "Dune", None, "book"),
        ("英雄（2002）", "英雄", 2002, None),
        ("Seven (a.k.a. Se7en) (1995)", "Seven (a.k.a. Se7en)", 1995, None),
        ("The Party (at Kitty and Stud's)", "The Party (at Kitty and Stud's)", None, None),
    ],
)
def test_split_tags(raw, title, year, kind):
    assert split_tags(raw) == (title, year, kind)


@pytest.mark.parametrize(
    ("moved", "restored"),
    [
        ("Matrix, The", "The Matrix"),
        ("Misérables, Les", "Les Misérables"),
        ("Avventura, L'", "L'Avventura"),
        ("Avventura, L’", "L’Avventura"),
        ("Boot, Das", "Das Boot"),
        ("Mariachi, El", "El Mariachi"),
        ("Common Thread, A", "A Common Thread"),
        ("Godfather, The: Part II", "The Godfather: Part II"),
        ("Good, the Bad and the Ugly, The", "The Good, the Bad and the Ugly"),
        ("Crouching Tiger, Hidden Dragon", "Crouching Tiger, Hidden Dragon"),
        ("Me, Myself", "Me, Myself"),
        ("The Matrix", "The Matrix"),
    ],
)
def test_restore_article(moved, restored):
    assert restore_article(moved) == restored


@pytest.mark.parametrize(
    ("title", "without"),
    [
        ("The Matrix", "Matrix"),
        ("An Education", "Education"),
        ("L'Avventura", "Avventura"),
        ("Les Diaboliques", "Diaboliques"),
        ("Die Hard", "Die Hard"),
        ("As Good as It Gets", "As Good as It Gets"),
        ("The", "The"),
        ("Theodora", "Theodora"),
    ],
)
def test_drop_article(title, without):
    assert drop_article(title) == without


@pytest.mark.parametrize(
    ("title", "main", "others"),
    [
        ("Seven (a.k.a. Se7en)", "Seven", ("Se7en",)),
        ("The Postman (Postino, Il)", "The Postman", ("Il Postino",)),
        ("Zombie (a.k.a. Zombie 2) (Zombi 2)", "Zombie", ("Zombie 2", "Zombi 2")),
        ("Oldboy (also known as Old Boy)", "Oldboy", ("Old Boy",)),
        ("(500) Days of Summer", "(500) Days of Summer", ()),
        ("You Are (Not) Alone", "You Are (Not) Alone", ()),
        ("Otto e mezzo (8½)", "Otto e mezzo", ("8½",)),
        ("What (?!)", "What (?!)", ()),
    ],
)
def test_split_aka(title, main, others):
    assert split_aka(title) == (main, others)


@pytest.mark.parametrize(
    ("title", "parts"),
    [
        ("Alien: Resurrection", ("Alien", "Resurrection")),
        ("Mission: Impossible - Fallout", ("Mission", "Impossible - Fallout")),
        ("Fantômas - À l'ombre", ("Fantômas", "À l'ombre")),
        ("Spider-Man", ("Spider-Man", None)),
        ("Heat:", ("Heat:", None)),
    ],
)
def test_split_subtitle(title, parts):
    assert split_subtitle(title) == parts


@pytest.mark.parametrize(
    ("title", "parts"),
    [
        ("Dr. Strangelove or: How I Learned to Worry", ("Dr. Strangelove", "How I Learned to Worry")),
        ("Birdman: Or, The Unexpected Virtue", ("Birdman", "The Unexpected Virtue")),
        ("Broken Blossoms or The Yellow Man", ("Broken Blossoms", "The Yellow Man")),
        ("Trick or Treat", ()),
        ("Life or Something Like It", ()),
    ],
)
def test_split_alternative(title, parts):
    assert split_alternative(title) == parts


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Fast & Furious", "fast and furious"),
        ("Don’t Look Now", "Dont look now"),
        ("Good Night, and Good Luck.", "good night and good luck"),
        ("20,000 Leagues Under the Sea", "20000 leagues under the sea"),
        ("Mission: Impossible", "Mission Impossible"),
        ("WALL·E", "Wall-E"),
        ("AMÉLIE", "amelie"),
    ],
)
def test_key_is_the_same(one, other):
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Alien", "Aliens"), ("$", "€"), ("Rocky II", "Rocky III"), ("か", "が")]
)
def test_key_differs(one, other):
    assert key(one) != key(other)


def test_key_of_punctuation_is_not_empty():
    assert key("$") == "$"
    assert key("...") == "..."
    assert key("   ") == ""


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("rocky ii", "rocky 2"),
        ("the godfather part ii", "the godfather 2"),
        ("kill bill vol 2", "kill bill 2"),
        ("twelve monkeys", "12 monkeys"),
        ("star wars episode iv a new hope", "star wars episode 4 a new hope"),
        ("malcolm x", "malcolm x"),
        ("the king and i", "the king and i"),
        ("history of the world part i", "history of the world 1"),
        ("i robot", "i robot"),
        ("流浪地球二", "流浪地球2"),
    ],
)
def test_numeric_key(title, expected):
    assert numeric_key(title) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("alien 3", ("3",)),
        ("alien3", ("3",)),
        ("aliens", ()),
        ("rocky iv", ("4",)),
        ("kill bill vol 1", ()),
        ("2001 a space odyssey", ("2001",)),
        ("se7en", ("7",)),
        ("流浪地球2", ("2",)),
        ("流浪地球二", ("2",)),
        ("统一", ()),
    ],
)
def test_numbers(title, expected):
    assert numbers(title) == expected


def test_compact():
    assert compact(key("Spider-Man")) == compact(key("Spiderman")) == "spiderman"


@given(st.text(max_size=60))
def test_a_key_is_a_key_already(text):
    once = key(text)
    assert key(once) == once
    assert once == once.strip()
    assert not any(unicodedata.category(c) == "Cc" for c in once)
