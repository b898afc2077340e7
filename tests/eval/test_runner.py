"""Runs over a tiny set on disk: what is asked, kept, counted, scored again and refused."""

import json

import pytest
from film_set import write_films
from support import WordEmbedder

from agent.lm import ScriptedModel
from agent.settings import Settings
from eval.errors import EvalError, MatrixError, ProtocolError, StoreError
from eval.matrix import Matrix
from eval.protocols import Answer
from eval.results import RunResult
from eval.runner import rescore, run
from eval.runner.asked import choose
from eval.store import Store
from prompts.errors import UnknownPromptError

FREE = "free,scorer=none,understand=rules,n=3"
LISTS = (
    "1. The Thing (1982)\n2. Alien\n3. Nothing Known",
    "1. Aliens\n2. Aliens",
    "1. Up",
    "1. WALL·E",
    "I cannot say.",
    "1. Unforgiven",
)


PICKY = """---
name: picky
version: 1
task: recommend
description: Renders only where an item is known.
inputs:
  - {name: request, type: text, required: true, description: The request.}
  - {name: seen, type: lines, required: true, description: Known items.}
examples:
  - {request: More, seen: [This]}
---
{% user %}{{ request }} {{ seen[0] }}{% enduser %}
"""


@pytest.fixture
def films_folder(tmp_path):
    return write_films(tmp_path / "films")


@pytest.fixture
def make(tmp_path, films_folder):
    """Run a matrix over the films into a folder."""
    settings = Settings(cache_dir=tmp_path / "cache")

    def run_films(out="out", engines=None, options=None, **matrix):
        values = {"datasets": films_folder, "models": "none", "strategies": "fast", **matrix}
        return run(
            Matrix.of(values),
            tmp_path / out,
            settings=settings,
            embedder=WordEmbedder(),
            models=engines,
            **(options or {}),
        )

    return run_films


class Counter:
    """Counts answers as they are made."""

    def __init__(self):
        self.made, self.there = [], 0

    def begin(self, cells, rows):
        self.rows = rows

    def cell(self, label, there):
        self.there += there

    def answered(self, stored):
        self.made.append(stored.answer.question)


def tables(result):
    """Everything but time, memory and what says when and where."""
    cells = result.to_json()["cells"]
    for cell in cells:
        for part in (cell, *cell["slices"]):
            for name in [name for name in part["measurements"] if name.startswith("milliseconds")]:
                del part["measurements"][name]
        del cell["cost"], cell["samples"]
    return json.dumps(cells)


def scripted(*answers, name="scripted"):
    """What a matrix with a scripted model takes."""
    return {
        "models": "scripted",
        "prompts": "recommend/zero_shot",
        "strategies": FREE,
        "floors": [],
        "engines": {"scripted": ScriptedModel(answers, name=name)},
    }


def test_floors_by_hand(make):
    """The memory names Alien, The Hangover and Superbad once each: they lead, Superbad hits one of two."""
    result = make(floors=["popularity", "naive-copy"])
    popular = result.cell("popularity")
    comedy = next(sample for sample in popular.samples if sample.id == "t3")
    assert {item.id for item in comedy.ranked[:3]} == {"alien", "hangover", "superbad"}
    assert comedy.targets[1].rank <= 3
    assert result.cell("naive-copy").measurements["recall@50"].value == 0
    assert popular.n == 6
    assert popular.measurements["recall@50"].value == 5 / 6, "one target is not in the catalog"
    assert result.datasets["films"].unknown_targets == 1


def test_every_table_has_the_floors(make):
    labels = [cell.label for cell in make().cells if cell.kind == "floor"]
    assert labels == [
        "random",
        "popularity",
        "naive-copy",
        "bm25-neighbours",
        "embedding-neighbours",
        "item-knn",
        "item-text",
    ]


def test_the_same_run_twice_gives_the_same_tables(make):
    assert tables(make("one")) == tables(make("two"))


def test_the_order_of_the_rows_changes_nothing(make, films_folder):
    first = make("one")
    path = f"{films_folder}/conversations.jsonl"
    with open(path) as stream:
        lines = stream.readlines()
    with open(path, "w") as stream:
        stream.writelines(reversed(lines))
    assert tables(make("two")) == tables(first)


def test_running_again_asks_nothing(make, tmp_path):
    first = make()
    counter = Counter()
    second = make(options={"watcher": counter})
    assert (counter.made, counter.there, counter.rows) == ([], 48, 48)
    assert tables(second) == tables(first)
    assert len(list((tmp_path / "out" / "answers").iterdir())) == 1


