"""Hand-made records of runs with one metric over four rows of two dialogues."""

from eval.results import CellResult, CellSettings, DatasetStamp, Machine, RowTable, RunResult
from eval.statistics import Interval

MACHINE = Machine("0.1.0", None, "3.13", "linux", "x86_64", 2, {})
STAMP = DatasetStamp("films", "next_item", "c0ffee", "f00d", 16, 4, 2, "CC0")


def cell(name="films: none + fast", values=(1.0, 0.0, 0.0, 1.0), kind="system", **more):
    table = RowTable(("a", "b", "c", "d"), ("x", "x", "y", "y"), {"recall@10": tuple(values)})
    interval = Interval(sum(values) / len(values), 0.0, 1.0, 4, 2)
    return CellResult(
        name,
        name.partition(": ")[2],
        kind,
        CellSettings("films"),
        4,
        measurements={"recall@10": interval, **more},
        rows=table,
    )


def run(*cells, stamp=STAMP):
    return RunResult("a-run", "2026-01-01T00:00:00+00:00", MACHINE, {}, {"films": stamp}, cells)
