"""The benchmarks can be run: each suite that needs no cluster, as short as it gets.

What they print is of no interest here. Every answer is compared with the expected one by the benchmark itself, and a
wrong one makes it fail.
"""

import json
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Benchmarks(unittest.TestCase):
    def measured(self, suite: str) -> dict:
        with tempfile.TemporaryDirectory() as directory:
            result = pathlib.Path(directory, "result.json")
            run = subprocess.run(
                [ROOT / "Tools/bench", suite, "--rounds", "1", "--seconds", "0.1", "--requests", "20000", "--out", result],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            self.assertEqual(run.returncode, 0, run.stdout[-4000:])
            return json.loads(result.read_text())

    def test_java_clients_ask_the_service_and_the_echo(self):
        rows = self.measured("java")["suites"]["java"]["rows"]
        self.assertEqual(set(rows), {"echo", "service", "pool"})
        for name, rounds in rows.items():
            self.assertGreater(rounds[0]["questions"], 0, name)

    def test_cover_is_measured_at_each_size(self):
        medians = self.measured("cover")["suites"]["cover"]["medians"]
        self.assertEqual(set(medians), {f"{files} {size}" for files in ("ten", "all", "none") for size in (10, 1_000, 100_000)})