def test_a_larger_sample_asks_only_what_is_new(make):
    make(sample=2, floors=[])
    counter = Counter()
    assert make(sample=5, floors=[], options={"watcher": counter}).cells[0].n == 5
    assert (len(counter.made), counter.there) == (3, 2)


def test_samples_nest_whatever_the_order():
    questions = [Answer(f"q{i}") for i in range(40)]
    named = [type("Q", (), {"id": each.question})() for each in questions]
    small, large = choose(named, None, 5), choose(named, None, 20)
    assert small < large
    assert choose(named[::-1], None, 5) == small
    assert choose(named, 3, None) == {"q0", "q1", "q2"}


def test_what_a_model_writes_is_grounded_and_counted(make):
    """Five of the six texts hold titles: 3, 2, 1, 1 and 1 of them; one is unknown, one written twice."""
    result = make(**scripted(*LISTS))
    found = result.cells[0].measurements
    assert found["parse_rate"].value == pytest.approx(5 / 6)
    assert found["out_of_catalog_rate"].value == pytest.approx((1 / 3) / 5)
    assert found["duplicate_rate"].value == pytest.approx((1 / 2) / 5)
    assert found["list_length"].value == pytest.approx(8 / 6)
    sample = next(s for s in result.cells[0].samples if s.id == "t1")
    assert [(t.text, t.item_id, t.is_target) for t in sample.titles] == [
        ("The Thing", "thing82", True),
        ("Alien", "alien", False),
        ("Nothing Known", None, False),
    ]
    assert [t.method for t in sample.titles] == ["exact", "exact", "rejected"]
    assert all(t.confidence is not None and t.reason for t in sample.titles)
    sources = {item.id: item.sources for item in sample.ranked}
    assert "generated" in sources["thing82"]
    assert {name for names in sources.values() for name in names} > {"generated"}
    assert sample.text == LISTS[0]
    assert "Any horror like it?" in sample.prompt[-2].content
    assert sample.prompt[-1].content == "Here are 3 items:", "asked for what is generated, not for the depth"
    assert result.cells[0].settings.prompt_hashes.keys() == {"recommend/zero_shot"}
    assert result.cells[0].settings.weights == "scripted"


def test_the_model_alone_is_a_floor(make):
    """Its lists hit t1 (first), t2 (first, written twice), t4 (first): 3 of 6 questions, all at rank 1."""
    result = make(**scripted(*LISTS) | {"floors": "lm-alone"})
    floor = result.cells[1]
    assert (floor.kind, floor.label) == ("floor", "lm-alone: recommend/zero_shot + scripted + " + FREE)
    assert floor.measurements["recall@1"].value == pytest.approx(3 / 6)
    assert floor.measurements["recall@50"].value == pytest.approx(3 / 6)
    assert len(result.cells) == 2, "a model that generates is not asked once more"


def test_a_system_that_only_generates_is_its_own_floor(make):
    alone = {"strategies": FREE + ",sources=,diversity=0,preference_weight=0", "floors": "lm-alone"}
    (cell,) = make(**scripted(*LISTS) | alone).cells
    assert cell.kind == "system"
    assert cell.measurements["recall@1"].value == pytest.approx(3 / 6)


def test_a_model_that_does_not_generate_is_asked_alone_where_that_is_named(make):
    scored = {"strategies": "generation=none,understand=rules"}
    result = make(**scripted(*LISTS) | {"floors": "lm-alone"} | scored)
    assert [(c.kind, c.label) for c in result.cells[1:]] == [("floor", "lm-alone + scripted")]
    assert result.cells[1].samples[0].titles[0].method == "constrained"
    assert len(make("other", **scripted(*LISTS) | scored).cells) == 1


def test_failures_are_rows_that_score_nothing(make):
    """The script ends after two answers: four rows fail, stay in n, and count as misses."""
    result = make(**scripted(*LISTS[:2]))
    cell = result.cells[0]
    assert (cell.n, cell.failed, dict(cell.failures)) == (6, 4, {"ModelError": 4})
    assert cell.measurements["recall@50"].n == 6
    assert cell.measurements["recall@50"].value <= 2 / 6
    assert sum(s.error is not None for s in cell.samples) == 4
    assert result.notes == ("4 answers failed; they count as misses",)


def test_failures_are_asked_again_only_on_demand(make):
    make(**scripted(*LISTS[:2]))
    again = make(**scripted(*LISTS))
    assert again.cells[0].failed == 4
    retried = make(**scripted(*LISTS[2:]), options={"retry_failed": True})
    assert retried.cells[0].failed == 0
    fresh = make("fresh", **scripted(*LISTS))
    assert tables(retried) == tables(fresh)


