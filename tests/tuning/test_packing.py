"""Rows in one sequence: what each token sees, and that nothing is lost."""

import numpy as np
import torch

from agent.tuning.packing import Tokens, batches_of, collate, pack, packs_of
from agent.tuning.trainer import loss_of

ROWS = (
    Tokens((5, 6, 7, 8, 9), 3, 1.0),
    Tokens((5, 6, 7, 8, 4, 3), 4, 0.5),
    Tokens((5, 6, 2, 9), 3, 2.0),
    Tokens((11, 12, 13), 1, 1.0),
)


def apart(model, sequence):
    """Loss of one row, computed plainly."""
    ids = torch.tensor([sequence.tokens])
    logits = model(input_ids=ids).logits[0].float()
    losses = torch.nn.functional.cross_entropy(logits[:-1], ids[0, 1:], reduction="none")
    return losses[sequence.answer - 1 :]


def test_shared_beginnings_are_there_once():
    packed = pack(ROWS[:3])
    # 5 6 7 8 | 4 of the second (its 3 foretells nothing) | 2 of the third.
    assert len(packed) == 6
    assert sorted(packed.tokens.tolist()) == [2, 4, 5, 6, 7, 8]
    assert packed.targets.tolist() == [8, 9, 4, 3, 9]
    assert packed.weights.tolist() == [1, 1, 0.5, 0.5, 2]


def test_each_token_sees_its_own_row_up_to_itself():
    packed = pack(ROWS[:3])
    rows = [tuple(row.tokens) for row in ROWS[:3]]
    for place, seen in enumerate(packed.visible()):
        way = packed.tokens[seen][np.argsort(packed.positions[seen])].tolist()
        assert way[-1] == packed.tokens[place]
        assert any(row[: len(way)] == tuple(way) for row in rows)
        assert packed.positions[seen].max() == packed.positions[place] == len(way) - 1


def test_what_foretells_comes_last():
    packed = pack(ROWS[:3])
    assert set(packed.places) == set(range(len(packed) - packed.foretelling, len(packed)))


def test_the_loss_is_that_of_the_rows_one_by_one(engine):
    model = engine._decoder._model.float()
    wanted = [apart(model, row) * row.weight for row in ROWS]
    mean = torch.cat(wanted).sum() / sum(row.weight * len(apart(model, row)) for row in ROWS)
    for groups in ([ROWS], [ROWS[:2], ROWS[2:]], [[row] for row in ROWS]):
        loss = loss_of(model, collate([pack(group) for group in groups]))
        torch.testing.assert_close(loss, mean, rtol=1e-4, atol=1e-4)


def test_packs_hold_the_rows_of_one_group_and_no_more_tokens_than_asked():
    many = [("a", ROWS[0]), ("b", ROWS[3]), ("a", ROWS[1]), ("a", ROWS[2])]
    assert [len(p.targets) for p in packs_of(many, 100)] == [5, 2]
    small = packs_of(many, 5)
    assert [len(p) for p in small] == [5, 3, 2]
    assert sum(len(p.targets) for p in small) == 7


def test_batches_are_all_packs_in_an_order_that_the_seed_repeats():
    packs = [pack([Tokens(tuple(range(n)), 1, 1.0)]) for n in range(3, 60)]
    one, again, other = (batches_of(packs, 64, seed) for seed in (1, 1, 2))
    lengths = [[len(p) for p in batch] for batch in one]
    assert lengths == [[len(p) for p in batch] for batch in again]
    assert lengths != [[len(p) for p in batch] for batch in other]
    assert sorted(n for batch in lengths for n in batch) == sorted(map(len, packs))
    assert all(len(batch) * max(batch) <= 64 or len(batch) == 1 for batch in lengths)
