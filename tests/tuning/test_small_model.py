"""Ten real steps of the small model: the loss falls, and a run that was killed ends with the same weights."""

import pytest
import torch

from agent.lm import load_model
from agent.tuning.packing import encode, packs_of
from agent.tuning.rows import Row
from agent.tuning.trainer import AnswerTrainer, LoraOptions, add_lora, loss_on, plan, train
from prompts import Message

pytestmark = pytest.mark.model

OPTIONS = LoraOptions(rank=8, alpha=16, learning_rate=1e-3, batch_tokens=120, epochs=1, evaluations=2)
TITLES = ("The Glass Orchard Keeper", "Nine Tin Lanterns", "Keeper Number Zero", "Orchard Counting")


def packs(engine):
    rows = [
        Row("next", f"d{i}", (Message("user", f"Something of kind {i % 4}?"),), f" {TITLES[i % 4]}\n")
        for i in range(20)
    ]
    return packs_of(encode(rows, engine, 200), 100)


def run(folder):
    engine = load_model("smollm2-135m-instruct:bf16")
    model, some = add_lora(engine._decoder._model, OPTIONS), packs(engine)
    assert len(plan(some, OPTIONS)) == 10
    before = loss_on(model, some[:4], 200)
    train(model, some, some[:4], OPTIONS, folder)
    learned = {name: value.clone() for name, value in model.state_dict().items() if "lora" in name}
    return before, loss_on(model, some[:4], 200), learned


def test_ten_steps_straight_and_with_a_kill(tmp_path, monkeypatch):
    before, after, straight = run(tmp_path / "straight")
    assert after < before - 0.5
    step, calls = AnswerTrainer.training_step, []

    def killed(self, *args, **kwargs):
        calls.append(1)
        if len(calls) == 8:
            raise KeyboardInterrupt
        return step(self, *args, **kwargs)

    monkeypatch.setattr(AnswerTrainer, "training_step", killed)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "killed")
    monkeypatch.setattr(AnswerTrainer, "training_step", step)
    _, resumed, weights = run(tmp_path / "killed")
    assert resumed == after
    assert all(torch.equal(weights[name], value) for name, value in straight.items())
