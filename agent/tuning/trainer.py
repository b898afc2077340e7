"""LoRA by the Trainer of transformers, over batches that a seed repeats and a kill does not change."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training
from peft.helpers import disable_input_dtype_casting
from transformers import (
    EarlyStoppingCallback,
    PreTrainedModel,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from agent.errors import TuningError, UnsupportedError
from agent.tuning.packing import Pack, batches_of, collate

_WHOLE = "whole"
"""The file that says that a checkpoint was written to its end."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class LoraOptions:
    """How weights are tuned.

    Attributes:
        rank: Of the matrices that are learned.
        alpha: They are scaled by alpha / rank.
        learning_rate: At its height, after a twentieth of the steps; it falls to 0 along a cosine.
        epochs: How often every row is seen.
        batch_tokens: Tokens of a step, with padding.
        pack_tokens: Tokens of a pack of rows that begin alike.
        evaluations: How often the validation loss is measured and a checkpoint is kept.
        patience: Evaluations without a better loss after which to stop.
        minutes: Wall-clock limit; None: none.
        seed: Repeats everything.
    """

    rank: int = 32
    alpha: int = 64
    learning_rate: float = 4e-4
    epochs: float = 2.0
    batch_tokens: int = 2048
    pack_tokens: int = 1024
    evaluations: int = 8
    patience: int = 3
    minutes: float | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Trained:
    """A tuned model with how it got there: steps taken, of how many; tokens a second; losses by step."""

    model: PeftModel
    steps: int
    planned: int
    tokens_per_second: float
    losses: tuple[Mapping[str, float], ...]


class Plan(torch.utils.data.Dataset):
    """All batches of a training, in order."""

    def __init__(self, batches: Sequence[Sequence[Pack]]) -> None:
        self.batches = batches

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, step: int) -> dict[str, Any]:
        return collate(self.batches[step])


def plan(packs: Sequence[Pack], options: LoraOptions) -> Plan:
    """The batches of all epochs, each epoch in an order of its own; the last may be a part of one."""
    batches: list[list[Pack]] = []
    whole, part = divmod(options.epochs, 1)
    for epoch in range(int(whole) + bool(part)):
        new = batches_of(packs, options.batch_tokens, options.seed + epoch)
        batches += new if epoch < whole else new[: max(1, round(part * len(new)))]
    return Plan(batches)


def add_lora(model: PreTrainedModel, options: LoraOptions, before: Path | None = None) -> PeftModel:
    """A model with matrices to learn beside each of its linear layers (QLoRA where these are quantised).

    Args:
        model: The base; its own weights are frozen.
        options: Rank, scale and seed of the matrices.
        before: An adapter to go on from.
    """
    if model.config._attn_implementation not in ("sdpa", "eager"):
        raise UnsupportedError(
            f"the attention {model.config._attn_implementation!r} cannot be masked token by token",
            hint="load the model with sdpa or eager attention",
        )
    if getattr(model, "is_quantized", False):
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
        for module in model.modules():
            # On a CPU bitsandbytes packs weights at the first evaluation: no gradients pass from then on.
            if hasattr(module, "support_avx512bf16_for_cpu"):
                module.support_avx512bf16_for_cpu = False
    if before is not None:
        return PeftModel.from_pretrained(model, str(before), is_trainable=True)
    torch.manual_seed(options.seed)
    lora = LoraConfig(
        r=options.rank, lora_alpha=options.alpha, target_modules="all-linear", task_type="CAUSAL_LM"
    )
    return get_peft_model(model, lora)


def loss_of(model: Any, inputs: Mapping[str, Any]) -> torch.Tensor:
    """Mean negative log-likelihood of the answers' tokens, by their weights; logits of no others are made."""
    dtype = next(p.dtype for p in model.parameters() if p.dtype.is_floating_point)
    mask = torch.zeros(inputs["visible"].shape, dtype=dtype, device=inputs["visible"].device)
    mask.masked_fill_(~inputs["visible"], torch.finfo(dtype).min)
    length, last = inputs["input_ids"].shape[1], inputs["last"]
    logits = model(
        input_ids=inputs["input_ids"],
        position_ids=inputs["position_ids"],
        attention_mask=mask,
        use_cache=False,
        logits_to_keep=torch.arange(length - last, length, device=mask.device),
    ).logits
    chosen = logits[inputs["owner"], inputs["place"]].float()
    losses = torch.nn.functional.cross_entropy(chosen, inputs["target"], reduction="none")
    weights = inputs["weight"]
    return (losses * weights).sum() / weights.sum()


