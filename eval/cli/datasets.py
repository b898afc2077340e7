"""``groundrec eval datasets``: the evaluation sets that come with the package."""

from __future__ import annotations

from dataclasses import asdict

from agent.cli.terminal import out
from agent.cli.working import Working
from eval.cli import options


def datasets(*, as_json: options.AsJson = False) -> None:
    """List the data sets with their rows, checksums and licences."""
    from agent.cli.tables import make_table
    from eval.cli.output import print_json
    from eval.datasets import DATASETS
    from eval.matrix import Matrix
    from eval.runner import open_data

    with Working().on("Reading"):
        stamps = [asked.stamp for asked in open_data(Matrix.of({"datasets": list(DATASETS)}))]
    if as_json:
        print_json([{**asdict(stamp), **asdict(DATASETS[stamp.name])} for stamp in stamps])
        return
    columns = ("name", "rows", "clusters", "items", "protocol", "checksum")
    rows = [
        (s.name, f"{s.rows:,}", f"{s.clusters:,}", f"{s.items:,}", s.protocol, s.checksum) for s in stamps
    ]
    out().print(make_table(columns, rows, right=columns[1:4]))
    for stamp in stamps:
        info = DATASETS[stamp.name]
        out().print(f"\n{info.name}: {info.description}", style="bold")
        out().print(f"{info.credit}. Licence: {info.licence}.")
