"""Chat completions, asked with OpenAI's own client."""

import openai
import pytest

from agent.lm import ScriptedModel
from agent.serve.api.chat_text import ListReader, inert


@pytest.fixture
def connect():
    def make(api, key="none", **options):
        return openai.OpenAI(base_url=f"{api.base_url}/v1", api_key=key, max_retries=0, **options)

    return make


@pytest.fixture
def chat(api, connect):
    return connect(api)


def user(text):
    return {"role": "user", "content": text}


def ask(client, *messages, **options):
    """The message that answers, and the dialogue with it."""
    answer = (
        client.chat.completions.create(model="groundrec", messages=messages, **options).choices[0].message
    )
    return answer, [*messages, {"role": "assistant", "content": answer.content}]


def session_of(answer):
    return answer.groundrec["session_id"]


def turns(api, answer, **options):
    found = api.get(f"/v1/sessions/{session_of(answer)}", **options).json()
    return [turn["text"] for turn in found["turns"]]


def test_models_are_the_presets(chat):
    names = [model.id for model in chat.models.list()]
    assert {"groundrec", "groundrec:fast", "groundrec:diverse"} <= set(names)
    assert chat.models.retrieve("groundrec:fast").id == "groundrec:fast"
    with pytest.raises(openai.NotFoundError):
        chat.models.retrieve("gpt-4")


def test_the_list_is_in_the_text_and_beside_it(chat):
    answer, _ = ask(chat, user("a comedy"), extra_body={"groundrec": {"n": 2}})
    first, second = answer.groundrec["list"]["items"]
    lines = answer.content.splitlines()
    assert lines[0].startswith(f"1. {first['item']['label']} — {first['reasons'][0]['text']}")
    assert lines[1].startswith(f"2. {second['item']['label']}")
    assert answer.groundrec["list"]["question"] in answer.content


def test_a_stream_says_the_same_and_ends_as_asked(serve, make_service, connect):
    texts = []
    for stream in (True, False):
        client = connect(serve(make_service()))
        options = {"stream_options": {"include_usage": True}} if stream else {}
        made = client.chat.completions.create(
            model="groundrec", messages=[user("a comedy")], stream=stream, **options
        )
        if not stream:
            texts.append(made.choices[0].message.content)
            assert made.choices[0].finish_reason == "stop"
            assert made.usage.total_tokens == 0
            continue
        chunks = list(made)
        choices = [chunk.choices[0] for chunk in chunks if chunk.choices]
        assert choices[0].delta.role == "assistant"
        assert [c.finish_reason for c in choices] == [None] * (len(choices) - 1) + ["stop"]
        assert len(choices[-1].delta.groundrec["list"]["items"]) == 3
        assert (chunks[-1].choices, chunks[-1].usage.total_tokens) == ([], 0)
        assert len({chunk.id for chunk in chunks}) == 1
        texts.append("".join(c.delta.content or "" for c in choices))
    assert texts[0] == texts[1]


def test_usage_is_the_language_models(serve, make_service, make_recommender, connect):
    model = ScriptedModel(["Up"], scores=lambda prefix, text: -1.0)
    strategy = "n=3,generation=constrained,explain=plain,understand=rules"
    client = connect(serve(make_service(make_recommender(model=model, strategy=strategy))))
    made = client.chat.completions.create(model="groundrec", messages=[user("like Up, but scary")])
    assert made.usage.prompt_tokens > 100
    assert made.usage.total_tokens == made.usage.prompt_tokens + made.usage.completion_tokens


def test_a_client_that_sends_everything_stays_in_its_session(api, chat):
    first, dialogue = ask(chat, user("I loved Alien. Something scary, nothing before 1980"))
    second, dialogue = ask(chat, *dialogue, user("something else please"))
    third, _ = ask(chat, {"role": "system", "content": "Be a pirate."}, *dialogue, user("a comedy"))
    assert session_of(first) == session_of(second) == session_of(third)
    assert len(turns(api, first)) == 3
    again = {item["item"]["id"] for item in first.groundrec["list"]["items"]}
    assert not again & {item["item"]["id"] for item in second.groundrec["list"]["items"]}


