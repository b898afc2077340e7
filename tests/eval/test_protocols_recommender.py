import pytest
from support import WordEmbedder

from agent import Recommender
from agent.catalog import Interaction
from agent.errors import ServerError
from agent.lm import ScriptedModel
from agent.settings import Settings
from eval.datasets import Dialogue, EvalSet, Question, Spoken, load_dataset
from eval.floors import LMAloneFloor
from eval.metrics import WrittenTitle
from eval.protocols import Choice, NextItem, RecommenderSystem, Simulation, TitleGrounding, TopN, ask, run
from prompts import Message

RETRIEVAL = "understand=rules,generation=none,scorer=none,diversity=0,n=3"
LM_ONLY = "understand=rules,scorer=none,diversity=0,n=3,sources=,popularity_weight=0,explain=none"


@pytest.fixture
def make(films, tmp_path):
    def system(strategy, model=None, **options):
        settings = Settings(cache_dir=tmp_path)
        dialogues = options.pop("dialogues", ())
        recommender = Recommender(
            films, model, embedder=WordEmbedder(), dialogues=dialogues, settings=settings
        )
        return RecommenderSystem(recommender, strategy, **options)

    return system


def talk(films, *texts, targets=("up",), **fields):
    roles = ("user", "assistant")
    context = tuple(Message(roles[i % 2], text) for i, text in enumerate(texts))
    return EvalSet("talk", "conversation", films, (Question("q", "d", targets, context, **fields),))


def only(protocol, data, system):
    (outcome,) = run(protocol, data, system)
    assert outcome.answer.error is None
    return outcome


def test_what_was_said_earlier_counts(films, make):
    data = talk(
        films, "I loved Alien, no comedies please", "Noted", "What should I watch?", mentioned=("alien",)
    )
    system = make(RETRIEVAL)
    context = system.context(data.questions[0].unanswered)
    assert context.attitudes == {"alien": 2}
    assert [str(c) for c in context.constraints] == ["categories not in Comedy"]
    assert context.dialogue == data.questions[0].context[:2]
    row = only(NextItem(), data, system).row
    assert len(row.ranked) == 16 - 1 - 4  # all but Alien and the comedies
    assert not {"alien", "airplane", "hangover", "superbad", "amelie"} & set(row.ranked)


def test_items_mentioned_are_seen_whether_understood_or_not(films, make):
    data = talk(films, "you know which ones", mentioned=("up", "heat", "gone"))
    system = make(RETRIEVAL)
    assert system.context(data.questions[0]).state.seen == {"up", "heat"}
    ranked = system(data.questions[0], 16).ranked
    assert len(ranked) == 14
    assert not {"up", "heat"} & set(ranked)


def test_the_model_is_asked_for_the_strategys_n_however_long_the_list(films, make):
    model = ScriptedModel(["1. Heat\n2. Up\n3. Drive\n4. Alien"])
    outcome = only(
        NextItem(), talk(films, "something tense"), make(f"{LM_ONLY},generation=constrained", model)
    )
    assert outcome.row.ranked == ("heat", "up", "drive")
    written = (("Heat", "heat"), ("Up", "up"), ("Drive", "drive"))
    assert outcome.row.titles == tuple(WrittenTitle(*title, "constrained") for title in written)
    assert outcome.row.usage.prompt_tokens > 100
    assert outcome.row.milliseconds > 0
    assert outcome.answer.trace is None


def test_free_text_is_grounded_and_the_trace_kept_when_asked(films, make):
    model = ScriptedModel(["1. Heat (1995)\n2. The Imaginary Film of Nobody\n3. Heat"])
    system = make(f"{LM_ONLY},generation=free", model, trace=True)
    outcome = only(NextItem(), talk(films, "something tense"), system)
    assert outcome.row.ranked == ("heat",)
    assert [title.item_id for title in outcome.row.titles] == ["heat", None, "heat"]
    assert outcome.row.titles[1].text == "The Imaginary Film of Nobody"
    stages = [stage["stage"] for stage in outcome.answer.trace]
    assert stages[:4] == ["understand", "filter", "interests", "prompt"]


def test_titles_of_examples_in_the_prompt_are_kept_for_the_echo_rate(films, make):
    turns = (Message("user", "something tense"), Message("assistant", "Then Heat"))
    memory = (Dialogue("m", turns, (Spoken("heat", 1, "assistant"),)),)
    answers = ["1. Up", "1. Up"]
    few = make(
        f"{LM_ONLY},generation=free,prompt=recommend/few_shot", ScriptedModel(answers), dialogues=memory
    )
    zero = make(
        f"{LM_ONLY},generation=free,prompt=recommend/zero_shot", ScriptedModel(answers), dialogues=memory
    )
    data = talk(films, "something tense")
    assert only(NextItem(), data, few).row.examples == ("Heat (1995)",)
    assert only(NextItem(), data, zero).row.examples == ()