class AnswerTrainer(Trainer):
    """The Trainer over packs: loss on answers only, checkpoints that are whole or not there."""

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """The weighted loss of a batch."""
        loss = loss_of(model, inputs)
        return (loss, {}) if return_outputs else loss

    def prediction_step(
        self, model: Any, inputs: dict[str, Any], prediction_loss_only: bool, ignore_keys: Any = None
    ) -> tuple[torch.Tensor, None, None]:
        """The loss of a validation batch."""
        with torch.no_grad(), self.compute_loss_context_manager():
            return self.compute_loss(model, self._prepare_inputs(inputs)).detach(), None, None

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        folder = Path(self.args.output_dir) / f"checkpoint-{self.state.global_step}"
        try:
            super()._save_checkpoint(model, trial)
            (folder / _WHOLE).touch()
        except Exception as error:  # each library underneath has its own for a disk that is full
            shutil.rmtree(folder, ignore_errors=True)
            kept = last_checkpoint(Path(self.args.output_dir))
            raise TuningError(
                f"the checkpoint of step {self.state.global_step} cannot be written: {error}",
                where=str(folder.parent),
                hint="make room and run the same command again; it goes on from "
                + (f"step {kept.name.split('-')[1]}" if kept else "the beginning"),
            ) from error


class _Watch(TrainerCallback):
    """Tells progress, and stops when time is up."""

    def __init__(self, minutes: float | None, progress: Progress | None) -> None:
        self._limit = None if minutes is None else time.monotonic() + 60 * minutes
        self._progress = progress

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **more: Any
    ) -> None:
        if self._progress is not None:
            self._progress("tuning", state.global_step, state.max_steps)
        if self._limit is not None and time.monotonic() > self._limit and not control.should_training_stop:
            control.should_training_stop = control.should_evaluate = control.should_save = True


def last_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint that was written to its end; broken ones are removed."""
    found = []
    for path in folder.glob("checkpoint-*"):
        if (path / _WHOLE).is_file():
            found.append(path)
        else:
            shutil.rmtree(path, ignore_errors=True)
    return max(found, key=lambda path: int(path.name.split("-")[1]), default=None)


def train(
    model: PeftModel,
    packs: Sequence[Pack],
    validation: Sequence[Pack],
    options: LoraOptions,
    folder: Path,
    progress: Progress | None = None,
) -> Trained:
    """Tune a model, going on from the last checkpoint in ``folder`` where there is one.

    The best of all evaluations is what is returned.

    Args:
        model: With matrices to learn, see :func:`add_lora`.
        packs: What is learned from.
        validation: What decides when to stop.
        options: How.
        folder: Where checkpoints are kept; of this training alone.
        progress: Told the step, and how many there are.

    Raises:
        TuningError: a checkpoint cannot be written; the one before it is kept.
    """
    planned = plan(packs, options)
    held = Plan(batches_of(validation, options.batch_tokens, 0))
    every = max(1, len(planned) // options.evaluations)
    on_cpu = model.device.type == "cpu"
    in_bf16 = on_cpu or torch.cuda.is_bf16_supported()
    arguments = TrainingArguments(
        output_dir=str(folder),
        per_device_train_batch_size=1,
        per_device_eval_batch_size=1,
        train_sampling_strategy="sequential",
        num_train_epochs=1,
        learning_rate=options.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=max(1, len(planned) // 20),
        weight_decay=0.0,
        max_grad_norm=1.0,
        bf16=in_bf16,
        fp16=not in_bf16,
        use_cpu=on_cpu,
        eval_strategy="steps",
        eval_steps=every,
        save_strategy="steps",
        save_steps=every,
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="eval_loss",
        greater_is_better=False,
        restore_callback_states_from_checkpoint=True,
        logging_steps=max(1, every // 4),
        remove_unused_columns=False,
        dataloader_pin_memory=False,
        label_names=[],
        seed=options.seed,
        report_to=[],
        disable_tqdm=True,
    )
    trainer = AnswerTrainer(
        model=model,
        args=arguments,
        train_dataset=planned,
        eval_dataset=held,
        data_collator=lambda items: items[0],
        callbacks=[EarlyStoppingCallback(options.patience), _Watch(options.minutes, progress)],
    )
    trainer.remove_callback(PrinterCallback)
    checkpoint = last_checkpoint(folder)
    done = 0 if checkpoint is None else int(checkpoint.name.split("-")[1])
    start = time.monotonic()
    # Under autocast the products are in bf16; peft would cast what goes in to fp32 and back before each.
    with disable_input_dtype_casting(model) if on_cpu else nullcontext():
        trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint))
    seconds = time.monotonic() - start
    steps = trainer.state.global_step
    tokens = sum(len(each) for batch in planned.batches[done:steps] for each in batch)
    losses = tuple(
        {name: float(value) for name, value in line.items() if name in ("step", "loss", "eval_loss")}
        for line in trainer.state.log_history
        if "loss" in line or "eval_loss" in line
    )
    return Trained(model, steps, len(planned), tokens / max(seconds, 1e-9), losses)


def loss_on(model: Any, packs: Sequence[Pack], batch_tokens: int) -> float:
    """Mean negative log-likelihood of the answers' tokens in some packs, by their weights, in nats."""
    total, weight = 0.0, 0.0
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16):
        for batch in batches_of(packs, batch_tokens, 0):
            inputs = collate(batch)
            moved = {name: v.to(device) if hasattr(v, "to") else v for name, v in inputs.items()}
            own = float(inputs["weight"].sum())
            total += float(loss_of(model, moved)) * own
            weight += own
    model.train(was_training)
    return total / weight


def described(options: LoraOptions) -> str:
    """Options as one line of JSON, the same for the same options."""
    return json.dumps(asdict(options), sort_keys=True)
