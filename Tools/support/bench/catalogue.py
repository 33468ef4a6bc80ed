"""The suite `catalogue`: what it costs to find a file in the catalogue that decisions go by, by the number of files."""

import json
import subprocess

from .errors import BenchError
from .figures import Rounds
from .measuring import dies_with_us
from .programs import build_swift
from .tables import number, table

SIZES = (10_000, 1_000_000, 10_000_000)
ASKED = {
    "few": "1,000 files, the same ones at every size",
    "all": "all files",
    "none": "files that were never seen",
}


def run(rounds):
    """Measures; returns plain values."""
    program = build_swift("catalogue-bench")
    done = subprocess.run(dies_with_us([program, str(rounds)]), capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchError(f"catalogue-bench: {done.stderr}")
    printed = json.loads(done.stdout)
    measured = Rounds()
    for figures in printed["rounds"]:
        for row, nanoseconds in figures.items():
            measured.add(row, {"nanoseconds": nanoseconds})
    ratios = {
        f"{asked} {size}": measured.ratio(f"{asked} {size}", f"{asked} {SIZES[0]}", "nanoseconds")
        for asked in ASKED for size in SIZES[1:]
    }
    return {
        "seconds": 0, "bytes": printed["bytes"], "medians": measured.medians(), "ratios": ratios,
        "rounds_measured": measured.rows,
    }


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
    rows.append(["bytes of memory for each file", *(f"{result['bytes'][str(size)]:.2f}" for size in SIZES)])
    return table(["nanoseconds for one look-up", *(f"{size:,} files" for size in SIZES)], rows)