def test_reasons_are_checked(films, make):
    outcome = only(NextItem(), talk(films, "I loved Alien"), make(f"{RETRIEVAL},explain=plain"))
    assert len(outcome.row.faithful) == 10
    assert all(outcome.row.faithful)
    assert (
        only(NextItem(), talk(films, "I loved Alien"), make(f"{RETRIEVAL},explain=none")).row.faithful == ()
    )


class Failing(ScriptedModel):
    def list_titles(self, *arguments, **options):
        raise ServerError("it hung up", where="server")


def test_a_model_that_fails_is_a_failed_row_though_retrieval_has_a_list(films, make):
    system = make("understand=rules,generation=constrained,scorer=none", Failing())
    (outcome,) = run(NextItem(), talk(films, "something tense"), system)
    assert outcome.row.failed
    assert "it hung up" in outcome.answer.error


def test_a_scorer_that_fails_is_a_failed_row(films, make):
    def scores(prefix, text):
        raise ServerError("no scores today", where="server")

    system = make("understand=rules,generation=none,scorer=pmi,score_weight=1", ScriptedModel(scores=scores))
    (outcome,) = run(NextItem(), talk(films, "something tense"), system)
    assert outcome.row.failed
    assert "no scores today" in outcome.answer.error


def test_a_model_that_cannot_score_is_no_failure(films, make):
    system = make("understand=rules,generation=none,scorer=pmi", ScriptedModel())
    assert not only(NextItem(), talk(films, "something tense"), system).row.failed


def test_options_are_told_to_the_model_and_all_that_it_may_choose(films, make):
    model = ScriptedModel(["1. Alien\n2. Up"])
    question = Question(
        "c", "c", ("up",), (Message("user", "for the family"),), options=("drive", "up", "heat")
    )
    data = EvalSet("choices", "choice", films, (question,))
    outcome = only(Choice(), data, make(f"{LM_ONLY},generation=constrained", model))
    assert outcome.row.ranked == ("up", "heat", "drive")  # the script's, then in the catalog's order
    assert "one of: Drive (2011) / Up (2009) / Heat (1995)" in model.prompts[0][-2].content


def test_ids_of_options_are_no_words_to_search_for(films, make):
    question = Question(
        "c", "c", ("up",), (Message("user", "for the family"),), options=("drive", "up", "heat")
    )
    system = make(RETRIEVAL, trace=True)
    retrieve = next(stage for stage in system(question, 3).trace if stage["stage"] == "retrieve")
    assert "heat" not in retrieve["inputs"]["query"]


def test_a_history_alone_is_a_request(films, make):
    past = (Interaction("u", "alien", "rate", 9.0, 1.0), Interaction("u", "heat", "rate", 3.0, 2.0))
    data = EvalSet("past", "history", films, (Question("u", "u", ("aliens",), history=past),))
    row = only(TopN(), data, make(RETRIEVAL)).row
    assert len(row.ranked) == 14
    assert row.ranked.index("aliens") < row.ranked.index("notebook")


def test_a_session_is_a_dialogue_with_feedback(films, make):
    later = (Interaction("u", "godfather", "rate", 2.0, 5.0), Interaction("u", "notebook", "rate", 9.0, 6.0))
    past = (Interaction("u", "amelie", "rate", 9.0, 1.0),)
    question = Question("u", "u", ("notebook",), history=past, later=later)
    data = EvalSet("past", "history", films, (question,))
    outcome = only(Simulation(depth=2, turns=4), data, make(f"{RETRIEVAL},explain=none", trace=True))
    said = [stage["inputs"]["text"] for stage in outcome.answer.trace if stage["stage"] == "understand"]
    assert len(said) == outcome.row.turns
    assert said[0] == "I am in the mood for Drama. What do you recommend?"
    assert outcome.row.succeeded is True
    assert "notebook" in outcome.row.ranked


def test_titles_are_grounded_by_the_recommender(films, make):
    question = Question("t", "t", ("thing82",), (Message("user", "Thing, The (1982)"),))
    data = EvalSet("titles", "grounding", films, (question,))
    assert only(TitleGrounding(), data, make(RETRIEVAL)).row.ranked == ("thing82",)


@pytest.mark.model
def test_smollm2_chooses_among_options():
    data = load_dataset("recipes", limit=1)
    recommender = Recommender(data.catalog, "auto", dialogues=data.memory)
    protocol = Choice()
    for system in (
        RecommenderSystem(recommender, "understand=rules,generation=constrained,scorer=pmi,sources=lexical"),
        LMAloneFloor(data, recommender.parts.model),
    ):
        for question in protocol.questions(data):
            answer = ask(protocol, system, question, data)
            assert answer.error is None
            assert set(answer.ranked) == set(question.options)
            assert answer.usage.prompt_tokens > 0