def test_a_prompt_that_fails_on_some_rows(make, tmp_path):
    folder = tmp_path / "prompts" / "recommend"
    folder.mkdir(parents=True)
    (folder / "picky.jinja").write_text(PICKY)
    options = scripted(*LISTS) | {"prompts": "recommend/picky", "prompts_dir": tmp_path / "prompts"}
    cell = make(**options).cells[0]
    # Only t2 and t5 have an item that is known and not liked.
    assert (cell.n, dict(cell.failures)) == (6, {"PromptFormatError": 4})


def test_scoring_again_needs_no_model(make, tmp_path):
    """Nothing called `scripted` can be loaded, so a model that was asked for would be an error."""
    first = make(**scripted(*LISTS))
    settings = Settings(cache_dir=tmp_path / "cache")
    again = rescore(tmp_path / "out", settings=settings, embedder=WordEmbedder())
    assert tables(again) == tables(first)
    other = rescore(
        tmp_path / "out", metrics=["ndcg@3", "ir:AP@5"], settings=settings, embedder=WordEmbedder()
    )
    assert list(other.cells[0].measurements) == ["ndcg@3", "ir:AP@5"]
    assert RunResult.load(tmp_path / "out") == other


def test_sampling_is_repeated_with_other_seeds(make):
    options = scripted(*LISTS, *LISTS) | {"strategies": FREE + ",temperature=1", "repeats": 2}
    result = make(**options)
    cell = result.cells[0]
    assert (cell.n, cell.settings.seeds) == (12, (0, 1))
    assert cell.measurements["recall@1"].clusters == 4
    assert len(cell.rows.ids) == 6


def test_other_weights_behind_a_name_are_refused(make):
    make(sample=2, **scripted(*LISTS))
    with pytest.raises(StoreError, match="'scripted' behind the name 'scripted', which is 'other' now"):
        make(**scripted(*LISTS, name="other"))


def test_changed_data_are_refused(make, films_folder):
    make()
    with open(f"{films_folder}/conversations.jsonl", "a") as stream:
        stream.write('{"id": "t7", "context": "Anything", "targets": ["up"]}\n')
    with pytest.raises(StoreError, match="'films' has changed"):
        make()


def test_a_run_is_not_taken_over_unasked(make):
    make()
    with pytest.raises(StoreError, match=r"there is a run.*--out"):
        make(options={"resume": False})


def test_an_unknown_prompt_stops_before_anything_is_asked(make, tmp_path):
    with pytest.raises(UnknownPromptError):
        make(**scripted(*LISTS) | {"prompts": "recommend/zero_shto"})
    assert len(Store(tmp_path / "out")) == 0


@pytest.mark.parametrize(
    ("matrix", "error"),
    [
        ({"floors": ["chance"]}, MatrixError),
        ({"baseline": "nobody"}, MatrixError),
        ({"models": []}, MatrixError),
        ({"outputs": [{"name": "x", "file": "none.jsonl", "dataset": "redial"}]}, MatrixError),
        ({"outputs": ["none.jsonl"]}, EvalError),
    ],
)
def test_what_is_wrong_in_a_matrix_is_refused(make, matrix, error):
    with pytest.raises(error):
        make(**matrix)


def test_an_unknown_protocol(make, films_folder):
    with pytest.raises(ProtocolError, match=r"no protocol 'next'.*next-item"):
        make(datasets=[{"name": films_folder, "protocol": "next"}])


def test_the_same_data_in_two_ways(make, films_folder):
    """With repeats allowed the naive copy still hits nothing here, since no target was said before."""
    ways = [films_folder, {"name": films_folder, "protocol": "next-item-all"}]
    result = make(datasets=ways, floors=["naive-copy"])
    assert list(result.datasets) == ["films", "films (next-item-all)"]
    assert [cell.settings.dataset for cell in result.cells] == ["films"] * 2 + ["films (next-item-all)"] * 2


def write_outputs(path, *lines):
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return str(path)


