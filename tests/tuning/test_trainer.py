"""Training by a plan: the loss falls, a seed repeats it, and a kill changes nothing."""

import pytest
import torch
from safetensors.torch import load_file

from agent.errors import TuningError
from agent.lm import load_model
from agent.tuning.packing import encode, packs_of
from agent.tuning.rows import Row
from agent.tuning.trainer import (
    AnswerTrainer,
    LoraOptions,
    add_lora,
    last_checkpoint,
    loss_on,
    plan,
    train,
)
from prompts import Message

OPTIONS = LoraOptions(
    rank=4, alpha=8, learning_rate=1e-2, epochs=2, batch_tokens=128, evaluations=4, patience=9
)


def packs(engine, count=40):
    titles = ("Alien", "Heat", "Up", "Drive")
    rows = [
        Row("next", f"d{i}", (Message("user", f"wish {i % 4}"),), f" {titles[i % 4]}\n") for i in range(count)
    ]
    return packs_of(encode(rows, engine, 100), 64)


def learned(model):
    return {name: value.clone() for name, value in model.state_dict().items() if "lora" in name}


def run(base, folder, options=OPTIONS, name="bf16"):
    engine = load_model(f"{base}:{name}")
    model = add_lora(engine._decoder._model, options)
    some = packs(engine)
    return train(model, some, some[:8], options, folder), some


def same(left, right):
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


def test_the_loss_falls_and_only_the_adapter_learns(base, tmp_path):
    engine = load_model(f"{base}:bf16")
    before = {name: value.clone() for name, value in engine._decoder._model.state_dict().items()}
    model = add_lora(engine._decoder._model, OPTIONS)
    some = packs(engine)
    first = loss_on(model, some, 128)
    trained = train(model, some, some[:8], OPTIONS, tmp_path)
    assert trained.steps == trained.planned == len(plan(some, OPTIONS))
    assert loss_on(trained.model, some, 128) < first - 1
    own = trained.model.get_base_model().state_dict()
    frozen = {name.replace(".base_layer", ""): value for name, value in own.items() if "lora" not in name}
    assert all(torch.equal(frozen[name], value) for name, value in before.items())


def test_the_seed_repeats_it(base, tmp_path):
    one, again = (learned(run(base, tmp_path / name)[0].model) for name in ("a", "b"))
    assert same(one, again)
    other = learned(run(base, tmp_path / "c", LoraOptions(**{**vars_of(OPTIONS), "seed": 1}))[0].model)
    assert not same(one, other)


def vars_of(options):
    return {name: getattr(options, name) for name in options.__dataclass_fields__}


def test_a_kill_changes_nothing(base, tmp_path, monkeypatch):
    straight = learned(run(base, tmp_path / "straight")[0].model)
    step = AnswerTrainer.training_step
    calls = []

    def killed(self, *args, **kwargs):
        calls.append(1)
        if len(calls) == 7:
            raise KeyboardInterrupt
        return step(self, *args, **kwargs)

    monkeypatch.setattr(AnswerTrainer, "training_step", killed)
    with pytest.raises(KeyboardInterrupt):
        run(base, tmp_path / "killed")
    assert last_checkpoint(tmp_path / "killed") is not None
    monkeypatch.setattr(AnswerTrainer, "training_step", step)
    assert same(learned(run(base, tmp_path / "killed")[0].model), straight)


def test_a_full_disk_keeps_the_last_good_checkpoint(base, tmp_path, monkeypatch):
    save = AnswerTrainer._save_optimizer_and_scheduler
    saved = []

    def full(self, folder):
        saved.append(folder)
        if len(saved) == 2:
            raise OSError(28, "No space left on device")
        save(self, folder)

    monkeypatch.setattr(AnswerTrainer, "_save_optimizer_and_scheduler", full)
    with pytest.raises(TuningError, match="No space left") as raised:
        run(base, tmp_path)
    kept = last_checkpoint(tmp_path)
    assert [p.name for p in tmp_path.glob("checkpoint-*")] == [kept.name]
    assert f"goes on from step {kept.name.split('-')[1]}" in str(raised.value)
    assert load_file(kept / "adapter_model.safetensors")
    monkeypatch.setattr(AnswerTrainer, "_save_optimizer_and_scheduler", save)
    assert same(learned(run(base, tmp_path)[0].model), learned(run(base, tmp_path / "straight")[0].model))


def test_a_checkpoint_that_was_not_finished_is_not_taken(tmp_path):
    for name, whole in (("checkpoint-2", True), ("checkpoint-10", True), ("checkpoint-12", False)):
        (tmp_path / name).mkdir()
        if whole:
            (tmp_path / name / "whole").touch()
    assert last_checkpoint(tmp_path).name == "checkpoint-10"
    assert not (tmp_path / "checkpoint-12").exists()


def test_it_stops_where_validation_gets_no_better(base, tmp_path):
    wild = LoraOptions(
        **{**vars_of(OPTIONS), "learning_rate": 5.0, "patience": 1, "epochs": 4, "evaluations": 20}
    )
    trained, _ = run(base, tmp_path, wild)
    assert trained.steps < trained.planned


def test_weights_in_nf4_are_tuned(base, tmp_path):
    engine = load_model(f"{base}:nf4")
    model = add_lora(engine._decoder._model, OPTIONS)
    some = packs(engine)
    first = loss_on(model, some, 128)
    trained = train(model, some, some[:8], OPTIONS, tmp_path)
    assert loss_on(trained.model, some, 128) < first - 1
    first_layer = [
        value for name, value in learned(trained.model).items() if "layers.0" in name and "lora_B" in name
    ]
    assert len(first_layer) == 7
    assert all(matrix.any() for matrix in first_layer)
