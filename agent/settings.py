"""Settings of the installation (environment, files) and of one recommendation strategy."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from agent.errors import SettingsError

Quantization = Literal["auto", "none", "nf4", "int8"]
Device = Literal["auto", "cpu", "cuda"]
Fusion = Literal["rrf", "scores", "fitted"]

_SOURCE_WEIGHTS: dict[Fusion, dict[str, float]] = {
    "rrf": {"generated": 0.5, "profile": 0.0, "lexical": 0.5, "category": 0.5, "popularity": 0.1},
    "scores": {"generated": 0.1, "profile": 0.0, "lexical": 0.0, "category": 0.5, "popularity": 0.1},
    "fitted": {},
}
_DESCRIBED: dict[str, float] = {"lexical": 1.0}
"""Weights of a fusion by ranks where items are described at length."""
_SCORE_WEIGHT, _POPULARITY_WEIGHT = 0.2, 0.3


class Settings(BaseSettings):
    """What holds for a whole installation; each is also an environment variable ``GROUNDREC_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="GROUNDREC_", extra="forbid", frozen=True)

    cache_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_cache_dir("groundrec")),
        description="Where converted models, embeddings and scores are kept.",
    )
    model: str = Field(
        "auto", description="Language model: auto, a hub id, a folder, a GGUF file or a server URL."
    )
    gpu_model: str = Field(
        "Qwen/Qwen3-4B-Instruct-2507", description="The model that `auto` takes where there is a CUDA GPU."
    )
    embedder: str = Field("auto", description="Sentence embedding model: auto, a hub id or a folder.")
    adapter: Path | None = Field(
        None, description="A folder that `groundrec tune` wrote; the language model is used with it."
    )
    quantization: Quantization = Field("auto", description="auto, none, nf4 or int8.")
    device: Device = Field("auto", description="auto, cpu or cuda.")
    thresholds: Path | None = Field(
        None, description="Thresholds of grounding fitted by `groundrec calibrate`; ours where not set."
    )
    base_url: str | None = Field(None, description="Address of an OpenAI-compatible server.")
    api_key: str | None = Field(
        None, description="Key for that server; OPENAI_API_KEY where this is not set.", repr=False
    )
    timeout: float = Field(60.0, gt=0, description="Seconds to wait for a model server.")
    retries: int = Field(3, ge=0, description="How often a failing server is asked again.")
    vectors: str = Field(
        "numpy",
        description="Vector engine: numpy, faiss, milvus://host:port or postgresql://user@host/database.",
        repr=False,
    )
    vectors_timeout: float = Field(5.0, gt=0, description="Seconds to wait for a vector engine.")
    prompts_dir: Path | None = Field(
        None, description="A folder of your own prompts that override or add to ours."
    )
    locale: str = Field("en", description="Language of prompts and replies: en or zh.")