def test_outputs_of_any_system(make, tmp_path):
    """Titles are grounded, ids are taken; what has no line has failed."""
    file = write_outputs(
        tmp_path / "gpt.jsonl",
        {"id": "t1", "titles": ["The Thing (1982)", "Alien", "A Film of Nobody"]},
        {"id": "t2", "items": ["up", "aliens", "no-such-item"]},
        {"id": "t4", "titles": ["Wall-E"]},
    )
    result = make(models=[], outputs=[file], floors=["popularity"])
    cell = result.cell("gpt")
    assert (cell.kind, cell.n, dict(cell.failures)) == ("outputs", 6, {"MissingOutputError": 3})
    assert cell.measurements["recall@1"].value == pytest.approx(2 / 6)
    assert cell.measurements["mrr@10"].value == pytest.approx(2.5 / 6)
    assert cell.measurements["out_of_catalog_rate"].value == pytest.approx((1 / 3 + 1 / 3 + 0) / 3)
    assert cell.cost.milliseconds_p50 is None


def test_a_data_set_of_the_library_by_a_column_map(make, tmp_path):
    datasets = pytest.importorskip("datasets")
    rows = [{"ask": "A crime film", "gold": "Heat"}, {"ask": "Balloons", "gold": "Up"}]
    datasets.DatasetDict({"test": datasets.Dataset.from_list(rows)}).save_to_disk(str(tmp_path / "saved"))
    columns = {"context": "ask", "targets": "gold"}
    spec = {"name": str(tmp_path / "saved"), "split": "test", "columns": columns, "kind": "film"}
    result = make(datasets=spec)
    assert result.cells[0].measurements["recall@5"].value == 1, "there are two items"
    assert result.datasets["saved"].items == 2


def test_titles_that_should_be_rejected_have_a_figure_of_their_own(make, tmp_path):
    folder = tmp_path / "titles"
    write_films(folder)
    for name in ("conversations.jsonl", "memory.jsonl"):
        (folder / name).unlink()
    (folder / "titles.csv").write_text("text,item_id\nHeat,heat\nNothing Known,\nAlien (1979),\n")
    (cell,) = make(datasets=str(folder)).cells
    parts = {part.name: part.measurements for part in cell.slices}
    assert parts["title in the catalog"]["recall@1"].value == 1
    assert parts["title not in the catalog"]["out_of_catalog_rate"].value == 1 / 2


def test_items_without_any_use_are_measured_alone(make, tmp_path):
    """Of a turn that wants a used film (superbad) and an unused one (airplane) only the latter counts."""
    lists = {"t1": ["thing82"], "t2": ["up"], "t3": ["superbad", "airplane"], "t4": [], "t5": [], "t6": []}
    lines = ({"id": name, "items": items} for name, items in lists.items())
    cell = make(models=[], outputs=[write_outputs(tmp_path / "lists.jsonl", *lines)]).cell("lists")
    (part,) = (each for each in cell.slices if each.name == "item absent from the memory")
    assert part.n == 6, "no film that is asked for is in the memory but superbad"
    assert cell.measurements["recall@1"].value == pytest.approx((1 + 1 / 2) / 6)
    assert part.measurements["recall@1"].value == pytest.approx(1 / 6)
    assert part.measurements["recall@5"].value == pytest.approx(2 / 6)
    assert part.measurements["mrr@5"].value == pytest.approx(1.5 / 6)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"id": "t1"}', "either titles or items"),
        ('{"id": "t1", "titles": "Alien"}', "titles: input should be a valid list, not 'Alien'"),
        ("{", "not JSON"),
        ('{"id": "t1", "titles": []}\n{"id": "t1", "items": []}', "already in line 1"),
    ],
)
def test_malformed_outputs_name_the_line(make, tmp_path, line, said):
    path = tmp_path / "bad.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(EvalError, match=f"bad.jsonl:[12].*{said}"):
        make(models=[], outputs=[str(path)], floors=[])


def test_comparisons_are_with_the_first_system_or_the_one_named(make):
    both = {"strategies": ["fast", "fast,diversity=0.9"], "floors": ["popularity"]}
    first = make("one", **both)
    assert first.baselines == {"films": "films: none + fast"}
    assert first.cells[0].comparisons == {}
    assert "recall@10" in first.cells[1].comparisons
    named = make("two", **both, baseline="popularity")
    assert named.baselines == {"films": "films: popularity"}
    alone = make("three", floors=["popularity"])
    assert alone.baselines == {"films": "films: popularity"}


def test_outputs_that_answer_no_question_are_told_of(make, tmp_path):
    file = write_outputs(
        tmp_path / "gpt.jsonl", {"id": "t1", "items": ["up"]}, {"id": "t01", "items": ["up"]}
    )
    result = make(models=[], outputs=[file], floors=[], limit=2)
    assert result.cells[0].notes == ("1 of its lines answer no question of the data set: 't01'",)