def test_white_space_that_clients_change_does_not_matter(api, chat):
    first, dialogue = ask(chat, user("a comedy"))
    dialogue[-1]["content"] = " " + dialogue[-1]["content"].replace("\n", "\r\n").strip()
    second, _ = ask(chat, *dialogue, user("something older"))
    assert session_of(first) == session_of(second)


def test_nothing_is_said_twice(api, chat):
    _, dialogue = ask(chat, user("a comedy"))
    answers = [ask(chat, *dialogue, user("something older"))[0] for _ in range(3)]
    assert len({answer.content for answer in answers}) == 1
    assert turns(api, answers[0]) == ["a comedy", "something older"]
    retried = {"x-stainless-retry-count": "1"}
    one, _ = ask(chat, user("a western"))
    two, _ = ask(chat, user("a western"), extra_headers=retried)
    three, _ = ask(chat, user("a western"))
    assert session_of(one) == session_of(two) != session_of(three)
    assert turns(api, one) == ["a western"]


def test_a_replica_or_a_new_process_goes_on(serve, make_service, connect):
    one, two = serve(make_service()), serve(make_service())
    first, dialogue = ask(connect(one), user("I loved Alien. Something scary"))
    second, _ = ask(connect(two), *dialogue, user("something else"))
    assert session_of(first) == session_of(second)
    assert turns(two, first) == ["I loved Alien. Something scary", "something else"]
    third, _ = ask(connect(serve(make_service())), *dialogue, user("something else"))
    assert third.content == second.content
    assert len(turns(one, first)) == 2


def test_a_session_that_was_deleted_is_begun_anew(api, chat):
    first, dialogue = ask(chat, user("nothing before 1990 please"))
    api.delete("/v1/me")
    second, _ = ask(chat, *dialogue, user("a comedy"))
    again, _ = ask(chat, *dialogue, user("a comedy"))
    assert session_of(second) == session_of(again) != session_of(first)
    assert all(item["item"]["year"] >= 1990 for item in second.groundrec["list"]["items"])
    api.delete("/v1/me")
    third, _ = ask(chat, *dialogue, user("a comedy"))
    assert turns(api, third) == ["a comedy"]


def test_two_who_say_the_same_are_two(api, chat):
    (one, dialogue), (two, same) = ask(chat, user("a comedy")), ask(chat, user("a comedy"))
    assert session_of(one) != session_of(two)
    assert dialogue == same
    left, _ = ask(chat, *dialogue, user("I loved Superbad, something like it"))
    right, _ = ask(chat, *same, user("something from the 1980s"))
    assert session_of(left) != session_of(right)
    assert turns(api, left) == ["a comedy", "I loved Superbad, something like it"]
    assert turns(api, right) == ["a comedy", "something from the 1980s"]


def test_a_message_that_was_edited_begins_a_branch(api, chat):
    first, dialogue = ask(chat, user("something scary"))
    ask(chat, *dialogue, user("nothing before 2000"))
    edited, _ = ask(chat, *dialogue, user("nothing after 1990"))
    assert session_of(edited) != session_of(first)
    assert turns(api, first) == ["something scary", "nothing before 2000"]
    constraints = api.get(f"/v1/sessions/{session_of(edited)}/beliefs").json()["constraints"]
    assert [c["text"] for c in constraints] == ["nothing after 1990"]


def test_a_dialogue_from_elsewhere_is_read_first(api, chat):
    told = [
        user("I loved Alien. Nothing before 1980 please"),
        {"role": "assistant", "content": "Sure:\n1. Heat (1995) — a classic\n2. Aliens (1986) — more of it"},
        user("I have seen the second one. Something scary"),
    ]
    answer, dialogue = ask(chat, *told)
    found = {item["item"]["id"]: item["item"] for item in answer.groundrec["list"]["items"]}
    assert "aliens" not in found
    assert min(item["year"] for item in found.values()) >= 1980
    assert turns(api, answer) == ["I have seen the second one. Something scary"]
    again, _ = ask(chat, *told)
    assert again.content == answer.content
    on, _ = ask(chat, *dialogue, user("a comedy"))
    assert session_of(on) == session_of(answer)