@cache
def settings() -> Settings:
    """The settings of this process, read once from the environment.

    Raises:
        SettingsError: a value is not allowed.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(_first_problem(error), where="environment (GROUNDREC_*)") from None


class Strategy(BaseModel):
    """How a list is made: every switch of the pipeline.

    Unknown names are refused. A strategy is written as a preset (``default``, ``fast``, ``free``,
    ``diverse``), as ``name=value`` pairs joined by commas, or both (``fast,n=5``).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    n: int = Field(10, ge=1, le=100, description="Length of the list.")
    prompt: str = Field(
        "auto", description="Prompt of the generation, such as recommend/zero_shot; auto chooses by context."
    )
    shots: int = Field(2, ge=0, le=64, description="Examples in few-shot prompts.")
    understand: Literal["auto", "rules", "lm"] = Field("auto", description="Who reads the utterance.")
    generation: Literal["auto", "constrained", "beam", "free", "none"] = Field(
        "auto",
        description="How titles are generated; beam: by a search for the most probable ones, with the prompt "
        "that scores; auto: constrained below 2B parameters, else free.",
    )
    beams: int = Field(32, ge=1, le=512, description="Width of the search for titles.")
    beam_debias: float = Field(
        0.0,
        ge=0,
        le=1,
        description="How much of the log-probability that a title has without the conversation is taken off "
        "in the search; above 0, a first pass over all titles is made and kept.",
    )
    generated: int | None = Field(
        None, ge=1, le=100, description="Titles asked of the model; None: as many as n."
    )
    temperature: float = Field(0.0, ge=0, le=2)
    max_tokens: int = Field(512, ge=1, description="Limit of a free generation, in tokens.")
    prompt_tokens: int = Field(1024, ge=64, description="Budget of a rendered prompt, in tokens.")
    sources: tuple[str, ...] = Field(
        (
            "neighbours",
            "own_neighbours",
            "word_neighbours",
            "co_mention",
            "mentions",
            "embedding",
            "similar",
            "profile",
            "lexical",
            "category",
            "popularity",
        ),
        description="Candidate sources.",
    )
    history: Literal["auto", "none"] = Field(
        "auto",
        description="Whether lists for what a user used and liked, without a wish, come from the sources "
        "that learn from interactions, where there are any.",
    )
    newcomers: float = Field(
        0.3,
        ge=0,
        le=1,
        description="Share of such a list's places behind the tenth that go to items nobody has used yet.",
    )
    candidates: int = Field(100, ge=1, le=1000, description="Candidates taken from each source.")
    fusion: Literal["auto", "rrf", "scores", "fitted"] = Field(
        "auto",
        description="How lists become one: by reciprocal rank, by standardised scores, or by weights fitted "
        "on past turns; auto: fitted where dialogues are remembered, scores where few items are allowed.",
    )
    fusion_k: float = Field(20.0, gt=0, description="k of reciprocal rank fusion.")
    weights: dict[str, float] = Field(
        default_factory=dict,
        description="Weight of a source in a fusion by ranks or scores, in place of ours.",
    )
    scorer: Literal["pmi", "none"] = Field(
        "pmi", description="How the language model re-scores the top candidates."
    )
    score_prompt: str = Field("score/next_title", description="Prompt that candidates are scored with.")
    scored: int = Field(50, ge=1, le=1000, description="How many candidates are re-scored.")
    score_weight: float | None = Field(
        None,
        ge=0,
        description="Weight of the standardised model score; None: 0.2, or 0 after a fusion by fitted "
        "weights, to which it adds nothing.",
    )
    popularity_weight: float | None = Field(
        None,
        description="Weight of the standardised log-popularity, below 0 favours the little known; None: 0.3, "
        "or 0 after a fusion by fitted weights.",
    )
    preference_weight: float = Field(
        1.0, ge=0, description="What likes, dislikes and critiques of this conversation add to every ranking."
    )
    novelty: float = Field(
        0.0, ge=0, le=1, description="Taken off the weight of the standardised log-popularity: 0 to 1."
    )
    diversifier: Literal["xquad", "mmr", "msd", "dpp", "cover", "none"] = Field(
        "xquad",
        description="How lists are spread: over categories and interests (xquad), or by embeddings alone.",
    )
    diversity: Literal["auto"] | Annotated[float, Field(ge=0, le=1)] = Field(
        "auto",
        description="0: relevance only, 1: diversity only; auto: 0.22, or 0.18 where something is wished "
        "for, or 0.08 for lists learned from interactions, times how broad the user's likes are; 0.25 where "
        "nothing is known of what is wanted.",
    )
    explore: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Probability that a place is given to a candidate from beyond the list, by chance.",
    )
    explain: Literal["auto", "lm", "plain", "none"] = Field("auto", description="Who words the reasons.")
    ask: bool = Field(True, description="Whether a clarifying question may be asked.")

    def weighed(self, fusion: Fusion, *, described: bool = False) -> Strategy:
        """The strategy with the weights that it left open, which hang on how lists are fused.

        Args:
            fusion: How they are fused.
            described: Whether the catalog's items are described at length.
        """
        weights = _SOURCE_WEIGHTS[fusion] | (_DESCRIBED if described and fusion == "rrf" else {})
        score, popularity = (0.0, 0.0) if fusion == "fitted" else (_SCORE_WEIGHT, _POPULARITY_WEIGHT)
        return self.model_copy(
            update={
                "fusion": fusion,
                "weights": {**weights, **self.weights},
                "score_weight": score if self.score_weight is None else self.score_weight,
                "popularity_weight": popularity if self.popularity_weight is None else self.popularity_weight,
            }
        )

    @property
    def text(self) -> str:
        """What :meth:`parse` reads it back from: the switches that are not as usual; ``default`` for none."""
        usual, words = type(self)(), list[str]()
        for name in type(self).model_fields:
            value = getattr(self, name)
            if name == "weights":
                words += [f"weights.{source}={weight}" for source, weight in value.items()]
            elif value != getattr(usual, name):
                words.append(f"{name}={'|'.join(value) if isinstance(value, tuple) else value}")
        return ",".join(words) or "default"

    @classmethod
    def parse(cls, text: str, usual: Strategy | None = None) -> Strategy:
        """Read ``"fast,n=5,sources=lexical|embedding"``.

        Args:
            text: Presets and ``name=value`` pairs, joined by commas.
            usual: What holds for names that the text does not give, unless it begins anew with a preset.

        Raises:
            SettingsError: an unknown preset or name, or a value that is not allowed.
        """
        parts = [part for part in map(str.strip, text.split(",")) if part]
        anew = usual is None or any("=" not in part for part in parts)
        values: dict[str, Any] = {} if usual is None or anew else dict(usual)
        for part in parts:
            name, equals, value = part.partition("=")
            if not equals:
                if name not in PRESETS:
                    raise SettingsError(
                        f"unknown strategy {name!r}", hint=f"presets: {', '.join(PRESETS)}; or name=value"
                    )
                values |= PRESETS[name]
            elif name == "sources":
                values[name] = tuple(v for v in value.split("|") if v)
            elif name.startswith("weights."):
                values["weights"] = {**values.get("weights", {}), name.removeprefix("weights."): value}
            else:
                values[name] = value
        return cls.of(values)

    @classmethod
    def of(cls, values: dict[str, Any]) -> Strategy:
        """Build from a mapping, with errors of our own class."""
        try:
            return cls(**values)
        except ValidationError as error:
            raise SettingsError(
                _first_problem(error), where="strategy", hint=f"known names: {', '.join(cls.model_fields)}"
            ) from None


PRESETS: dict[str, dict[str, Any]] = {
    "default": {},
    "fast": {"generation": "none", "scorer": "none", "explain": "plain", "understand": "rules"},
    "free": {"generation": "free"},
    "constrained": {"generation": "constrained"},
    "diverse": {"prompt": "recommend/diverse", "diversity": 0.5},
}


def _first_problem(error: ValidationError) -> str:
    first = error.errors()[0]
    # The last part of a union's place names the branch that was tried, which says nothing to people.
    parts = [str(part) for part in first["loc"] if not str(part).startswith(("literal[", "constrained-"))]
    name = ".".join(parts) or "value"
    if first["type"] == "extra_forbidden":
        return f"unknown name {name!r}"
    return f"{name}={first.get('input')!r}: {first['msg'].lower()}"
