import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.grounding.parse import parse_titles


def read(text):
    """(title, year) of everything parsed; the offsets must point at the title."""
    found = parse_titles(text)
    for title in found:
        assert text[title.start : title.end] == title.title
    return [(t.title, t.year) for t in found]


def test_numbered_list_with_chatter_around():
    text = """Sure! Here are some movies you might enjoy:

1. The Matrix (1999) - because you like science fiction
2. 12 Angry Men (1957)
3) 2001: A Space Odyssey (1968): a classic
4. 10 Things I Hate About You
5. Crouching Tiger, Hidden Dragon
12. 12 Angry Men

Let me know if you want more!"""
    assert read(text) == [
        ("The Matrix", 1999),
        ("12 Angry Men", 1957),
        ("2001: A Space Odyssey", 1968),
        ("10 Things I Hate About You", None),
        ("Crouching Tiger, Hidden Dragon", None),
        ("12 Angry Men", None),
    ]


def test_notes_are_kept():
    notes = [
        t.note
        for t in parse_titles("1. Heat (1995) - because of the coffee shop\n2. Up: a lonely man flies away.")
    ]
    assert notes == ["because of the coffee shop", "a lonely man flies away."]


def test_repeats_are_kept():
    assert read("1. Alien\n2. Alien\n3. Alien") == [("Alien", None)] * 3


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("- Alien", ("Alien", None)),
        ("* Alien", ("Alien", None)),
        ("• Alien (1979)", ("Alien", 1979)),
        ("– Alien", ("Alien", None)),
        ("🎬 Alien (1979)", ("Alien", 1979)),
        ("1️⃣ Alien", ("Alien", None)),
        ("#1. Alien", ("Alien", None)),
        ("(1) Alien", ("Alien", None)),
        ("a) Alien", ("Alien", None)),
        ("- [ ] Alien", ("Alien", None)),
        ("1.Alien", ("Alien", None)),
        ("1、霸王别姬", ("霸王别姬", None)),
        ("1.《霸王别姬》（1993）：一部关于京剧的史诗", ("霸王别姬", 1993)),
        ("> 1. Alien", ("Alien", None)),
        ("### 1. Alien (1979)", ("Alien", 1979)),
        ("**1. Alien** (1979)", ("Alien", 1979)),
    ],
)
def test_list_marks(line, expected):
    assert read(f"Try these:\n{line}") == [expected]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("**Alien** (1979)", ("Alien", 1979)),
        ("**Alien (1979)** – horror in space", ("Alien", 1979)),
        ("**Alien:** horror in space", ("Alien", None)),
        ("*Alien* (1979)", ("Alien", 1979)),
        ("_Alien_, 1979", ("Alien", 1979)),
        ("***Alien***", ("Alien", None)),
        ("`Alien`", ("Alien", None)),
        ("[Alien](https://example.org/alien) (1979)", ("Alien", 1979)),
        ('"Alien" (1979)', ("Alien", 1979)),
        ("“Alien” by Ridley Scott", ("Alien", None)),
        ("'Alien' because it is scary", ("Alien", None)),
        ("«Alien»", ("Alien", None)),
        ("„Alien“ (1979)", ("Alien", 1979)),
        ("《英雄》（2002）", ("英雄", 2002)),
        ("「千と千尋の神隠し」", ("千と千尋の神隠し", None)),
        ('"Crocodile" Dundee (1986)', ('"Crocodile" Dundee', 1986)),
        ("'Tis Pity She's a Whore", ("'Tis Pity She's a Whore", None)),
        ("Alien (1979, dir. Ridley Scott)", ("Alien", 1979)),
        ("Alien (dir. Ridley Scott, 1979)", ("Alien", 1979)),
        ("Alien (directed by Ridley Scott)", ("Alien", None)),
        ("Alien [1979]", ("Alien", 1979)),
        ("Alien, 1979", ("Alien", 1979)),
        ("Alien - 1979 - a horror film", ("Alien", 1979)),
        ("Alien — a crew finds something", ("Alien", None)),
        ("Alien because it is scary", ("Alien", None)),
        ("Alien | horror | 117 min", ("Alien", None)),
        ("Title: Alien (1979)", ("Alien", 1979)),
        ("Alien: This film is a milestone of the genre.", ("Alien", None)),
        ("Mission: Impossible - Fallout", ("Mission: Impossible - Fallout", None)),
        ("Star Wars: Episode IV - A New Hope (1977)", ("Star Wars: Episode IV - A New Hope", 1977)),
        ("Fantômas - À l'ombre de la guillotine (1913)", ("Fantômas - À l'ombre de la guillotine", 1913)),
        (
            "Amélie: Le fabuleux destin d'Amélie Poulain",
            ("Amélie: Le fabuleux destin d'Amélie Poulain", None),
        ),
        ("Good Night, and Good Luck.", ("Good Night, and Good Luck", None)),
        ("E.T.", ("E.T.", None)),
        ("Kill Bill: Vol. 1", ("Kill Bill: Vol. 1", None)),
        ("Dr. Strangelove or: How I Learned to Worry", ("Dr. Strangelove or: How I Learned to Worry", None)),
        ("Seven (a.k.a. Se7en) (1995)", ("Seven (a.k.a. Se7en)", 1995)),
        ("(500) Days of Summer (2009)", ("(500) Days of Summer", 2009)),
        ("M*A*S*H", ("M*A*S*H", None)),
        ("$", ("$", None)),
        ("8½", ("8½", None)),
        ("1917", ("1917", None)),
        ("Blade Runner 2049 (2017)", ("Blade Runner 2049", 2017)),
        ("Who's Afraid of Virginia Woolf?", ("Who's Afraid of Virginia Woolf?", None)),
    ],
)
def test_entries(body, expected):
    assert read(f"1. {body}\n2. Heat")[0] == expected


