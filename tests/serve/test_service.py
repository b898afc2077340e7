"""What the service does, whatever speaks to it."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest

from agent import Catalog
from agent.errors import BusyError, ConflictError, NotFoundError, RequestError, StoreError
from agent.lm import ScriptedModel
from agent.serve.views import BeliefsEdit, EventIn, ListView, TurnView


def said(service, user, session_id, text, **options):
    """The list and the turn of an utterance."""
    *_, turn = service.say(user, session_id, text, **options)
    return turn.list, turn


def ids(shown):
    return [r.item.id for r in shown.items]


def test_the_list_comes_first_and_the_turn_last(service):
    session = service.open_session("ann")
    first, *words, turn = service.say("ann", session.id, "a comedy")
    assert isinstance(first, ListView)
    assert isinstance(turn, TurnView)
    assert turn.list == first
    assert "".join(words) == turn.reply
    assert [r.rank for r in first.items] == [1, 2, 3]
    assert all("Comedy" in r.item.categories for r in first.items)
    assert (first.strategy, first.prompt, first.model) == (service.recommender.strategy.text, None, None)


def test_what_was_said_is_kept_before_anything_is_read(service, make_service):
    session = service.open_session("ann")
    service.say("ann", session.id, "a comedy")
    other = make_service()
    assert other.session("ann", session.id).turns[0].text == "a comedy"
    assert len(other.session("ann", session.id).shown.items) == 3


def test_another_replica_goes_on_where_one_left_off(service, make_service):
    session = service.open_session("ann", n=2)
    shown, _ = said(service, "ann", session.id, "I loved Alien. Something scary, nothing before 1980")
    other, item = make_service(), shown.items[0].item.id
    assert other.session("ann", session.id) == service.session("ann", session.id)
    assert other.why("ann", session.id, item) == service.why("ann", session.id, item)
    assert other.beliefs("ann", session.id) == service.beliefs("ann", session.id)
    assert other.feedback("ann", session.id, 1, "dislike").feedback == {item: ["dislike"]}
    assert service.beliefs("ann", session.id) == other.beliefs("ann", session.id)
    assert item in {a.item.id for a in service.beliefs("ann", session.id).attitudes}
    again, _ = said(service, "ann", session.id, "something else please")
    assert item not in ids(again)
    assert len(again.items) == 2


def test_why_is_the_same_after_a_restart_as_before(films, make_recommender, make_service):
    told = [replace(film, description=f"A quiet story about {film.id} and chess.") for film in films]
    recommender = make_recommender(Catalog(told, name="told", kind="movie"))
    service = make_service(recommender)
    session = service.open_session("ann")
    shown, _ = said(service, "ann", session.id, "I loved Alien. Something about chess, nothing before 1980")
    reasons = [service.why("ann", session.id, i) for i in ids(shown)]
    assert all("chess" in reason and "nothing before 1980" in reason for reason in reasons)
    said(service, "ann", session.id, "thanks!")
    restarted = make_service(recommender)
    assert [restarted.why("ann", session.id, i) for i in ids(shown)] == reasons
    answer = said(restarted, "ann", session.id, "why the second?")[1]
    assert answer.reply == reasons[1]
    assert answer.list is None
    assert restarted.session("ann", session.id).shown == shown


def test_a_list_may_be_had_without_a_session(service):
    shown = service.recommend("ann", "a comedy", n=2, like=["up"], dislike=["hangover"], seen=["airplane"])
    assert len(shown.items) == 2
    assert not {"up", "hangover", "airplane"} & set(ids(shown))
    assert set(service.store.lists("ann", [shown.id])) == {shown.id}
    with pytest.raises(NotFoundError):
        service.recommend("ann", like=["nowhere"])


def test_what_was_liked_and_bought_is_known_in_the_next_session(service):
    events = [
        EventIn(kind="like", item_id="alien"),
        EventIn(kind="purchase", item_id="aliens"),
        EventIn(kind="view", item_id="up"),
    ]
    service.record("ann", events)
    session = service.open_session("ann")
    assert [a.item.id for a in service.beliefs("ann", session.id).attitudes] == ["alien"]
    shown, _ = said(service, "ann", session.id, "something", n=16)
    assert set(ids(shown)) == {item.id for item in service.recommender.catalog} - {"alien", "aliens"}
    assert {"alien", "aliens"} <= set(ids(service.recommend("bob", n=16)))


def test_feedback_counts_as_an_event_until_it_is_undone(service):
    session = service.open_session("ann")
    said(service, "ann", session.id, "a comedy")
    service.feedback("ann", session.id, 2, "like")
    (event,) = service.export("ann")["events"]
    assert (event["kind"], event["rank"], event["seq"]) == ("like", 2, 2)
    service.undo("ann", session.id)
    assert service.export("ann")["events"] == []
    assert [turn["undone_by"] for turn in service.export("ann")["turns"]] == [None, 3, None]


def test_edits_are_undone_as_one_step(service):
    session = service.open_session("ann")
    said(service, "ann", session.id, "I loved Alien. Something scary, nothing before 1980")
    before = service.beliefs("ann", session.id)
    assert [c.text for c in before.constraints] == ["nothing before 1980"]
    facet = {"field": "categories", "value": "Comedy", "weight": 1.5}
    edit = BeliefsEdit(
        attitudes={"alien": 0, "up": -2}, drop_constraints=[0], wish="funny", unsee=["alien"], facets=[facet]
    )
    after = service.edit_beliefs("ann", session.id, edit)
    assert (after.wish, after.constraints, after.seen) == ("funny", [], [])
    assert [(a.item.id, a.attitude) for a in after.attitudes] == [("up", -2)]
    assert [(f.value, f.weight) for f in after.facets] == [("Comedy", 1.5)]
    assert [turn.kind for turn in service.session("ann", session.id).turns] == ["say", "edit"]
    service.undo("ann", session.id)
    assert service.beliefs("ann", session.id) == before
    with pytest.raises(RequestError, match="no constraint 7"):
        service.edit_beliefs("ann", session.id, BeliefsEdit(drop_constraints=[7]))
    with pytest.raises(NotFoundError):
        service.edit_beliefs("ann", session.id, BeliefsEdit(attitudes={"nowhere": 1}))


def test_what_is_known_from_events_can_be_forgotten_too(service):
    service.record("ann", [EventIn(kind="like", item_id="alien")])
    session = service.open_session("ann")
    after = service.edit_beliefs("ann", session.id, BeliefsEdit(attitudes={"alien": 0}))
    assert after.attitudes == []
    assert service.undo("ann", session.id).turns == []
    assert [a.item.id for a in service.beliefs("ann", session.id).attitudes] == ["alien"]


def test_a_search_finds_titles_words_and_misspelt_titles(service):
    assert [i.id for i in service.search("the thing")] == ["thing82", "thing11"]
    assert service.search("heat")[0].id == "heat"
    assert service.search("thing82")[0].id == "thing82"
    assert service.search("alein")[0].id == "alien"
    assert service.search("western")[0].id == "unforgiven"
    assert len(service.search("1", limit=3)) <= 3
    assert service.search("") == ()
    with pytest.raises(RequestError):
        service.search("x", limit=0)
    with pytest.raises(NotFoundError):
        service.item("nowhere")


def test_the_map_holds_what_is_mine_and_keeps_places(service):
    session = service.open_session("ann")
    shown, _ = said(service, "ann", session.id, "I loved Alien and hated The Hangover. Something scary")
    service.feedback("ann", session.id, "up", "seen")
    found = service.taste_map("ann", session.id)
    kinds = {point.id: point.kind for point in found.points}
    assert (kinds["alien"], kinds["hangover"], kinds["up"]) == ("liked", "disliked", "seen")
    assert {kinds[i] for i in ids(shown)} == {"shown"}
    assert len(found.points) == 16
    assert all(-1 <= value <= 1 for point in found.points for value in (point.x, point.y))
    assert max(abs(point.x) for point in found.points) > 0.5
    other = service.open_session("bob")
    places = {point.id: (point.x, point.y) for point in service.taste_map("bob", other.id).points}
    assert {point.id: (point.x, point.y) for point in found.points} == places


def test_traces_are_kept_and_bounded(make_service):
    service = make_service(longest_trace=2000)
    session = service.open_session("ann")
    said(service, "ann", session.id, "I loved Alien. " + "A comedy with a cat and a dog. " * 50)
    stages = service.trace("ann", session.id, 1)
    assert [stage["stage"] for stage in stages][:2] == ["understand", "filter"]
    assert len(str(stages)) < 4000
    with pytest.raises(NotFoundError):
        service.trace("ann", session.id, 2)


def test_items_that_left_the_catalog_are_left_out(service, films, make_recommender, make_service):
    session = service.open_session("ann")
    said(service, "ann", session.id, "I loved Alien and Heat. A comedy")
    service.feedback("ann", session.id, "superbad", "seen")
    smaller = Catalog(
        [i for i in films if i.id not in ("alien", "superbad", "hangover")], name="films", kind="movie"
    )
    later = make_service(make_recommender(smaller))
    view = later.session("ann", session.id)
    assert {r.item.id for r in view.shown.items} <= {i.id for i in films}
    assert [a.item.id for a in later.beliefs("ann", session.id).attitudes] == ["heat"]
    assert ids(said(later, "ann", session.id, "more")[0])
    assert later.undo("ann", session.id).can_undo


# Requests that are repeated


def test_a_repeated_request_is_answered_again_and_done_once(service, make_service):
    session = service.open_session("ann")
    first = [*service.say("ann", session.id, "a comedy", request_id="say")]
    liked = service.feedback("ann", session.id, 1, "like", request_id="like")
    edit = BeliefsEdit(wish="funny")
    edited = service.edit_beliefs("ann", session.id, edit, request_id="edit")
    undone = service.undo("ann", session.id, request_id="undo")
    shown = service.recommend("ann", "a comedy", request_id="list")
    said(service, "ann", session.id, "more")
    before = service.export("ann")
    other = make_service()
    again = [*other.say("ann", session.id, "a comedy", request_id="say")]
    assert (again[0], again[-1]) == (first[0], first[-1])
    assert "".join(again[1:-1]) == "".join(first[1:-1])
    assert other.feedback("ann", session.id, 1, "like", request_id="like") == liked
    assert other.edit_beliefs("ann", session.id, edit, request_id="edit") == edited
    assert other.undo("ann", session.id, request_id="undo") == undone
    assert other.recommend("ann", "a comedy", request_id="list") == shown
    assert other.export("ann") == before


def test_a_request_id_is_for_one_request_of_one_user(service):
    session = service.open_session("ann")
    service.feedback("ann", session.id, "up", "like", request_id="r")
    for other in ("dislike", "seen"):
        with pytest.raises(ConflictError):
            service.feedback("ann", session.id, "up", other, request_id="r")
    with pytest.raises(ConflictError):
        service.undo("ann", session.id, request_id="r")
    theirs = service.open_session("bob", session_id=session.id)
    assert service.feedback("bob", theirs.id, "up", "dislike", request_id="r").feedback == {"up": ["dislike"]}


def test_a_request_sent_many_times_at_once_is_done_once(service, make_service):
    session = service.open_session("ann")
    services = [service, make_service()]
    with ThreadPoolExecutor(8) as pool:
        calls = [
            pool.submit(said, services[i % 2], "ann", session.id, "a comedy", request_id="r")
            for i in range(8)
        ]
        answers = [call.result() for call in calls]
    assert len({turn.seq for _, turn in answers}) == 1
    assert len({shown.id for shown, _ in answers}) == 1
    assert len(service.session("ann", session.id).turns) == 1


def test_what_was_refused_may_be_asked_again(service):
    session = service.open_session("ann")
    with pytest.raises(RequestError, match="nothing to undo"):
        service.undo("ann", session.id, request_id="r")
    service.feedback("ann", session.id, "up", "like")
    assert not service.undo("ann", session.id, request_id="r").can_undo


# Several at once


def test_requests_to_one_session_take_turns(service):
    session = service.open_session("ann")
    kinds = ("like", "seen", "dislike", "reject")
    with ThreadPoolExecutor(8) as pool:
        calls = [
            pool.submit(service.feedback, "ann", session.id, item.id, kinds[i % 4])
            for i, item in enumerate(service.recommender.catalog)
        ]
        for call in calls:
            call.result()
    view = service.session("ann", session.id)
    assert [turn.seq for turn in view.turns] == list(range(1, 17))
    assert len(view.feedback) == 16


def test_many_at_once_get_the_lists_that_each_would_get_alone(make_service, make_recommender):
    recommender = make_recommender(
        strategy="n=5,ask=false,explain=plain,sources=graph|neighbours|lexical|similar|co_mention|embedding"
    )
    service = make_service(recommender, at_once=8)
    wishes = [
        "a comedy",
        "something with an alien",
        "crime",
        "a long western",
        "I loved Up",
        "I hated Heat. A drama",
    ]
    alone = {wish: ids(service.recommend("ann", wish)) for wish in wishes}
    keeper = service.open_session("kim")
    said(service, "kim", keeper.id, "I loved Alien. Something like Heat")
    service.feedback("kim", keeper.id, 1, "like")

    def forget_and_remember():
        for _ in range(5):
            service.close_session("kim", keeper.id)
            service.set_memory("kim", False)
            service.set_memory("kim", True)

    with ThreadPoolExecutor(8) as pool:
        changing = pool.submit(forget_and_remember)
        calls = [pool.submit(service.recommend, f"u{i}", wishes[i % 6]) for i in range(48)]
        for call in calls:
            call.result()
        changing.result()
        assert len(recommender.parts.memory.dialogues) == 0
        calls = {wish: [pool.submit(service.recommend, f"u{i}", wish) for i in range(4)] for wish in wishes}
        assert {wish: [ids(c.result()) for c in made] for wish, made in calls.items()} == {
            wish: [found] * 4 for wish, found in alone.items()
        }


def test_whoever_is_not_let_in_has_changed_nothing(service):
    session = service.open_session("ann")

    @contextmanager
    def full(what):
        raise BusyError("too many", retry_after=1)
        yield

    usual, service.lane = service.lane, full
    with pytest.raises(BusyError):
        service.say("ann", session.id, "a comedy", request_id="r")
    service.lane = usual
    assert service.session("ann", session.id).turns == []
    assert said(service, "ann", session.id, "a comedy", request_id="r")[1].seq == 1


def test_who_waits_too_long_for_the_session_is_told_to_come_back(service):
    session = service.open_session("ann")
    service._turns._patience = 0.05
    with service._turns.of("ann", session.id):
        with ThreadPoolExecutor(1) as pool:
            late = pool.submit(service.feedback, "ann", session.id, "up", "like")
        with pytest.raises(BusyError):
            late.result()
    assert service.feedback("ann", session.id, "up", "like").can_undo


def test_a_session_that_went_on_elsewhere_is_a_conflict(service, monkeypatch):
    session = service.open_session("ann")
    read = service.store.session

    def late(user, session_id):
        monkeypatch.setattr(service.store, "session", read)
        found = read(user, session_id)
        service.store.append("ann", found, step())
        return found

    def step():
        from agent.store import Step

        return Step("say", "elsewhere", change={})

    monkeypatch.setattr(service.store, "session", late)
    with pytest.raises(ConflictError):
        service.feedback("ann", session.id, "up", "like")
    assert [turn.text for turn in service.session("ann", session.id).turns] == ["elsewhere"]


# Words of a language model


def worded(make_recommender, *answers):
    model = ScriptedModel(answers)
    model.parameters = 10**10
    return make_recommender(
        model=model, strategy="n=3,generation=none,scorer=none,understand=rules,ask=false"
    )


def test_words_are_kept_when_they_are_complete(make_service, make_recommender):
    service = make_service(worded(make_recommender, "It is a Comedy from 2007."))
    session = service.open_session("ann")
    shown, turn = said(service, "ann", session.id, "a comedy from 2007")
    assert "It is a Comedy from 2007." in turn.reply
    assert make_service().session("ann", session.id).turns == [turn]
    assert [stage["stage"] for stage in service.trace("ann", session.id, 1)][-1] == "word"
    assert shown.model is None


def test_a_reader_who_leaves_keeps_the_plain_reply(make_service, make_recommender):
    service = make_service(worded(make_recommender, "It is a Comedy from 2007."))
    session = service.open_session("ann")
    answer = service.say("ann", session.id, "hello! a comedy from 2007")
    shown = next(answer)
    answer.close()
    (turn,) = make_service().session("ann", session.id).turns
    assert turn.list == shown
    assert "2007." not in turn.reply


def test_words_that_fail_leave_the_turn_as_it_stands(make_service, make_recommender):
    service = make_service(worded(make_recommender, "It is a Comedy from 2007."))
    session = service.open_session("ann")
    answer = service.say("ann", session.id, "a comedy from 2007")

    @contextmanager
    def full(what):
        raise BusyError("too many", retry_after=1)
        yield

    service.lane = full
    _, turn = answer
    assert [turn] == service.session("ann", session.id).turns


# What may be asked


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s, i: s.say("ann", i, "x" * 20_001), "20,001 characters"),
        (lambda s, i: s.say("ann", i, "x", n=0), "n is 0"),
        (lambda s, i: s.say("ann", i, "x", strategy="nonsense"), "unknown strategy"),
        (lambda s, i: s.say("ann", i, "x", strategy="sources=nowhere"), "unknown candidate source"),
        (lambda s, i: s.say("ann", i, "x", strategy="prompt=nowhere/none"), "nowhere/none"),
        (lambda s, i: s.say("ann", i, "x", request_id=""), "request id"),
        (lambda s, i: s.say("ann", i, "x", request_id="r" * 257), "request id"),
        (lambda s, i: s.feedback("ann", i, 1, "like"), "no number 1"),
        (lambda s, i: s.open_session("ann", session_id="\x00"), "no text"),
        (lambda s, i: s.open_session("", session_id="s"), "user id"),
        (lambda s, i: s.open_session("\ud800"), "no text"),
        (lambda s, i: s.recommend("ann", seed=-1), "seed"),
        (lambda s, i: s.record("ann", [EventIn(kind="view", item_id="up")] * 1001), "1,001 events"),
    ],
)
def test_what_may_not_be_asked_is_said_and_changes_nothing(service, call, message):
    session = service.open_session("ann")
    with pytest.raises(RequestError, match=message):
        call(service, session.id)
    assert service.session("ann", session.id) == session


@pytest.mark.parametrize("text", ["", "\x00", "\ud800", "🙂" * 100, "{{ 7 * 7 }}", "' OR 1=1 --"])
def test_any_text_is_kept(service, make_service, text):
    session = service.open_session("ann")
    said(service, "ann", session.id, text)
    (turn,) = make_service().session("ann", session.id).turns
    assert turn.text == text.replace("\x00", "\ufffd").replace("\ud800", "\ufffd")


def test_sessions_are_listed_with_the_latest_first(service):
    first, second = service.open_session("ann"), service.open_session("ann")
    said(service, "ann", first.id, "  a comedy\n please " + "x" * 100)
    assert [(s.id, s.turns) for s in service.sessions("ann")] == [(first.id, 1), (second.id, 0)]
    assert service.sessions("ann")[0].title.startswith("a comedy please xx")
    assert len(service.sessions("ann")[0].title) == 80
    service.delete_session("ann", first.id)
    assert [s.id for s in service.sessions("ann")] == [second.id]
    with pytest.raises(NotFoundError):
        service.session("ann", first.id)


def test_readiness_names_what_is_down(service):
    assert service.ready().status == "down"
    service.warm_up()
    assert service.ready().status == "ok"
    service.store.ping = lambda: (_ for _ in ()).throw(StoreError("the store failed"))
    ready = service.ready()
    assert ready.status == "down"
    assert [(part.name, part.status) for part in ready.parts if part.words == "the store failed"] == [
        ("store", "down")
    ]


def test_single_switches_are_read_over_the_usual_strategy(service):
    usual = service.recommend("ada", "a comedy").strategy
    turned = service.recommend("ada", "a comedy", strategy="diversity=0.4")
    assert set(turned.strategy.split(",")) == {*usual.split(","), "diversity=0.4"}
    assert len(turned.items) == 3
    assert service.recommend("ada", "a comedy", strategy="default,diversity=0.4").strategy == "diversity=0.4"
    session = service.open_session("ada", strategy="diversity=0.4")
    *_, turn = service.say("ada", session.id, "a comedy")
    assert turn.list.strategy == turned.strategy
