"""The suite `service`: the service beside a plain echo server, both asked by the same client in C."""

import contextlib
import os
import tempfile

from sidecar import Sidecar

from . import measuring, suites
from .errors import BenchError
from .figures import Rounds
from .programs import compile_c

WARM_UP = 0.5
NO_CACHE = {"catalogue": "none", "cache-seconds": 0}
MANY = 32
DEEP = 16


class Scenario:
    """How the client asks. `cores` says where server and client run: `same`, `different`, or None for anywhere."""

    def __init__(self, title, *options, cores=None):
        self.title = title
        self.options = options
        self.cores = cores

    def placement(self):
        """The CPUs of the server and of the client, or None when this machine does not have them."""
        available = sorted(os.sched_getaffinity(0))
        if self.cores is None:
            return None, None
        if self.cores == "same":
            return {available[0]}, {available[0]}
        return ({available[0]}, {available[1]}) if len(available) > 1 else None


SCENARIOS = {
    "one_same": Scenario("1 connection, server and client on one core", cores="same"),
    "one_apart": Scenario("1 connection, server and client on two cores", cores="different"),
    "many": Scenario(f"{MANY} connections", "--connections", MANY),
    "pipelined": Scenario(
        f"{MANY} connections, {DEEP} frames in flight on each", "--connections", MANY, "--depth", DEEP
    ),
    "batched": Scenario(
        f"{MANY} connections, {DEEP} questions in a frame", "--connections", MANY, "--batch", DEEP
    ),
}

# What is asked of the service: scenario, figure, whether the ratio to the echo has to be at most or at least.
GOALS = (
    ("CPU per decision", "many", "server_cpu_us", "at most", 3.0),
    ("CPU per decision, with what follows the answer", "many", "server_cpu_settled_us", "at most", 3.0),
    ("median latency, one core", "one_same", "p50_us", "at most", 1.5),
    ("median latency, two cores", "one_apart", "p50_us", "at most", 1.5),
    ("decisions per second", "many", "per_second", "at least", 0.5),
)
GREATEST_MEMORY = 150e6


@contextlib.contextmanager
def running_service(workload, decisions=None):
    """A fresh service with the policies of the workload in force."""
    with tempfile.TemporaryDirectory(prefix="authorizer-bench-") as directory:
        with Sidecar(directory, decisions=decisions) as sidecar:
            done = sidecar.run("policy", "apply", str(workload.policies))
            if done.returncode != 0:
                raise BenchError(f"policy apply: {done.stderr}")
            yield sidecar


def warm(load, service, workload):
    """Asks every question of the work once. `load` is the compiled client."""
    command = [load, service.socket, workload.work, "--connections", MANY, "--depth", DEEP]
    measuring.measure(service.pid, [*command, "--warm-up", 0, "--all"])


def run(rounds, seconds, requests, say):
    """Measures; returns plain values."""
    return suites.measure(_Suite, rounds, seconds, requests, say)


class _Suite:
    def __init__(self, workload, scratch, seconds, say):
        self._workload = workload
        self._scratch = scratch
        self._seconds = seconds
        self._say = say
        self._load = compile_c("load", scratch)
        self._echo = compile_c("echo", scratch)
        self._rounds = Rounds()
        self._memory = []

    def round(self, number):
        """Everything once. Odd rounds have the service before the echo, even ones the other way round."""
        with measuring.EchoServer(self._echo, self._scratch) as echo:
            with running_service(self._workload) as service:
                warm(self._load, service, self._workload)
                for name, scenario in SCENARIOS.items():
                    arms = [("echo", echo, ("--echo",)), ("service", service, ())]
                    for arm, server, options in arms if number % 2 else reversed(arms):
                        self._measure(f"{arm} {name}", scenario, server, number, options)
                self._memory.append(measuring.memory(service.pid))
        with running_service(self._workload, NO_CACHE) as service:
            self._measure("uncached many", SCENARIOS["many"], service, number, ())

    def _measure(self, row, scenario, server, number, options):
        placement = scenario.placement()
        if placement is None:
            return
        command = [self._load, server.socket, self._workload.work, *scenario.options, *options]
        # Each round begins elsewhere in the work.
        command += ["--first", number * 100_003, "--warm-up", WARM_UP, "--seconds", self._seconds]
        figures = measuring.measure(server.pid, command, *placement)
        self._say(f"  {row}: {figures['per_second']:,.0f}/s, p50 {figures['p50_us']:.1f} us")
        self._rounds.add(row, figures)

    def result(self):
        rounds = self._rounds
        ratios = {}
        for name in SCENARIOS:
            if f"echo {name}" in rounds.rows:
                ratios[name] = {
                    figure: rounds.ratio(f"service {name}", f"echo {name}", figure)
                    for figure in ("server_cpu_us", "server_cpu_settled_us", "per_second", "p50_us", "p99_us")
                }
        return {
            "work": self._workload.summary,
            "rows": rounds.rows,
            "medians": rounds.medians(),
            "ratios": ratios,
            "uncached_to_cached": rounds.ratio("uncached many", "service many", "server_cpu_settled_us"),
            "memory": {
                name: max(memory[name] for memory in self._memory) for name in ("rss", "peak")
            },
        }