def test_a_dash_in_every_entry_separates_title_and_note():
    assert read("- Alien - Ridley Scott\n- Heat - Michael Mann\n- Up - Pete Docter") == [
        ("Alien", None),
        ("Heat", None),
        ("Up", None),
    ]


def test_sub_points_are_notes():
    text = """1. **Alien (1979)**
   - Director: Ridley Scott
   - Why: It is scary.
2. **Heat (1995)**
   - A thief and a cop."""
    assert read(text) == [("Alien", 1979), ("Heat", 1995)]


def test_groups_hand_on_their_titles():
    text = "1. **Action:**\n   - Die Hard\n   - Speed\n2. **Comedy:**\n   - Airplane!"
    assert read(text) == [("Die Hard", None), ("Speed", None), ("Airplane!", None)]


def test_details_of_an_entry_are_no_titles():
    assert read("Title: Alien\nYear: 1979\nGenre: Horror") == [("Alien", None)]


def test_counted_lines():
    assert read("1: Alien\n2: Heat") == [("Alien", None), ("Heat", None)]
    assert read("1 - Alien\n2 - Heat") == [("Alien", None), ("Heat", None)]


def test_table():
    text = """Here you are:

| # | Movie | Year | Why |
|---|:------|------|-----|
| 1 | **Alien** | 1979 | scary |
| 2 | Heat (1995) | | tense |"""
    assert read(text) == [("Alien", 1979), ("Heat", 1995)]


def test_table_without_a_title_column():
    assert read("| | |\n|--|--|\n| 1 | Alien |\n| 2 | Heat |") == [("Alien", None), ("Heat", None)]


@pytest.mark.parametrize(
    "document",
    [
        ["Alien", "Heat (1995)"],
        {"titles": ["Alien", "Heat (1995)"]},
        {"1": "Alien", "2": "Heat (1995)"},
        [{"title": "Alien"}, {"title": "Heat", "year": 1995}],
        [{"name": "Alien", "genres": ["Horror"]}, {"name": "Heat", "release_year": "1995"}],
        {
            "recommendations": [
                {"title": "Alien", "cast": [{"name": "Weaver"}]},
                {"title": "Heat", "year": "1995"},
            ]
        },
    ],
)
@pytest.mark.parametrize("frame", ["{}", "```json\n{}\n```", "Sure, here it is:\n{}\nEnjoy!"])
def test_json(document, frame):
    assert read(frame.replace("{}", json.dumps(document, indent=1))) == [("Alien", None), ("Heat", 1995)]


