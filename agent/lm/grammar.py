"""Grammars enforced while decoding, through llguidance."""

from __future__ import annotations

import json
from typing import Any

import llguidance
import numpy as np
from llguidance.hf import from_tokenizer
from llguidance.numpy import allocate_token_bitmask, fill_next_token_bitmask

from agent.errors import ModelError, UnsupportedError
from agent.lm.base import Grammar

_JSON = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}


class GrammarCompiler:
    """Prepares a tokenizer once (about a second) for any number of grammars."""

    def __init__(self, tokenizer: Any) -> None:
        try:
            self._tokenizer = from_tokenizer(tokenizer)
        except ValueError as error:
            raise UnsupportedError(f"this tokenizer cannot be constrained by a grammar: {error}") from error

    def matcher(self, grammar: Grammar) -> GrammarMatcher:
        """Start matching a text against a grammar.

        Raises:
            ModelError: the grammar is not valid.
        """
        return GrammarMatcher(self._tokenizer, grammar)


class GrammarMatcher:
    """How far a text has come in its grammar."""

    def __init__(self, tokenizer: llguidance.LLTokenizer, grammar: Grammar) -> None:
        self._bitmask = allocate_token_bitmask(1, tokenizer.vocab_size)
        try:
            compiled = (
                llguidance.LLMatcher.grammar_from_lark(grammar.text)
                if grammar.kind == "lark"
                else llguidance.LLMatcher.grammar_from_json_schema(json.loads(grammar.text), defaults=_JSON)
            )
        except ValueError as error:
            raise ModelError(f"the JSON schema is not valid: {error}") from error
        self._matcher = llguidance.LLMatcher(tokenizer, compiled, log_level=0)
        self._check()

    def _check(self) -> None:
        if self._matcher.is_error():
            raise ModelError(f"the grammar failed: {' '.join(self._matcher.get_error().split())}")

    @property
    def finished(self) -> bool:
        """Whether nothing may follow any more."""
        return self._matcher.is_stopped()

    def mask(self, logits: np.ndarray) -> np.ndarray:
        """Logits, shape (vocabulary,), with -inf for every token that may not come next."""
        fill_next_token_bitmask(self._matcher, self._bitmask)
        self._check()
        allowed = np.unpackbits(self._bitmask[0].view(np.uint8), bitorder="little")[: len(logits)]
        masked = np.full_like(logits, -np.inf)
        possible = np.flatnonzero(allowed)
        masked[possible] = logits[possible]
        return masked

    def accept(self, token: int) -> list[int]:
        """Go on by a token; returns the tokens that must follow it, already accepted."""
        self._matcher.consume_token(token)
        forced = self._matcher.compute_ff_tokens()
        self._matcher.consume_tokens(forced)
        self._check()
        return forced
