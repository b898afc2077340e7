"""What the service says of parts that do not answer."""

from servers import free_port

from agent.lm import OpenAICompatibleModel
from agent.settings import Settings


def test_a_model_server_that_is_down_makes_it_degraded_and_is_named(make_service, make_recommender):
    model = OpenAICompatibleModel(f"http://127.0.0.1:{free_port()}", "m", retries=0)
    strategy = "understand=rules,generation=free,explain=plain,scorer=none,n=3"
    service = make_service(recommender=make_recommender(model=model, strategy=strategy))
    service.warm_up()
    assert service.recommend("ann", "a crime film").degraded == ["language_model"]
    ready = service.ready()
    assert ready.status == "degraded"
    (down,) = (part for part in ready.parts if part.status != "ok")
    assert (down.name, down.words) == ("model", "the server cannot be reached")


def test_so_does_a_vector_engine_that_is_down(make_service, make_recommender, tmp_path):
    settings = Settings(vectors=f"milvus://127.0.0.1:{free_port()}", vectors_timeout=1, cache_dir=tmp_path)
    service = make_service(recommender=make_recommender(settings=settings))
    service.warm_up()
    assert service.recommend("ann", "a crime film").degraded == ["vectors"]
    assert service.ready().status == "degraded"
    assert [part.name for part in service.ready().parts if part.status != "ok"] == ["vectors"]
