"""The suite `records`: a journal of many records, how large it is, and how long it takes to ask and to verify it."""

import json
import os
import pathlib
import subprocess
import tempfile
import time

from sidecar import PROGRAM, Sidecar

from .errors import BenchError
from .measuring import dies_with_us
from .programs import build_swift

RECORDS = 10_000_000
# What is asked by the command line, all of one day: whom or what, and the option.
COMMANDS = {
    "command_user": ("--user", "user500"),
    "command_path": ("--path", "/warehouse/zone7/source777/day=5"),
}
DAY = ("--since", "10d", "--until", "9d", "--limit", "1000000")


def run(records, say):
    """Measures; returns plain values."""
    with tempfile.TemporaryDirectory(prefix="authorizer-bench-") as scratch:
        bench = build_swift("audit-bench")
        sidecar = Sidecar(scratch)
        directory = pathlib.Path(scratch) / "audit"
        say(f"writing {records:,} records")
        figures = _ask(bench, "generate", directory, records)
        say("verifying them")
        figures["verifying_seconds"] = _verify(directory, records)
        say("asking")
        plain = _questions(bench, sidecar, directory)
        say("compressing them")
        figures |= _ask(bench, "compress", directory)
        say("asking again")
        compressed = _questions(bench, sidecar, directory)
        say("verifying them again")
        figures["verifying_compressed_seconds"] = _verify(directory, records)
    return {
        "rounds": 1, "seconds": 0, "count": records, "figures": figures,
        "questions": {"plain": plain, "compressed": compressed},
    }


def _ask(bench, *words):
    done = subprocess.run(dies_with_us([bench, *words]), capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchError(f"audit-bench {words[0]}: {done.stderr}")
    return json.loads(done.stdout)


def _questions(bench, sidecar, directory):
    """Each asked with nothing of the journal in memory, and once more at once."""
    _forget(directory)
    figures = _ask(bench, "ask", directory)
    with sidecar:
        for name, words in COMMANDS.items():
            _forget(directory)
            for measured in ("seconds", "again_seconds"):
                begin = time.monotonic()
                done = sidecar.run("audit", "query", *words, *DAY, "--json")
                figures[f"{name}_{measured}"] = time.monotonic() - begin
                if done.returncode != 0:
                    raise BenchError(f"audit query: {done.stderr}")
                figures[f"{name}_found"] = done.stdout.count("\n")
    return figures


def _forget(directory):
    """Takes what was read and written out of the page cache."""
    for file in directory.iterdir():
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


def _verify(directory, records):
    _forget(directory)
    begin = time.monotonic()
    done = subprocess.run(
        dies_with_us([PROGRAM, "audit", "verify", "--directory", directory, "--json"]), capture_output=True, text=True)
    if done.returncode != 0 or json.loads(done.stdout)["records"] < records:
        raise BenchError(f"audit verify: {done.stderr or done.stdout}")
    return time.monotonic() - begin
