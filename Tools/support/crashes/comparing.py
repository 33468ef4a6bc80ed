"""What is compared after a kill: received answers, records, and what `audit verify` says."""

import json
import subprocess
from collections import Counter

from sidecar import PROGRAM

# The service's section `audit`: segments are so small that kills meet rotation, compression and checkpoints, too.
AUDIT = """audit:
  durability: {durability}
  segment-megabytes: 1
  compress-after-hours: 0
  signing-key: {directory}/key
"""


class LostRecord(Exception):
    """An answer is not in the audit, or is there twice, or the journal is not whole."""


def configure(sidecar, durability):
    """Writes the audit's settings into a service's configuration, before its first start."""
    text = sidecar.configuration.read_text()
    audit = AUDIT.format(durability=durability, directory=sidecar.directory)
    sidecar.configuration.write_text(text.replace("audit:\n", audit))


def verify(sidecar, newest=None):
    """Fails unless `audit verify` finds nothing wrong with the newest segments, or all. Returns how many records it
    counted."""
    segments = sorted({file.name for file in (sidecar.directory / "audit").glob("journal-*") if _is_segment(file.name)})
    chosen = segments[-newest:] if newest else []
    done = subprocess.run(
        [PROGRAM, "audit", "verify", "--json", "--config", sidecar.configuration, *chosen],
        capture_output=True, text=True)
    if done.returncode != 0:
        raise LostRecord(f"audit verify: {done.stderr}")
    return json.loads(done.stdout)["records"]


def _is_segment(name):
    return name.endswith((".azaj", ".azaj.zst"))


def compare(received, recorded):
    """Fails unless everything received was recorded, and nothing was recorded twice. Both are lists of paths."""
    twice = [path for path, count in Counter(recorded).items() if count > 1]
    if twice:
        raise LostRecord(f"{len(twice)} answers are recorded twice, such as {twice[0]}")
    lost = set(received) - set(recorded)
    if lost:
        raise LostRecord(f"{len(lost)} of {len(received)} answers are not recorded, such as {min(lost)}")
