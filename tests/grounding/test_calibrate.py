import json
import math
import random

import numpy as np
import pytest
from support import WordEmbedder

from agent.catalog import Catalog, Item
from agent.errors import CatalogError, SettingsError
from agent.grounding.calibrate import calibrate, evaluate
from agent.grounding.calibration_data import Variant, half_of, made_variants, read_pairs
from agent.grounding.calibration_report import KindReport
from agent.grounding.grounder import Grounder
from agent.grounding.logistic import fit_logistic, wilson
from agent.grounding.normalise import key
from agent.grounding.perturb import KINDS, perturb
from agent.grounding.thresholds import Thresholds, default_thresholds
from agent.settings import Settings

WORDS = [
    "amber",
    "birch",
    "cobalt",
    "delta",
    "ember",
    "falcon",
    "garnet",
    "harbor",
    "indigo",
    "jasper",
    "kestrel",
    "lantern",
    "meadow",
    "nectar",
]


def pairs_file(tmp_path, rows=None):
    """Sixty made-up two-word titles, each without its year."""
    titles = [f"{a} {b}".title() for a in WORDS[:8] for b in WORDS[8:]]
    rows = rows or [f"{n}\t{t} ({1950 + n})\t{t}\tyear_dropped" for n, t in enumerate(titles)]
    path = tmp_path / "pairs.tsv"
    path.write_text("\n".join(["item_id\ttitle\tvariant\tkind", *rows]) + "\n", encoding="utf-8")
    return path


def test_fit_logistic_finds_the_odds():
    # One binary feature: 1 of 4 right without it, 3 of 4 with it.
    features = np.array([[0.0]] * 4 + [[1.0]] * 4)
    labels = np.array([1, 0, 0, 0, 1, 1, 1, 0], dtype=float)
    bias, weights = fit_logistic(features, labels, penalty=0.0)
    assert bias == pytest.approx(math.log(1 / 3))
    assert weights[0] == pytest.approx(2 * math.log(3))


def test_fit_logistic_of_separable_data_stays_finite():
    _, weights = fit_logistic(np.array([[0.0], [1.0]]), np.array([0.0, 1.0]))
    assert 0 < weights[0] < 50


def test_wilson():
    # Worked by hand for 8 of 10 with z = 2: (0.8 + 0.2 -+ 2 sqrt(0.016 + 0.01)) / 1.4
    low, high = wilson(8, 10, z=2)
    assert low == pytest.approx((1.0 - 2 * math.sqrt(0.026)) / 1.4)
    assert high == pytest.approx((1.0 + 2 * math.sqrt(0.026)) / 1.4)
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 50)[0] == 0.0


@pytest.mark.parametrize("kind", KINDS)
def test_perturbed_titles_are_changed_and_reproducible(kind):
    title = "The Birds of Prey: Part II of the Great Escape"
    made = {perturb(title, 1995, kind, random.Random(seed)) for seed in range(30)} - {None}
    assert made
    assert all(key(text.removesuffix(" (1995)")) != key(title) or text != title for text in made)
    assert perturb(title, 1995, kind, random.Random(1)) == perturb(title, 1995, kind, random.Random(1))


def test_what_cannot_be_got_wrong_is_not():
    assert perturb("Heat", None, "subtitle_dropped", random.Random(0)) is None
    assert perturb("Heat", None, "article_dropped", random.Random(0)) is None
    assert perturb("Up", None, "typo", random.Random(0)) is None
    assert perturb("Rocky II", None, "renumbered", random.Random(0)) == "rocky 2"
    assert perturb("Rocky 2", None, "renumbered", random.Random(0)) == "Rocky II"


def test_pairs_are_split_by_item(tmp_path):
    data = read_pairs(pairs_file(tmp_path))
    assert {half_of(v.item_id) for v in data.fit} == {0}
    assert {half_of(v.item_id) for v in data.report} == {1}
    assert len(data.catalog) == 48
    assert sum(not v.is_made for v in (*data.fit, *data.report)) == 48
    again = read_pairs(pairs_file(tmp_path))
    assert (data.fit, data.report) == (again.fit, again.report)


