"""The suite `audit`: what the audit costs the service, and what a record costs by itself."""

import contextlib
import json
import pathlib
import subprocess
import tempfile

from sidecar import Sidecar

from . import measuring, suites
from .errors import BenchError
from .figures import Rounds
from .programs import build_swift, compile_c
from .service import SCENARIOS, WARM_UP, warm

DECISIONS = {"catalogue": "none"}
# How much of its audit the service has, and what its answers wait for.
ARMS = {
    "off": ("without-records", "process"),
    "process": ("whole", "process"),
    "process, no index": ("without-index", "process"),
    "disk": ("whole", "disk"),
    "disk, no index": ("without-index", "disk"),
}
BASE = "off"
SCENARIO_NAMES = ("one_same", "one_apart", "many")
# Of the measurement of records by themselves.
PATH_RECORDS = 1_000_000


def run(rounds, seconds, requests, say):
    """Measures; returns plain values."""
    result = suites.measure(_Suite, rounds, seconds, requests, say)
    say("records by themselves")
    with tempfile.TemporaryDirectory(prefix="authorizer-bench-") as scratch:
        return {**result, "path": _path(pathlib.Path(scratch), rounds)}


class _Suite:
    def __init__(self, workload, scratch, seconds, say):
        self._workload = workload
        self._seconds = seconds
        self._say = say
        self._load = compile_c("load", scratch)
        self._program = build_swift("measured-service")
        self._rounds = Rounds()

    def round(self, number):
        """Everything once. All services run beside one another; who is not asked is idle."""
        with contextlib.ExitStack() as stack:
            services = {arm: stack.enter_context(self._service(*how)) for arm, how in ARMS.items()}
            for scenario in SCENARIO_NAMES:
                # Every round begins with another one.
                turned = list(services)[number % len(services):] + list(services)[:number % len(services)]
                for arm in turned:
                    self._measure(arm, scenario, services[arm], number)

    @contextlib.contextmanager
    def _service(self, extent, durability):
        with tempfile.TemporaryDirectory(prefix="authorizer-bench-") as directory:
            sidecar = Sidecar(directory, decisions=DECISIONS, serve=[self._program, extent])
            text = sidecar.configuration.read_text()
            sidecar.configuration.write_text(text.replace("audit:\n", f"audit:\n  durability: {durability}\n"))
            with sidecar:
                done = sidecar.run("policy", "apply", str(self._workload.policies))
                if done.returncode != 0:
                    raise BenchError(f"policy apply: {done.stderr}")
                warm(self._load, sidecar, self._workload)
                yield sidecar

    def _measure(self, arm, name, service, number):
        scenario = SCENARIOS[name]
        placement = scenario.placement()
        if placement is None:
            return
        command = [self._load, service.socket, self._workload.work, *scenario.options]
        command += ["--first", number * 100_003, "--warm-up", WARM_UP, "--seconds", self._seconds]
        before = _records(service)
        figures = measuring.measure(service.pid, command, *placement)
        figures["records"] = _records(service) - before
        _expect_records(arm, figures)
        self._say(f"  {arm}, {name}: {figures['per_second']:,.0f}/s, p50 {figures['p50_us']:.1f} us")
        self._rounds.add(f"{arm} {name}", figures)

    def result(self):
        rounds, summary = self._rounds, self._workload.summary
        covered = (summary["allow"] + summary["deny"]) / summary["requests"]
        ratios, per_record = {}, {}
        for name in SCENARIO_NAMES:
            base = f"{BASE} {name}"
            for arm in ARMS:
                row = f"{arm} {name}"
                if row in rounds.rows:
                    ratios[row] = {
                        figure: rounds.ratio(row, base, figure)
                        for figure in ("server_cpu_settled_us", "server_thread_us", "per_second", "p50_us", "p99_us")
                    }
                    per_record[row] = {
                        figure: rounds.difference(row, base, figure, covered)
                        for figure in ("server_cpu_settled_us", "server_thread_us")
                    }
        return {
            "work": summary,
            "rows": rounds.rows,
            "medians": rounds.medians(),
            "ratios": ratios,
            "per_record": per_record,
        }


def _records(service):
    return service.json("status")["audit"]["lastRecord"]


def _expect_records(arm, figures):
    """An arm that measured something else than it says would go unnoticed."""
    if (figures["records"] == 0) != (arm == BASE):
        raise BenchError(f"with the audit `{arm}` there were {figures['records']} records of {figures['questions']}")


def _path(scratch, rounds):
    """What a record costs by itself, in nanoseconds: by batch and by what is measured."""
    program = build_swift("audit-bench")
    directory = scratch / "path"
    directory.mkdir()
    done = subprocess.run(
        measuring.dies_with_us([program, "path", directory, PATH_RECORDS, rounds]), capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchError(f"audit-bench: {done.stderr}")
    batches = {}
    for line in done.stdout.splitlines():
        figures = json.loads(line)
        batch = batches.setdefault(int(figures["batch"]), Rounds())
        for name, value in figures.items():
            if name not in ("round", "batch"):
                batch.add(name, {"ns": value})
    return {
        batch: {
            "medians": {name: measured.median(name, "ns") for name in measured.rows},
            "journal_to_writev": measured.ratio("journal", "writev", "ns"),
            "journal_less_writev": measured.difference("journal", "writev", "ns"),
        }
        for batch, measured in batches.items()
    }
