"""One measurement: a client that works for some seconds, and what the server used meanwhile.

A client is a program that prints `begin` when its measured window begins, `end` when it ends, and then one line of
JSON: `c/load.c` and the classes in `java` do.
"""

import contextlib
import json
import os
import pathlib
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


def thread_cpu(pid):
    """CPU time of each thread of a process, in nanoseconds, by thread id."""
    times = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            text = pathlib.Path(f"/proc/{pid}/task/{thread}/schedstat").read_text()
            times[thread] = int(text.split()[0])
    return times


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
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(int(thread), cpus)


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


class Window:
    """What processes used while a client measured: CPU time in nanoseconds, by pid.

    - cpu: of each process.
    - busiest: of that of its threads that used most.
    """

    def __init__(self, pids):
        self._start = {pid: (process_cpu(pid), thread_cpu(pid)) for pid in pids}
        self.cpu = {}
        self.busiest = {}

    def close(self):
        for pid, (cpu, threads) in self._start.items():
            self.cpu[pid] = process_cpu(pid) - cpu
            used = (now - threads.get(thread, 0) for thread, now in thread_cpu(pid).items())
            self.busiest[pid] = max(used)


def follow(output, pids):
    """Reads what a client prints from `output`; returns the Window of its measurement and its JSON.

    Raises BenchError when it ends before it has measured.
    """
    _expect(output, "begin")
    window = Window(pids)
    _expect(output, "end")
    window.close()
    report = output.readline()
    if not report.startswith("{"):
        raise BenchError("the client ended before its measurement was complete; what it said is above")
    return window, json.loads(report)


def _expect(output, word):
    if output.readline().strip() != word:
        raise BenchError("the client ended before its measurement was complete; what it said is above")


def measure(server_pid, command, server_cpus=None, client_cpus=None, environment=None):
    """Runs a client to its end; returns its figures with those of the server.

    - server_cpus, client_cpus: where each may run; everywhere when None.

    In what is returned, `server_cpu_us` is the CPU time of the server per question in the window, and
    `server_thread_us` what its busiest thread had of it. `server_cpu_settled_us` is the same over all questions, until
    the server has become idle again: what it does later than it answers is in it.
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
        **rates(figures),
        "server_cpu_us": window.cpu[server_pid] / 1e3 / questions,
        "server_thread_us": window.busiest[server_pid] / 1e3 / questions,
        "server_cpu_settled_us": whole / 1e3 / figures["all_questions"],
        "client_cpu_us": figures["client_cpu_ns"] / 1e3 / questions,
        "cached_share": _cached_share(figures),
    }


def rates(figures):
    """What a client's JSON says of speed."""
    return {
        "questions": figures["questions"],
        "per_second": figures["questions"] / figures["seconds"],
        "p50_us": figures["p50_ns"] / 1e3,
        "p99_us": figures["p99_ns"] / 1e3,
        "p999_us": figures["p999_ns"] / 1e3,
    }


def _cached_share(figures):
    """Share of the covered questions that were answered from the cache; None where the client does not count them."""
    covered = figures.get("allow", 0) + figures.get("deny", 0)
    return figures["cached"] / covered if covered else None


def _run_client(server_pid, command, cpus, environment):
    process = subprocess.Popen(
        ["taskset", "--cpu-list", ",".join(map(str, sorted(cpus))), *dies_with_us(command)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    with ended(process):
        return follow(process.stdout, [server_pid])


@contextlib.contextmanager
def ended(process):
    """Ends a process with the block: by itself within some seconds, or by force. Its status has to be 0."""
    try:
        yield
        process.wait(10)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    if process.returncode != 0:
        raise BenchError(f"the client ended with status {process.returncode}; what it said is above")