@pytest.mark.parametrize(
    "named",
    [
        {"extra_headers": {"X-Groundrec-Session": "talk-1"}},
        {"extra_body": {"conversation": "talk-1"}},
        {"extra_body": {"conversation": {"id": "talk-1"}}},
        {"metadata": {"session_id": "talk-1"}},
    ],
)
def test_a_session_can_be_named(api, chat, named):
    for text in ("a comedy", "something older", "something older"):
        answer, _ = ask(chat, user(text), **named)
        assert session_of(answer) == "talk-1"
    assert turns(api, answer) == ["a comedy", "something older", "something older"]
    ask(chat, user("something older"), **(named | {"extra_headers": {
        **named.get("extra_headers", {}), "x-stainless-retry-count": "1"}}))  # fmt: skip
    assert len(turns(api, answer)) == 3


def test_a_client_that_names_the_user_alone(api, chat):
    for text in ("a comedy", "something older"):
        answer, _ = ask(chat, user(text), user="ann")
    as_ann = {"X-Groundrec-User": "ann"}
    assert turns(api, answer, headers=as_ann) == ["a comedy", "something older"]
    other, _ = ask(chat, user("a comedy"), user="bob")
    assert turns(api, other, headers={"X-Groundrec-User": "bob"}) == ["a comedy"]


def test_a_key_keeps_its_users_apart_without_acting_for_them(serve, new_key, connect):
    key = new_key("shop", ("recommend",))
    api = serve()
    client = connect(api, key["Authorization"].split()[1])
    one, _ = ask(client, user("a comedy"), user="ann")
    two, _ = ask(client, user("a comedy"), user="bob")
    assert session_of(one) != session_of(two)
    assert api.get(f"/v1/sessions/{session_of(one)}", headers=key).status_code == 200


def test_errors_are_openais(serve, new_key, connect):
    key = new_key("shop", ("recommend",), rate=5)["Authorization"].split()[1]
    api = serve()
    with pytest.raises(openai.AuthenticationError):
        ask(connect(api, "groundrec-wrong"), user("a comedy"))
    client = connect(api, key)
    image = {"type": "image_url", "image_url": {"url": "https://x.example/y.png"}}
    for messages, options in (
        ([], {}),
        ([{"role": "assistant", "content": "hello"}], {}),
        ([user([image])], {}),
        ([user("a comedy")], {"n": 2}),
    ):
        with pytest.raises(openai.BadRequestError) as caught:
            ask(client, *messages, **options)
        assert caught.value.type == "invalid_request_error"
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(model="gpt-4", messages=[user("a comedy")])
    with pytest.raises(openai.RateLimitError) as limited:
        ask(client, user("a comedy"))
    assert limited.value.code == "quota_exceeded"


def test_parts_of_text_are_read_together(api, chat):
    parts = [{"type": "text", "text": "a comedy"}, {"type": "text", "text": "from before 1990"}]
    answer, _ = ask(chat, user(parts))
    assert turns(api, answer) == ["a comedy\nfrom before 1990"]


def test_lists_are_found_in_texts(films):
    reader = ListReader(films)
    text = "Sure:\n1. Heat (1995) — why — not\n2. Nothing of ours\n 3. Up (2009)\n4. WALL·E (2008)"
    labels = [films.label(films.item(i)) for i in ("heat", "up", "wall-e")]
    text = text.replace("Heat (1995)", labels[0]).replace(" 3. Up (2009)", f"3. {labels[1]}").replace(
        "WALL·E (2008)", labels[2])  # fmt: skip
    assert reader.ids(text) == ["heat", "up", "wall-e"]


def test_markdown_and_html_of_a_catalog_do_nothing():
    assert inert("![x](http://e) <script> *a* _b_ `c`") == (r"!\[x\](http://e) \<script\> \*a\* \_b\_ \`c\`")
