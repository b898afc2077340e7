"""Drawing tokens."""

from __future__ import annotations

import numpy as np
import pytest

from agent.lm import Sampling
from agent.lm.sampling import draw

LOGITS = np.log(np.array([0.5, 0.3, 0.15, 0.05], dtype=np.float32))


def frequencies(sampling: Sampling, draws: int = 4000) -> list[float]:
    rng = np.random.default_rng(0)
    drawn = [draw(LOGITS, sampling, rng) for _ in range(draws)]
    return [drawn.count(i) / draws for i in range(4)]


def test_temperature_zero_takes_the_most_probable() -> None:
    assert frequencies(Sampling(temperature=0, top_p=0.1), draws=5) == [1, 0, 0, 0]


def test_temperature_one_draws_by_probability() -> None:
    assert frequencies(Sampling(temperature=1)) == pytest.approx([0.5, 0.3, 0.15, 0.05], abs=0.03)


def test_temperature_two_draws_by_square_roots() -> None:
    roots = np.sqrt([0.5, 0.3, 0.15, 0.05])
    assert frequencies(Sampling(temperature=2)) == pytest.approx(roots / roots.sum(), abs=0.03)


def test_top_p_keeps_the_smallest_set_that_reaches_it() -> None:
    # 0.5 + 0.3 reaches 0.7: two tokens, 5/8 and 3/8.
    assert frequencies(Sampling(temperature=1, top_p=0.7)) == pytest.approx([0.625, 0.375, 0, 0], abs=0.03)


def test_top_p_keeps_at_least_one_token() -> None:
    assert frequencies(Sampling(temperature=1, top_p=0.0001), draws=20) == [1, 0, 0, 0]


def test_forbidden_tokens_are_never_drawn() -> None:
    logits = np.array([-np.inf, 0, -np.inf, 0], dtype=np.float32)
    rng = np.random.default_rng(0)
    assert {draw(logits, Sampling(temperature=5), rng) for _ in range(100)} == {1, 3}