def test_the_same_title_is_one_item(tmp_path):
    rows = ["1\tHeat (1995)\tHeat\ta", "2\tHeat (1995)\tHeat!\ta"]
    data = read_pairs(pairs_file(tmp_path, rows))
    assert [i.id for i in data.catalog] == ["1"]
    assert {v.text for v in (*data.fit, *data.report) if not v.is_made} == {"Heat", "Heat!"}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "there are no pairs"),
        (b"header\n", "there are no pairs"),
        (b"h\n1\tHeat\tHeat\tk\n2\tHeat\n", "pairs.tsv:3: needs item id"),
        (b"h\n1\tHeat\t \tk\n", "pairs.tsv:2: needs item id"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_broken_pairs(tmp_path, content, problem):
    path = tmp_path / "pairs.tsv"
    path.write_bytes(content)
    with pytest.raises(CatalogError, match=problem):
        read_pairs(path)
    with pytest.raises(CatalogError, match="cannot be read"):
        read_pairs(tmp_path / "none.tsv")


def test_evaluate_counts():
    catalog = Catalog(
        [
            Item("1", "Hamlet (1948)"),
            Item("2", "Hamlet (1996)"),
            Item("3", "Heat (1995)"),
            Item("4", "Heats (1990)"),
        ]
    )
    variants = [
        Variant("1", "Hamlet", "a"),  # the namesakes are equally popular: the first is taken
        Variant("2", "Hamlet", "a"),
        Variant("3", "Heat (1995)", "a"),
        Variant("3", "Something else", "a"),
        Variant("3", "Heats", "made:typo"),
    ]
    found, made, every = evaluate(Grounder(catalog), variants)
    assert found == KindReport(
        "a", total=4, right=2, namesake=1, wrong=0, ambiguous=2, false_namesake=2, false_other=0
    )
    assert found.rejected == 1
    assert made == KindReport(
        "made:typo", total=1, right=0, namesake=1, wrong=0, ambiguous=1, false_namesake=1, false_other=0
    )
    assert every == KindReport("all found", 4, 2, 1, 0, 2, 2, 0)


def test_calibrate_end_to_end(tmp_path):
    told = []
    report = calibrate(
        pairs_file(tmp_path),
        embedder=WordEmbedder(),
        settings=Settings(cache_dir=tmp_path / "cache"),
        progress=lambda *step: told.append(step),
    )
    assert told[-1] == ("calibration", 4, 4)
    every = report.kinds[-1]
    assert every.kind == "all found"
    assert (every.right, every.false_other) == (every.total, 0)
    assert report.thresholds.provenance["command"] == "groundrec calibrate pairs.tsv"
    assert str(tmp_path) not in json.dumps(report.to_json())
    assert "year_dropped" in str(report)
    report.thresholds.save(tmp_path / "thresholds.json")
    assert Thresholds.load(tmp_path / "thresholds.json") == report.thresholds
    again = calibrate(
        pairs_file(tmp_path), embedder=WordEmbedder(), settings=Settings(cache_dir=tmp_path / "cache")
    )
    assert again.thresholds == report.thresholds


@pytest.mark.parametrize("content", ["", "{}", '{"forms": {}}', "[]"])
def test_broken_thresholds(tmp_path, content):
    path = tmp_path / "t.json"
    path.write_text(content)
    with pytest.raises(SettingsError, match="groundrec calibrate"):
        Thresholds.load(path)


def test_thresholds_with_an_unknown_feature(tmp_path):
    default_thresholds().save(tmp_path / "t.json")
    values = json.loads((tmp_path / "t.json").read_text())
    values["fuzzy"]["weights"]["astrology"] = 1.0
    (tmp_path / "t.json").write_text(json.dumps(values))
    with pytest.raises(SettingsError, match="astrology"):
        Thresholds.load(tmp_path / "t.json")


def test_shipped_thresholds_are_sane():
    shipped = default_thresholds()
    assert shipped.trusts("title")
    assert not shipped.trusts("longer")
    assert not shipped.trusts("no such form")
    assert 0.5 <= shipped.fuzzy.threshold < 1
    assert shipped.embedding.weights.get("cosine", 0.0) >= 0
    assert "/" not in json.dumps(dict(shipped.provenance))


def test_made_variants_are_the_same_every_time():
    assert made_variants("7", "The Third Man (1949)") == made_variants("7", "The Third Man (1949)")
    assert all(v.is_made and v.item_id == "7" for v in made_variants("7", "The Third Man (1949)"))
