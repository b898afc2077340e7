"""A run as reports get it: simulated ranks, real statistics, and text that means no good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from scipy import special

from eval.results import (
    CellKind,
    CellResult,
    CellSettings,
    ChatMessage,
    Cost,
    DatasetStamp,
    Machine,
    NamedItem,
    RunResult,
    Sample,
    Slice,
    TitleRecord,
)
from eval.statistics import Comparison, Interval, compare, mean_intervals

HOSTILE = "</script><script>alert('x')</script> \"quoted\" & <img src=http://evil.example/x onerror=alert(1)>"
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2
RTL = "عربي \u202eevil\u202c فيلم"

# label, prompt, strategy, kind, chance of each rank relative to a system that knows nothing, diversity, ms
SYSTEMS = (
    ("zero-shot · constrained", "zero-shot", "constrained", "system", 3.0, 0.62, 1480),
    ("zero-shot · free", "zero-shot", "free", "system", 0.5, 0.71, 2350),
    ("zero-shot · score only", "zero-shot", "score only", "system", 4.4, 0.55, 610),
    ("few-shot · constrained", "few-shot", "constrained", "system", 3.3, 0.6, 1720),
    ("few-shot · free", "few-shot", "free", "system", 0.7, 0.7, 2810),
    ("few-shot · score only", "few-shot", "score only", "system", 4.6, 0.56, 690),
    ("persona · constrained", "persona", "constrained", "system", 2.6, 0.64, 1610),
    ("persona · score only", "persona", "score only", "system", 4.0, 0.57, 655),
    ("GPT-4 zero-shot (published)", None, None, "outputs", 7.5, 0.66, None),
)
FLOORS = (
    ("random", 0.05, 0.78, 0.4),
    ("popularity", 2.0, 0.66, 0.3),
    ("naive copy", 0.4, 0.6, 0.2),
    ("BM25 neighbours", 2.7, 0.64, 4.1),
    ("embedding neighbours", 3.1, 0.63, 9.2),
    ("item-kNN", 3.0, 0.58, 1.2),
    ("item-text embedding", 0.8, 0.41, 6.0),
    ("LM alone", 1.1, 0.72, 1510),
)
METRICS = ("recall@1", "recall@10", "ndcg@10", "recall@50", "embedding_distance@10", "milliseconds_p50")


def interval(value: float | None, half: float = 0.02, n: int = 100) -> Interval:
    if value is None:
        return Interval(None, None, None, 0, 0)
    return Interval(value, value - half, value + half, n, n // 2)


def cell(
    label: str,
    recall: float | None = 0.1,
    *,
    kind: CellKind = "system",
    dataset: str = "toys",
    comparison: tuple[float, float] | None = None,
    **fields: object,
) -> CellResult:
    """One cell with one metric; ``comparison`` is the difference and its adjusted p-value."""
    compared = {}
    if comparison is not None:
        difference, p = comparison
        compared = {"recall@10": Comparison(interval(difference), p / 2, p, 0.03)}
    defaults = {
        "settings": CellSettings(dataset, prompt="zero-shot" if kind == "system" else None),
        "n": 100,
        "measurements": {"recall@10": interval(recall)},
        "comparisons": compared,
    }
    return CellResult(id=label, label=label, kind=kind, **(defaults | fields))


def run_of(*cells: CellResult, baseline: str | None = None, **fields: object) -> RunResult:
    names = dict.fromkeys(c.settings.dataset for c in cells)
    return RunResult(
        id=str(fields.pop("id", "run 1")),
        created="2026-01-02T03:04:05Z",
        machine=Machine("0.1.0", "abc1234", "3.11.7", "Linux", "two cores", 2, {"numpy": "2.0"}),
        matrix={"datasets": list(names)},
        datasets={name: stamp(name) for name in names},
        cells=cells,
        baselines={name: baseline for name in names if baseline is not None},
        **fields,
    )


def stamp(name: str, rows: int = 100, clusters: int = 50) -> DatasetStamp:
    return DatasetStamp(
        name, "next_item", "sha256:0123456789abcdef", "cat:1", 6281, rows, clusters, "CC BY 4.0"
    )


def simulated_run(rows: int = 240, samples: int = 6) -> RunResult:
    """Every part of a report: two data sets, systems, floors, stored outputs, slices, samples, failures."""
    cells: list[CellResult] = []
    baselines = {}
    for place, dataset in enumerate(("redial", "recipes")):
        cells += _dataset_cells(dataset, rows, samples, seed=place)
        baselines[dataset] = f"{dataset}/zero-shot · constrained"
    run = run_of(*cells, id="2026-01-02 prompts on SmolLM2", notes=("Timings were taken on a busy machine.",))
    stamps = {name: replace(stamp(name, rows, rows // 2), unknown_targets=3) for name in run.datasets}
    return replace(run, baselines=baselines, datasets=stamps, seconds=5321.0, peak_megabytes=1874.0)


def _dataset_cells(dataset: str, rows: int, samples: int, seed: int) -> list[CellResult]:
    rng = np.random.default_rng(seed)
    clusters = np.array([f"d{i // 2:04}" for i in range(rows)])
    luck = rng.standard_normal(rows)
    specs = [(s[0], s[3], s[4], s[5], s[6], s[1], s[2]) for s in SYSTEMS]
    specs += [
        (name, "floor", strength, diversity, ms, None, None) for name, strength, diversity, ms in FLOORS
    ]
    ranks = {}
    for label, _, strength, *_ in specs:
        own = special.ndtr(0.7 * luck + 0.714 * rng.standard_normal(rows))
        ranks[label] = np.floor(6000 * own ** (1 + 0.62 * strength)).astype(int) + 1
    tables = {label: _values(ranks[label], diversity, ms, rng) for label, _, _, diversity, ms, *_ in specs}
    base = specs[0][0]
    compared: dict[str, dict[str, Comparison]] = {label: {} for label, *_ in specs}
    for place, metric in enumerate(METRICS[:5]):
        values = {label: table[:, place] for label, table in tables.items()}
        for label, found in compare(values, base, clusters, resamples=500).items():
            compared[label][metric] = found
    parts = {
        "nothing mentioned": luck > 0.8,
        "at most 5 interactions": luck > 0.2,
        "item absent from the memory": rng.random(rows) < 0.2,
    }
    found = []
    for label, kind, _, _, ms, prompt, strategy in specs:
        slices = tuple(
            Slice(name, int(mask.sum()), _intervals(tables[label][mask], clusters[mask]))
            for name, mask in parts.items()
        )
        settings = CellSettings(
            dataset,
            prompt=prompt,
            prompt_hashes={prompt: "9f8e7d6c5b4a39281706"} if prompt else {},
            model="auto" if prompt else None,
            weights="SmolLM2-135M-Instruct-Q4_1" if prompt else None,
            strategy=strategy,
            options={"candidates": 50, "diversity": 0.3, "constrained": strategy == "constrained"}
            if prompt
            else {},
            seeds=(0, 1),
        )
        failures = {"ContextWindowError: the prompt does not fit": 3} if label == "few-shot · free" else {}
        found.append(
            CellResult(
                id=f"{dataset}/{label}",
                label=label,
                kind=kind,
                settings=settings,
                n=rows,
                failures=failures,
                measurements=_intervals(tables[label], clusters),
                slices=slices,
                comparisons=compared[label],
                cost=Cost(81230, 4120, 51000, ms, None if ms is None else ms * 2.1, 512.0, 1874.0),
                samples=tuple(_sample(i, label, kind, int(ranks[label][i]), ms) for i in range(samples)),
            )
        )
    return found


def _values(ranks: np.ndarray, diversity: float, ms: float | None, rng: np.random.Generator) -> np.ndarray:
    n = len(ranks)
    gain = np.where(ranks <= 10, 1 / np.log2(ranks + 1), 0.0)
    spread = diversity + 0.05 * rng.standard_normal(n)
    time = np.full(n, np.nan) if ms is None else ms * rng.lognormal(0, 0.2, n)
    return np.stack([ranks <= 1, ranks <= 10, gain, ranks <= 50, spread, time], axis=1).astype(float)


def _intervals(table: np.ndarray, clusters: np.ndarray) -> Mapping[str, Interval]:
    return dict(zip(METRICS, mean_intervals(table, clusters, resamples=300), strict=True))


def _sample(place: int, label: str, kind: CellKind, rank: int, ms: float | None) -> Sample:
    wishes = (
        "I liked Heat and The Usual Suspects. Something like that, but newer?",
        f"My title: {HOSTILE}",
        f"Have you seen {LONG}? I want more of it.",
        f"{RTL} – شاهدت هذا الفيلم وأعجبني، أريد مثله",
        "Anything. Surprise me.",
        "A comedy under 90 minutes for the whole family, nothing with talking animals, please.",
    )
    target = NamedItem(
        "m1", ("The Departed (2006)", HOSTILE, LONG, RTL)[place % 4], rank if rank <= 50 else None
    )
    ranked = tuple(
        NamedItem(
            f"x{i}" if i != rank else "m1",
            f"Candidate {i} (19{70 + i})" if i != rank else target.label,
            i,
            ("neighbours", "lm"),
        )
        for i in range(1, 11)
    )
    dialogue = (
        ChatMessage("user", "Hi! Looking for a film tonight."),
        ChatMessage("assistant", "Sure. What did you like last?"),
    )
    history = (NamedItem("h1", "Heat (1995)"), NamedItem("h2", "The Usual Suspects (1995)"))
    plain = Sample(
        id=f"redial-{place:04}",
        cluster=f"d{place // 2:04}",
        request=wishes[place % 6],
        dialogue=dialogue,
        history=history,
        targets=(target,),
        ranked=ranked,
        milliseconds=ms,
        values={
            "recall@1": float(rank <= 1),
            "recall@10": float(rank <= 10),
            "ndcg@10": 0.631 if rank <= 10 else 0.0,
        },
    )
    if kind != "system":
        return plain
    if label == "few-shot · free" and place == 4:
        return replace(
            plain,
            ranked=(),
            targets=(replace(target, rank=None),),
            error="ContextWindowError: the prompt has 8,412 tokens, the window 8,192.",
        )
    total = ms or 1.0
    shares = {
        "understand": 0.01,
        "filter": 0.002,
        "retrieve": 0.05,
        "prompt": 0.01,
        "generate": 0.7,
        "ground": 0.03,
        "fuse": 0.003,
        "rank": 0.19,
        "explain": 0.005,
    }
    return replace(
        plain,
        prompt=(
            ChatMessage(
                "system",
                "You recommend films. Answer with ten titles of the shop, one a line.\nNever repeat a title.",
            ),
            ChatMessage("user", f"<conversation>\n{wishes[place % 6]}\n</conversation>"),
        ),
        text=f"1. The Departed (2006)\n2. {HOSTILE}\n3. Colateral (2004)\n4. {LONG}\n5. {RTL}\n",
        titles=(
            TitleRecord(
                "The Departed (2006)",
                "m1",
                "The Departed (2006)",
                "exact",
                0.999,
                "same title",
                place % 4 == 0,
            ),
            TitleRecord("Colateral (2004)", "m7", "Collateral (2004)", "fuzzy", 0.93, "one letter differs"),
            TitleRecord("The one with the bank robbers", "h1", "Heat (1995)", "embedding", 0.61),
            TitleRecord(HOSTILE, None, None, "rejected", 0.04, "nothing like it in the catalog"),
            TitleRecord(LONG, None, None, "rejected", 0.02, "nothing like it in the catalog"),
        ),
        trace=tuple(
            {
                "stage": name,
                "inputs": {},
                "outputs": {},
                "milliseconds": share * total,
                "notes": ["two messages trimmed"] if name == "prompt" else [],
                "tokens": {"prompt": 812, "completion": 60, "cached": 400} if name == "generate" else {},
            }
            for name, share in shares.items()
        ),
    )
