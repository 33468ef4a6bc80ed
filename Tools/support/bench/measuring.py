"""One measurement: a client that works for some seconds, and what the server used meanwhile.

A client is a program that prints `begin` when its measured window begins, `end` when it ends, and then one line of
JSON: `c/load.c` and the classes in `java` do.
"""

import json
import os
import pathlib
import signal
import subprocess
import time

from .errors import BenchError

# What runs in the background of the server has caught up when it uses no more than this share of a core.
IDLE_SHARE = 0.02
IDLE_INTERVAL = 0.25
IDLE_DEADLINE = 120


def process_cpu(pid):
    """CPU time of a process with all its threads, those that have ended too, in nanoseconds."""
    # What clock_getcpuclockid(3) computes.
    return time.clock_gettime_ns(~pid << 3 | 2)


def memory(pid):
    """{"rss": bytes now, "peak": most bytes ever} of a process."""
    fields = dict(
        line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    return {
        name: int(fields[field].split()[0]) * 1024
        for name, field in (("rss", "VmRSS"), ("peak", "VmHWM"))
    }


def pin(pid, cpus):
    """Lets a process and all its threads run on these CPUs only."""
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            os.sched_setaffinity(int(thread), cpus)
        except ProcessLookupError:
            pass


def settle(pid):
    """Waits until a process is idle."""
    deadline = time.monotonic() + IDLE_DEADLINE
    before = process_cpu(pid)
    while time.monotonic() < deadline:
        time.sleep(IDLE_INTERVAL)
        after = process_cpu(pid)
        if after - before < IDLE_SHARE * IDLE_INTERVAL * 1e9:
            return
        before = after
    raise BenchError(f"the server is still busy {IDLE_DEADLINE} s after the last answer")


def dies_with_us(command):
    """The command, to be ended when the process that starts it ends in whatever way."""
    return ["setpriv", "--pdeathsig", "KILL", *map(str, command)]


class EchoServer:
    """`c/echo.c` as a context."""

    def __init__(self, program, directory):
        self.socket = pathlib.Path(directory) / "echo.sock"
        self._program = program

    @property
    def pid(self):
        return self._process.pid

    def __enter__(self):
        self._process = subprocess.Popen(
            dies_with_us([self._program, self.socket]), stdin=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 10
        while not self.socket.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise BenchError("the echo server did not start")
            time.sleep(0.01)
        return self

    def __exit__(self, *exception):
        self._process.kill()
        self._process.wait()
        self.socket.unlink(missing_ok=True)


def measure(server_pid, command, server_cpus=None, client_cpus=None, environment=None):
    """Runs a client to its end; returns its figures with those of the server.

    - server_cpus, client_cpus: where each may run; everywhere when None.

    In what is returned, `server_cpu_us` is the CPU time of the server per question in the window, and
    `server_cpu_settled_us` the same over all questions, until the server has become idle again: what it does later
    than it answers is in it.
    """
    everywhere = os.sched_getaffinity(0)
    pin(server_pid, server_cpus or everywhere)
    start = process_cpu(server_pid)
    window, figures = _run_client(server_pid, command, client_cpus or everywhere, environment)
    settle(server_pid)
    whole = process_cpu(server_pid) - start
    questions = figures["questions"]
    if questions == 0:
        raise BenchError("the client had no answer in the measured window")
    return {
        "questions": questions,
        "per_second": questions / figures["seconds"],
        "p50_us": figures["p50_ns"] / 1e3,
        "p99_us": figures["p99_ns"] / 1e3,
        "p999_us": figures["p999_ns"] / 1e3,
        "server_cpu_us": window / 1e3 / questions,
        "server_cpu_settled_us": whole / 1e3 / figures["all_questions"],
        "client_cpu_us": figures["client_cpu_ns"] / 1e3 / questions,
        "cached_share": _cached_share(figures),
    }


def _cached_share(figures):
    """Share of the covered questions that were answered from the cache; None where there is no cache."""
    covered = figures.get("allow", 0) + figures.get("deny", 0)
    return figures["cached"] / covered if covered else None


def _run_client(server_pid, command, cpus, environment):
    """Returns the server's CPU time in the window, in nanoseconds, and the client's JSON."""
    process = subprocess.Popen(
        ["taskset", "--cpu-list", ",".join(map(str, sorted(cpus))), *dies_with_us(command)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    try:
        _expect(process, "begin")
        begin = process_cpu(server_pid)
        _expect(process, "end")
        end = process_cpu(server_pid)
        report = process.stdout.readline()
        if process.wait() != 0:
            raise _failure(process)
        return end - begin, json.loads(report)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()


def _expect(process, word):
    if process.stdout.readline().strip() != word:
        process.wait()
        raise _failure(process)


def _failure(process):
    return BenchError(f"the client ended with status {process.returncode}; what it said is above")
