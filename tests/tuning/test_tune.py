"""From dialogues to an adapter that every entrance loads: versions, refusals, and what is kept."""

import json

import numpy as np
import pytest
import torch
from tiny_model import save_llama

from agent import Recommender
from agent.catalog import Catalog, Item
from agent.errors import AdapterError, FittingError, TuningError, UnsupportedError
from agent.lm import TitleIndex, load_model
from agent.lm.adapters import Adapter, fingerprint
from agent.lm.beam import search_titles
from agent.settings import Settings, settings
from agent.tuning import AdapterFolder, LoraOptions, RowOptions, tune
from agent.tuning import tune as run
from agent.tuning.tune import held_out

LORA = LoraOptions(rank=8, alpha=16, learning_rate=2e-2, epochs=2, batch_tokens=2048, evaluations=3)
ROWS = RowOptions(items=8, measured=4, prompt_tokens=256)


@pytest.fixture(scope="module")
def own_settings(tmp_path_factory):
    return settings().model_copy(update={"embedder": "auto"})


@pytest.fixture(scope="module", autouse=True)
def _no_embedder():
    """Rows need no embeddings; where something asks for them, words will do."""
    from support import WordEmbedder

    import agent.parts

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(agent.parts, "load_embedder", lambda *_, **__: WordEmbedder())
        yield


@pytest.fixture(scope="module")
def tuned(films, dialogues, events, base, tmp_path_factory):
    """An adapter of the tiny model, tuned once."""
    out = tmp_path_factory.mktemp("tuned") / "films"
    run(films, out, model=f"{base}:bf16", dialogues=dialogues, interactions=events, rows=ROWS, lora=LORA)
    return out


def asked(model, dialogues):
    return model.score((dialogues[0].turns[0],), [" Alien", " Heat"]).logprobs


def test_the_card_says_what_was_seen_and_what_it_is_worth(tuned, films, base, dialogues):
    card = json.loads((tuned / "versions" / "v1" / "adapter.json").read_text())
    assert card["base"]["fingerprint"] == fingerprint(base)
    assert card["catalog"]["fingerprint"] == films.fingerprint
    before, after = card["figures"]["before"], card["figures"]["after"]
    assert after["loss, next"] < before["loss, next"] - 0.5
    learned = sum(2 for d in dialogues if not held_out(d.id))
    assert card["rows"]["next"] == learned
    assert {"history", "list", "item", "liking", "reply"} <= set(card["rows"])
    readme = (tuned / "versions" / "v1" / "README.md").read_text()
    assert f"| loss, next | {before['loss, next']:.3f} | {after['loss, next']:.3f} |" in readme
    assert not list(tuned.glob(".tuning-*"))


def test_nothing_that_is_validated_with_is_learned_from(tuned):
    folder = AdapterFolder(tuned)
    assert {held_out(row.group.split()[0]) for row in folder.replay() if row.group != "items"} == {False}
    assert {held_out(row.group.split()[0]) for row in folder.regression()} == {True}


def test_it_loads_by_setting_and_by_name_and_changes_what_the_model_says(tuned, base, dialogues):
    plain = load_model(f"{base}:bf16")
    by_setting = load_model(f"{base}:bf16", settings=Settings(adapter=tuned))
    by_name = load_model(f"{base}+{tuned}:bf16")
    assert by_setting.name == by_name.name == f"tiny-llama+{Adapter.open(tuned).name}:bf16"
    assert plain.name == "tiny-llama:bf16"
    said = asked(by_name, dialogues)
    np.testing.assert_array_equal(said, asked(by_setting, dialogues))
    assert np.abs(said - asked(plain, dialogues)).max() > 0.5
    assert not any("lora" in name for name in by_name._decoder._model.state_dict())


def test_beside_weights_in_nf4_it_stays_apart_and_says_nearly_the_same(tuned, base, dialogues):
    merged, apart = load_model(f"{base}+{tuned}:bf16"), load_model(f"{base}+{tuned}:nf4")
    plain = load_model(f"{base}:nf4")
    assert any("lora" in name for name in apart._decoder._model.state_dict())
    near = np.abs(asked(apart, dialogues) - asked(merged, dialogues)).max()
    assert near < np.abs(asked(apart, dialogues) - asked(plain, dialogues)).max()


def test_a_search_with_it_finds_what_was_recommended(tuned, base, films):
    recommender = Recommender(films, f"{base}+{tuned}:bf16")
    titles = recommender.parts.generator.titles
    rows = [row for row in AdapterFolder(tuned).replay() if row.task == "next"][:24]
    hits = []
    for model in (recommender.parts.model, load_model(f"{base}:bf16")):
        index = TitleIndex(titles, model.encode)
        found = [search_titles(model, row.messages, index, 20).rows[:3] for row in rows]
        hits.append(sum(films.row(row.item_id) in best for row, best in zip(rows, found, strict=True)))
    tuned_hits, before = hits
    assert tuned_hits > 2 * before


def test_a_catalog_that_changed_is_named(tuned, films):
    adapter = Adapter.open(tuned)
    assert adapter.changes(films) is None
    items = [Item("alien", "Alien: The Cut"), *films.items[2:], Item("new", "A New One")]
    told = adapter.changes(Catalog(items, name="films"))
    assert told == "1 new (A New One), 1 gone (Aliens), 1 renamed (Alien: The Cut)"


def test_a_recommender_warns_of_a_catalog_that_changed(tuned, base, films):
    fewer = Catalog(films.items[1:], name="films", kind="movie")
    with pytest.warns(
        UserWarning, match=r"films has changed since tiny-llama\+v1-\w+:bf16 was tuned: 1 gone"
    ):
        _ = Recommender(fewer, f"{base}+{tuned}:bf16").parts.model


