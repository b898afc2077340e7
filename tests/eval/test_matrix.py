"""From a YAML file to cells."""

import pytest

from agent.settings import Strategy
from eval.cells import cells, needs_model, short_name
from eval.errors import MatrixError
from eval.matrix import Matrix


def load(tmp_path, text, **changes):
    path = tmp_path / "matrix.yaml"
    path.write_text(text)
    return Matrix.load(path, **changes)


def test_every_combination(tmp_path):
    matrix = load(
        tmp_path,
        """
        datasets: [redial, {name: recipes, sample: 50}]
        prompts: [recommend/zero_shot, recommend/few_shot]
        models: auto
        strategies: [constrained, "free,temperature=0.7", {name: mine, preset: fast, n: 5}]
        seeds: [0, 7]
        repeats: 2
        """,
    )
    found = cells(matrix)
    # fast generates nothing, so the prompt makes no difference: 2 + 2 + 1 cells a data set.
    assert [cell.label for cell in found if cell.dataset == "redial"] == [
        "recommend/zero_shot + auto + constrained",
        "recommend/zero_shot + auto + free,temperature=0.7",
        "auto + mine",
        "recommend/few_shot + auto + constrained",
        "recommend/few_shot + auto + free,temperature=0.7",
    ]
    assert len(found) == len({cell.id for cell in found}) == 10
    assert matrix.all_seeds == (0, 1, 7, 8)


def test_only_sampling_is_repeated(tmp_path):
    text = "datasets: redial\nstrategies: [constrained, 'free,temperature=1']\nseeds: [3, 4]"
    greedy, sampled = cells(load(tmp_path, text))
    assert (greedy.seeds, sampled.seeds) == ((3,), (3, 4))


def test_without_a_model_prompts_make_no_difference(tmp_path):
    text = "datasets: redial\nprompts: [a/b, c/d]\nmodels: none\nstrategies: [default, fast]\nrepeats: 5"
    assert [cell.id for cell in cells(load(tmp_path, text))] == [
        "redial: none + default",
        "redial: none + fast",
    ]


def test_prompts_are_what_scores_where_nothing_is_generated(tmp_path):
    text = "datasets: redial\nprompts: [auto, recommend/terse]\nstrategies: ['generation=none', fast]"
    asked, fast, named = cells(load(tmp_path, text))
    assert (asked.label, asked.strategy.score_prompt) == ("auto + generation=none", "score/next_title")
    assert named.label == "recommend/terse + auto + generation=none"
    assert (named.strategy.score_prompt, named.strategy.prompt) == ("recommend/terse", "auto")
    assert (fast.label, fast.prompt) == ("auto + fast", None)


def test_a_search_for_titles_takes_the_prompt_that_scores(tmp_path):
    text = "datasets: redial\nprompts: [auto, score/few_shot]\nstrategies: 'generation=beam'"
    own, named = cells(load(tmp_path, text))
    assert (own.label, own.strategy.score_prompt) == ("auto + generation=beam", "score/next_title")
    assert (named.label, named.strategy.score_prompt) == (
        "score/few_shot + auto + generation=beam",
        "score/few_shot",
    )
    assert (named.prompted, named.strategy.prompt) == ("score_prompt", "auto")


def test_an_adapter_is_called_by_its_folder_not_by_its_path(tmp_path):
    (tmp_path / "tuned").mkdir()
    assert short_name(f"smollm2-135m-instruct+{tmp_path / 'tuned'}") == "smollm2-135m-instruct+tuned"
    assert short_name("a+b") == "a+b"


def test_a_prompt_of_the_matrix_replaces_that_of_a_strategy(tmp_path):
    text = "datasets: redial\nprompts: [auto, recommend/zero_shot]\nstrategies: diverse"
    assert [cell.strategy.prompt for cell in cells(load(tmp_path, text))] == [
        "recommend/diverse",
        "recommend/zero_shot",
    ]


def test_switches_as_a_mapping(tmp_path):
    text = "datasets: redial\nstrategies: [{preset: fast, sources: [lexical], weights: {lexical: 0.5}}]"
    (named,) = load(tmp_path, text).strategies
    assert named.name == "fast,sources=lexical,weights=lexical:0.5"
    assert named.strategy == Strategy.parse("fast,sources=lexical").model_copy(
        update={"weights": {"lexical": 0.5}}
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("datasets: redial\nmodles: auto", "unknown name 'modles'.*did you mean 'models'"),
        ("datasets: [{name: redial, samples: 5}]", "unknown name 'samples'.*'sample'"),
        ("models: auto", "'datasets' is missing"),
        ("datasets: []", "datasets: .*at least 1"),
        ("datasets: redial\nstrategies: quick", "unknown strategy 'quick'"),
        ("datasets: redial\nstrategies: [{temprature: 1}]", "unknown name 'temprature'"),
        ("datasets: redial\nstrategies: [{preset: quick}]", "unknown preset 'quick'"),
        ("datasets: redial\nstrategies: [7]", "7 is no strategy"),
        ("datasets: redial\nrepeats: 0", "repeats: .*greater than or equal to 1"),
        ("datasets: redial\nseeds: soon", "seeds"),
        ("datasets: [redial, redial]", "'redial' is there twice"),
        ("datasets: redial\nstrategies: [fast, fast]", "'fast' is there twice"),
        ("- redial", "a mapping"),
        ("datasets: [redial", "line 1.*expected|line 2.*expected"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, said):
    with pytest.raises(MatrixError, match=said) as caught:
        load(tmp_path, text)
    assert "matrix.yaml" in str(caught.value)


def test_a_missing_file(tmp_path):
    with pytest.raises(MatrixError, match="No such file"):
        Matrix.load(tmp_path / "none.yaml")


def test_options_replace_what_the_file_says(tmp_path):
    text = "datasets: redial\nlimit: 5"
    assert (load(tmp_path, text, limit=9).limit, load(tmp_path, text, limit=None).limit) == (9, 5)


def test_folders_are_taken_from_that_of_the_file(tmp_path):
    (tmp_path / "sets" / "mine").mkdir(parents=True)
    matrix = load(tmp_path, "datasets: [sets/mine, redial]\nprompts_dir: sets")
    assert [each.name for each in matrix.datasets] == [str(tmp_path / "sets/mine"), "redial"]
    assert matrix.prompts_dir == tmp_path / "sets"


@pytest.mark.parametrize(
    ("strategy", "needed"),
    [("fast", False), ("default", True), ("fast,scorer=pmi", True), ("fast,explain=lm", True)],
)
def test_when_a_model_is_needed(strategy, needed):
    assert needs_model(Strategy.parse(strategy)) is needed
