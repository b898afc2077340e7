"""The service with the real small model and embedder, worked on by several threads."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from agent import Recommender
from agent.serve.service import Service
from agent.serve.settings import ServiceSettings
from agent.store import Store

pytestmark = pytest.mark.model


def test_several_threads_share_a_model_and_nothing_of_a_user_is_left(films, tmp_path):
    # The cache folder of the process holds the model.
    recommender = Recommender(films, strategy="n=3,generation=constrained,score_weight=0.2")
    service = Service(recommender, Store.open(str(tmp_path / "store.db")), ServiceSettings(at_once=3))
    service.warm_up()
    assert service.ready().status == "ok"

    def converse(number):
        user = f"u{number}"
        session = service.open_session(user)
        for text in ("I loved Alien. Something scary", f"less dark, town {number}"):
            *_, turn = service.say(user, session.id, text)
        service.feedback(user, session.id, 1, "like")
        service.close_session(user, session.id)
        return turn

    with ThreadPoolExecutor(3) as pool:
        turns = list(pool.map(converse, range(3)))
    for turn in turns:
        assert turn.list is not None
        assert (len(turn.list.items), turn.list.degraded) == (3, [])
        assert turn.list.model == recommender.parts.model.name
        assert "@" in turn.list.prompt
        assert turn.reply
    assert len(recommender.parts.memory.dialogues) == 3
    assert recommender.parts.model._decoder._prefixes
    for number in range(3):
        service.delete(f"u{number}")
    assert recommender.parts.memory.dialogues == ()
    assert recommender.parts.model._decoder._prefixes == []
    assert not recommender.parts.embedder._vectors
