import gzip
import json
from collections import Counter

from eval.datasets import load_dataset
from eval.datasets.build import main
from eval.datasets.build_redial import attitude, read_conversation
from eval.datasets.partition import pack, partition

MOVIES = {
    "11": ("11", "Alien", "1979", "Horror"),
    "12": ("12", "Heat", "1995", ""),
    "13": ("13", "The Mummy", "", ""),
}


def conversation(number, seeker, recommender, *messages):
    senders = {"s": seeker, "r": recommender}
    return {
        "conversationId": str(number),
        "initiatorWorkerId": seeker,
        "respondentWorkerId": recommender,
        "initiatorQuestions": {"11": {"suggested": 1, "seen": 0, "liked": 1}},
        "respondentQuestions": {"11": {"liked": 0}, "12": {"liked": 0}, "13": {"liked": 2}},
        "messages": [{"text": text, "senderWorkerId": senders[who]} for who, text in messages],
    }


RAW = conversation(5, 901, 902, ("s", "Hi"), ("s", "I like @11 "), ("r", "See @12 or @11"), ("s", "@13 @99?"))


def test_a_conversation_in_turns_with_titles():
    found = read_conversation(RAW, MOVIES)
    assert found["turns"] == [
        {"role": "user", "content": "Hi\nI like Alien (1979)"},
        {"role": "assistant", "content": "See Heat (1995) or Alien (1979)"},
        {"role": "user", "content": "The Mummy @99?"},
    ]
    assert [(i["id"], i["turn"], i["by"], i["attitude"]) for i in found["items"]] == [
        ("11", 0, "user", 1), ("12", 1, "assistant", -1), ("11", 1, "assistant", 1), ("13", 2, "user", None),
    ]  # fmt: skip
    assert "90" not in json.dumps(found)


def test_whose_answer_tells_the_attitude():
    assert [attitude(RAW, i) for i in ("11", "12", "13", "99")] == [1, -1, None, None]
    assert attitude({**RAW, "initiatorQuestions": []}, "11") == -1


def test_people_who_talk_to_each_other_share_a_group():
    # Three circles of four people, and one dialogue between the first two circles.
    circles = [[(f"{c}{i}", f"{c}{j}") for i in range(4) for j in range(i)] for c in "abc"]
    pairs = [pair for circle in circles for pair in circle] + [("a0", "b0")]
    group = partition(pairs, 3, balance=0.1, steps=5000)
    assert [len({group[f"{c}{i}"] for i in range(4)}) for c in "abc"] == [1, 1, 1]
    assert Counter(group.values()) == {0: 4, 1: 4, 2: 4}
    assert partition(pairs, 3, balance=0.1, steps=5000) == group


def test_blocks_are_packed_evenly():
    found = pack({"a": 5, "b": 4, "c": 3, "d": 2}, 2)
    assert found == {"a": 0, "b": 1, "c": 1, "d": 0}


def sources(tmp_path):
    redial, movies, debian, recipes = (tmp_path / name for name in ("redial", "movies", "debian", "recipes"))
    for folder in (redial, movies, debian, recipes):
        folder.mkdir()
    (redial / "movies.csv").write_text("movieId,movieName\n11,Alien  (1979)\n12,Heat (1995)\n13,The Mummy\n")
    raw = [conversation(n, 2 * n, 2 * n + 1, ("s", "Hi"), ("r", "@12")) for n in range(10)]
    lines = "".join(f"{json.dumps(one)}\n" for one in raw)
    (redial / "raw_valid_data.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    (movies / "movies.csv").write_text("movie_id,title,year,genres\n0078748,Alien,1979,Horror|Sci-Fi\n")
    (movies / "redial_links.csv").write_text("redial_id,movie_id\n11,0078748\n")
    columns = "package\tsection\tshort_description\ttags\tsource\thomepage\n"
    tools = [
        f'tool{n}\tutils\tdoes "{n}"\trole::program, use::editing\ttool{n}\thttps://x/{n}\n' for n in range(6)
    ]
    rest = ["libx\tlibs\ta library\t\tx\t\n", "all-tools\tmetapackages\tevery tool\t\tmeta\t\n"]
    (debian / "catalog.tsv.gz").write_bytes(gzip.compress("".join([columns, *tools, *rest]).encode()))
    listed = [
        f"all-tools\tevery tool\tDepends\t{p}\n"
        for p in ("tool0", "tool1", "tool2", "tool3", "tool4", "libx")
    ]
    listed += ["few\tfew tools\tDepends\ttool5\n"]
    heading = "metapackage\tmeta_description\trelation\tpackage\n"
    (debian / "lists_dev.tsv.gz").write_bytes(gzip.compress("".join([heading, *listed]).encode()))
    question = {
        "query": " Soup ",
        "query_type": {"Negated": 1, "Specific": 0},
        "options": {"b": "Soup", "a": "Cake"},
        "answer": "b",
    }
    (recipes / "dev.json").write_text(json.dumps([question]))
    return ["--redial", redial, "--movietweetings", movies, "--debian", debian, "--recipes", recipes]


def test_the_same_sources_give_the_same_bytes(tmp_path, capsys):
    arguments = [str(argument) for argument in sources(tmp_path)]
    for name in ("one", "two"):
        main([*arguments, "--output", str(tmp_path / name)])
    one, two = (
        {p.relative_to(tmp_path / n): p.read_bytes() for p in (tmp_path / n).rglob("*.gz")}
        for n in ("one", "two")
    )
    assert len(one) == 6
    assert one == two

    redial = load_dataset(tmp_path / "one" / "redial")
    assert f"redial: checksum {redial.checksum}" in capsys.readouterr().out
    alien, heat, mummy = redial.catalog
    assert (alien.title, alien.year, alien.categories) == ("Alien", 1979, ("Horror", "Sci-Fi"))
    assert (heat.categories, mummy.year) == ((), None)
    assert len(redial.memory) + len({q.cluster for q in redial.questions}) == 10

    tools = load_dataset(tmp_path / "one" / "tools")
    assert [item.id for item in tools.catalog] == ["libx", *(f"tool{n}" for n in range(6))]
    assert tools.catalog[1].description == 'does "0"'
    assert tools.catalog[1].categories == ("utils", "role::program", "use::editing")
    (question,) = tools.questions
    assert (question.request, question.targets) == (
        "every tool",
        ("tool0", "tool1", "tool2", "tool3", "tool4"),
    )

    (question,) = load_dataset(tmp_path / "one" / "recipes").questions
    assert (question.request, question.options, question.targets) == ("Soup", ("a", "b"), ("b",))
    assert question.slices == ("Negated",)
