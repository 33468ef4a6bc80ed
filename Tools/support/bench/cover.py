"""The suite `cover`: what it costs to find the data source that covers a path, by the number of data sources."""

import json
import subprocess

from .errors import BenchError
from .figures import Rounds
from .measuring import dies_with_us
from .programs import build_swift
from .tables import number, table

SIZES = (10, 1_000, 100_000)
ASKED = {
    "ten": "files of ten of them, the same ones at every size",
    "all": "files of all of them",
    "none": "files beside them, that nothing covers",
}


def run(rounds):
    """Measures; returns plain values."""
    done = subprocess.run(dies_with_us([build_swift("cover-bench"), str(rounds)]), capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchError(f"cover-bench: {done.stderr}")
    measured = Rounds()
    for figures in json.loads(done.stdout):
        for row, nanoseconds in figures.items():
            measured.add(row, {"nanoseconds": nanoseconds})
    ratios = {
        f"{asked} {size}": measured.ratio(f"{asked} {size}", f"{asked} {SIZES[0]}", "nanoseconds")
        for asked in ASKED for size in SIZES[1:]
    }
    return {"seconds": 0, "medians": measured.medians(), "ratios": ratios, "rounds_measured": measured.rows}


def markdown(result):
    rows = []
    for asked, words in ASKED.items():
        row = [words]
        for size in SIZES:
            row.append(number(result["medians"][f"{asked} {size}"]["nanoseconds"]))
            if size != SIZES[0]:
                ratio = result["ratios"][f"{asked} {size}"]
                row[-1] += f" (**{ratio['median']:.2f}**, {ratio['least']:.2f} to {ratio['greatest']:.2f})"
        rows.append(row)
    return table(["nanoseconds for one look-up", *(f"{size:,} data sources" for size in SIZES)], rows)