def test_json_notes_and_escapes():
    (title,) = parse_titles('[{"title": "\\u00c9t\\u00e9 \\"42\\"", "reason": "heat"}]')
    assert (title.title, title.note) == ('Été "42"', "heat")


def test_json_lines():
    assert read('{"title": "Alien"}\n{"title": "Heat"}') == [("Alien", None), ("Heat", None)]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ('["Alien", "Heat", "The Ma', ["Alien", "Heat", "The Ma"]),
        ('["Alien", "Heat",', ["Alien", "Heat"]),
        ('{"titles": [{"title": "Alien", "year": 1979}, {"title": "He', ["Alien", "He"]),
        ('{"titles": [{"title": "Alien", "year": 1979}, {"titl', ["Alien"]),
    ],
)
def test_truncated_json(text, titles):
    assert [t for t, _ in read(text)] == titles


def test_dated_titles_in_prose():
    text = "You should watch The Matrix (1999), Good Night, and Good Luck (2005) and Heat (1995). Enjoy."
    assert read(text) == [("The Matrix", 1999), ("Good Night, and Good Luck", 2005), ("Heat", 1995)]


def test_marked_titles_in_prose():
    text = 'I **highly** recommend *Alien* and "The Thing" (1982), both "must-see" films; also 《活着》.'
    assert read(text) == [("Alien", None), ("The Thing", 1982), ("活着", None)]


def test_chinese_prose():
    assert read("推荐《霸王别姬》（1993）和《活着》。") == [("霸王别姬", 1993), ("活着", None)]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        (
            "I'd recommend Alien, Heat, and The Matrix because they are great.",
            ["Alien", "Heat", "The Matrix"],
        ),
        ("User wants more. I recommend watching Inception.", ["Inception"]),
        ("Try the Godfather, it's great", ["the Godfather"]),
        ("You might like: Alien; Heat", ["Alien", "Heat"]),
    ],
)
def test_listed_titles_in_prose(text, titles):
    assert [t for t, _ in read(text)] == titles


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("Alien", ["Alien"]),
        ("Alien\nHeat\nThe Matrix", ["Alien", "Heat", "The Matrix"]),
        ("Here you go:\nAlien\nHeat\nEnjoy!", ["Alien", "Heat"]),
        ("1917\n1984\n2012", ["1917", "1984", "2012"]),
        ("Alien, Heat, The Matrix, Speed", ["Alien", "Heat", "The Matrix", "Speed"]),
        ("Alien; Heat", ["Alien", "Heat"]),
        ("The Good, the Bad and the Ugly", ["The Good, the Bad and the Ugly"]),
        ("Sex, Lies, and Videotape", ["Sex, Lies, and Videotape"]),
        ("Lock, Stock and Two Smoking Barrels", ["Lock, Stock and Two Smoking Barrels"]),
    ],
)
def test_bare_titles(text, titles):
    assert [t for t, _ in read(text)] == titles


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n ",
        "I'm sorry, I can't help with that.",
        "Hello! How are you today?",
        "What kind of films do you usually enjoy?",
        "<think>maybe\n1. Alien\n</think>",
        "<think>1. Alien, and then",
    ],
)
def test_nothing_to_find(text):
    assert parse_titles(text) == []


def test_reasoning_is_passed_over_and_offsets_stay():
    assert read("<think>\n1. Heat?\n</think>\n1. Alien") == [("Alien", None)]


def test_control_characters():
    assert read("1. Alien\n2. Heat\x00") == [("Alien", None), ("Heat", None)]


@given(st.text(alphabet='abAB19 \n.,:-"*_|[]{}()《》—#\t', max_size=120))
def test_any_text_is_read_without_an_error_and_offsets_are_inside(text):
    for title in parse_titles(text):
        assert title.title
        assert 0 <= title.start < title.end <= len(text)


def test_a_long_text_is_read_in_linear_time():
    text = "\n".join(f"{n}. Film number {n} (19{n % 90 + 10}) - because it is good" for n in range(900))
    assert len(parse_titles(text)) == 900
    assert parse_titles("(" * 20_000) is not None
    assert parse_titles('"' * 20_001) is not None
