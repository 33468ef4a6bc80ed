"""The suite `catalogue`: what it costs to find a file in the catalogue that decisions go by, by the number of files."""

import json
import subprocess

from . import lookups
from .errors import BenchError
from .measuring import dies_with_us
from .programs import build_swift
from .tables import table

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
    return {**lookups.result(printed["rounds"], ASKED, SIZES), "bytes": printed["bytes"]}


def markdown(result):
    rows = lookups.rows(result, ASKED, SIZES)
    rows.append(["bytes of memory for each file", *(f"{result['bytes'][str(size)]:.2f}" for size in SIZES)])
    return table(["nanoseconds for one look-up", *(f"{size:,} files" for size in SIZES)], rows)