def test_a_path_with_a_plus_is_a_path(base, tmp_path):
    import shutil

    shutil.copytree(base, tmp_path / "c++")
    assert load_model(f"{tmp_path / 'c++'}:bf16").name == "c++:bf16"


def test_another_base_model_is_refused(tuned, films, tmp_path):
    other = save_llama(tmp_path / "other", [film.title for film in films], seed=1)
    with pytest.raises(AdapterError, match=r"was made for tiny-llama \(.*\), not for other"):
        load_model(f"{other}+{tuned}:bf16")
    with pytest.raises(AdapterError, match="not for other"):
        tune(films, tuned, model=f"{other}:bf16", go_on=True)


def test_what_is_no_adapter_is_refused(base, tmp_path, tuned):
    with pytest.raises(AdapterError, match="holds no adapter"):
        load_model(f"{base}+{tmp_path}")
    with pytest.raises(UnsupportedError, match="model of a server"):
        load_model("http://localhost:1/v1", settings=Settings(adapter=tuned))
    broken = tmp_path / "broken"
    broken.mkdir()
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        (broken / name).write_text("{")
    with pytest.raises(AdapterError, match="cannot be put into the model"):
        load_model(f"{base}+{broken}")


def test_too_little_is_said_with_how_much_is_needed(films, dialogues, base, tmp_path):
    few = [d for d in dialogues if not held_out(d.id)][:5]
    with pytest.raises(FittingError, match="only 10 rows to learn from, 50 are needed"):
        tune(films, tmp_path / "few", model=f"{base}:bf16", dialogues=few, rows=ROWS, lora=LORA)
    assert not (tmp_path / "few").exists()


def test_none_to_validate_with_is_said(films, dialogues, base, tmp_path):
    learned = [d for d in dialogues if not held_out(d.id)][:40]
    with pytest.raises(FittingError, match="80 rows to learn from, and none to validate with: one dialogue"):
        tune(films, tmp_path / "new", model=f"{base}:bf16", dialogues=learned, rows=ROWS, lora=LORA)


def test_a_taken_folder_is_refused(films, dialogues, base, tuned, tmp_path):
    with pytest.raises(TuningError, match=r"holds an adapter already \(v"):
        tune(films, tuned, model=f"{base}:bf16", dialogues=dialogues)
    (tmp_path / "mine.txt").touch()
    with pytest.raises(TuningError, match="holds no adapter"):
        tune(films, tmp_path, model=f"{base}:bf16", dialogues=dialogues)


def copied(tuned, tmp_path):
    import shutil

    return shutil.copytree(tuned, tmp_path / "copy")


@pytest.mark.parametrize("validated", [True, False], ids=["own validation rows", "earlier ones alone"])
def test_going_on_makes_a_new_version_and_rolling_back_takes_it_back(
    tuned, films, dialogues, base, tmp_path, validated
):
    out = copied(tuned, tmp_path)
    folder = AdapterFolder(out)
    later = [d for d in dialogues if int(d.id[1:]) % 2 and (validated or not held_out(d.id))]
    assert any(held_out(d.id) for d in later) == validated
    mild = LoraOptions(**{**{n: getattr(LORA, n) for n in LORA.__dataclass_fields__}, "learning_rate": 1e-3})
    made = tune(films, out, model=f"{base}:bf16", dialogues=later, go_on=True, rows=ROWS, lora=mild)
    assert (made.version, folder.current, folder.versions) == ("v2", "v2", ("v1", "v2"))
    assert made.card["parent"] == "v1"
    assert "loss, earlier validation rows" in made.card["figures"]["after"]
    second = load_model(f"{base}+{out}:bf16").name
    folder.roll_back("v1")
    assert load_model(f"{base}+{out}:bf16").name == load_model(f"{base}+{tuned}:bf16").name != second
    with pytest.raises(AdapterError, match="has no version 'v7'"):
        folder.roll_back("v7")


def test_what_forgets_is_refused_and_the_last_good_one_kept(tuned, films, dialogues, base, tmp_path):
    out = copied(tuned, tmp_path)
    wild = LoraOptions(
        **{**{n: getattr(LORA, n) for n in LORA.__dataclass_fields__}, "learning_rate": 1.0, "evaluations": 1}
    )
    with pytest.raises(TuningError, match=r"worse on earlier data: loss \d+\.\d+ before, \d+\.\d+ after; v1"):
        tune(films, out, model=f"{base}:bf16", dialogues=dialogues, go_on=True, rows=ROWS, lora=wild)
    assert AdapterFolder(out).current == "v1"
    assert AdapterFolder(out).versions == ("v1",)
    assert Adapter.open(out).name == Adapter.open(tuned).name


def test_an_adapter_that_cannot_be_written_leaves_the_last_one(tuned, films, tmp_path, monkeypatch):
    from peft import PeftModel

    out = copied(tuned, tmp_path)
    monkeypatch.setattr(
        PeftModel, "save_pretrained", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left"))
    )
    card = json.loads((out / "versions" / "v1" / "adapter.json").read_text())
    model = object.__new__(PeftModel)
    torch.nn.Module.__init__(model)
    with pytest.raises(TuningError, match="No space left"):
        AdapterFolder(out).publish(model, card, films, (), ())
    assert AdapterFolder(out).current == "v1"
    assert [p.name for p in (out / "versions").iterdir()] == ["v1"]
