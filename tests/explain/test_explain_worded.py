import pytest

from agent.errors import ModelError, ServerError
from agent.explain import Subject, collect_evidence, worded
from agent.explain.guided import grammar
from agent.explain.phrasing import statements
from agent.lm import ScriptedModel
from agent.understanding import Understanding
from prompts import PromptLibrary


@pytest.fixture(scope="module")
def library():
    return PromptLibrary()


def word(answers, plan, context, catalog, library, **options):
    model = answers if not isinstance(answers, list) else ScriptedModel(answers)
    subjects = [plan] * (len(answers) if isinstance(answers, list) else 2)
    return list(worded(model, subjects, context, catalog, library, **options))


def test_a_true_sentence_is_taken(plan, context, catalog, library):
    sentence = "It is a Crime movie from 1998, as you asked."
    (made,) = word([sentence], plan, context, catalog, library)
    assert made.reason.text == sentence
    assert (made.reason.worded_by, made.notes) == ("lm", ())


@pytest.mark.parametrize(
    "answer",
    [
        '"It is a Crime movie from 1998."',
        "- It is a Crime movie from 1998.\n\nLet me know!",
        "1. It is a **Crime** movie from 1998.",
    ],
)
def test_wrapping_is_taken_off(answer, plan, context, catalog, library):
    (made,) = word([answer], plan, context, catalog, library, request="x")
    assert made.reason.text == "It is a Crime movie from 1998."


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        ("It is an award-winning Crime movie.", "“award” is not in the evidence"),
        ("You loved Prometheus, and it is a Crime movie.", "“Prometheus” is not in the evidence"),
        ("", "it states no fact"),
        ("It is a Crime movie. " * 30, "it was cut off"),
        ("It is Crime " + "and Crime " * 25 + ".", "it is longer than 40 words"),
    ],
)
def test_a_refused_sentence_gives_way_to_the_plain_one(answer, note, plan, context, catalog, library):
    (made,) = word([answer], plan, context, catalog, library)
    assert made.reason.worded_by == "plain"
    assert note in made.notes
    assert made.attempt == answer.strip()[: len(made.attempt)]


def test_the_prompt_holds_facts_and_request(plan, context, catalog, library):
    model = ScriptedModel(["It is from 1998."])
    list(worded(model, [plan], context, catalog, library, request="greed in the snow"))
    shown = "\n".join(m.content for m in model.prompts[0])
    for part in ("A Simple Plan (1998)", "greed in the snow", "it is a Crime movie from 1998, as you asked"):
        assert part in shown


def test_a_huge_request_does_not_reach_the_prompt(plan, context, catalog, library):
    model = ScriptedModel(["It is from 1998."], context_window=8192)
    (made,) = worded(model, [plan], context, catalog, library, request="snow " * 1_000_000)
    assert made.reason.worded_by == "lm"
    assert sum(len(m.content) for m in model.prompts[0]) < 2000


def test_without_evidence_the_model_is_not_asked(context, catalog, library):
    model = ScriptedModel([])
    bare = Subject(catalog.item("bare"), "Untitled Footage", ())
    (made,) = worded(model, [bare], context, catalog, library)
    assert made.reason.text == "It is another suggestion."
    assert model.prompts == []


class Failing(ScriptedModel):
    def __init__(self, error):
        super().__init__()
        self.error, self.calls = error, 0

    def generate(self, *args, **kwargs):
        self.calls += 1
        raise self.error


def test_a_server_that_failed_is_not_asked_again(plan, context, catalog, library):
    model = Failing(ServerError("the server does not answer", where="http://localhost"))
    made = word(model, plan, context, catalog, library)
    assert [m.reason.worded_by for m in made] == ["plain", "plain"]
    assert all("does not answer" in m.notes[0] and m.failed is model.error for m in made)
    assert model.calls == 1


def test_another_failure_costs_one_sentence(plan, context, catalog, library):
    model = Failing(ModelError("out of memory"))
    assert len(word(model, plan, context, catalog, library)) == 2
    assert model.calls == 2


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_every_sentence_of_the_grammar_is_true(locale, plan, context, catalog):
    """All sentences that the grammar holds, spelt out from its rules, pass the checker."""
    from agent.explain import violations

    found = statements(plan.evidence, locale, "movie")
    sentences = spell(grammar(found, locale).text)
    assert 10 < len(sentences) < 2000
    assert len(set(sentences)) == len(sentences)
    for sentence in sentences:
        assert not violations(
            sentence,
            plan.item,
            plan.label,
            plan.evidence,
            context=context,
            catalog=catalog,
            locale=locale,
        ), sentence


def spell(lark):
    """All sentences of a grammar without recursion, by Lark's own rules of precedence."""
    import json
    import re

    rules = dict(line.split(": ", 1) for line in lark.splitlines())

    def texts(source):
        tokens = re.findall(r'"(?:[^"\\]|\\.)*"|\w+|[()|]', source)

        def alternatives():
            found = sequence()
            while tokens and tokens[0] == "|":
                tokens.pop(0)
                found = found + sequence()
            return found

        def sequence():
            found = [""]
            while tokens and tokens[0] not in "|)":
                token = tokens.pop(0)
                if token == "(":
                    more = alternatives()
                    tokens.pop(0)
                else:
                    more = [json.loads(token)] if token[0] == '"' else texts(rules[token])
                found = [a + b for a in found for b in more]
            return found

        return alternatives()

    return texts(rules["start"])


@pytest.mark.model
@pytest.mark.parametrize("locale", ["en", "zh"])
def test_the_small_model_words_reasons_under_the_grammar(
    locale, small_model, plan, context, catalog, library
):
    item = catalog.item("heat")
    evidence = collect_evidence(item, context, Understanding(""), catalog, similar=[("fargo", 0.8)])
    subjects = [plan, Subject(item, catalog.label(item), evidence)]
    made = list(
        worded(small_model, subjects, context, catalog, library, request="a crime film", locale=locale)
    )
    assert [(m.reason.worded_by, m.notes) for m in made] == [("lm", ())] * 2
    assert all(m.reason.evidence for m in made)
