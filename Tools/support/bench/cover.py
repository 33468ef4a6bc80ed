"""The suite `cover`: what it costs to find the data source that covers a path, by the number of data sources."""

import json
import subprocess

from . import lookups
from .errors import BenchError
from .measuring import dies_with_us
from .programs import build_swift
from .tables import table

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
    return lookups.result(json.loads(done.stdout), ASKED, SIZES)


def markdown(result):
    return table(
        ["nanoseconds for one look-up", *(f"{size:,} data sources" for size in SIZES)], lookups.rows(result, ASKED, SIZES))
