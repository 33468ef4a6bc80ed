"""The suite `java`: what a NameNode could reach. A Java client with many threads, on the service and on the echo."""

from cluster.packages import DEFAULT_VERSION, fetch_hadoop

from . import measuring, suites
from .figures import Rounds
from .programs import build_plugin, compile_c, compile_java, java_command
from .service import running_service, warm

THREADS = 32
# The compiler of the JVM has to be through.
WARM_UP = 3.0


def run(rounds, seconds, requests, say):
    """Measures; returns plain values."""
    fetch_hadoop(DEFAULT_VERSION, say)
    return suites.measure(_Suite, rounds, seconds, requests, say)


class _Suite:
    def __init__(self, workload, scratch, seconds, say):
        self._workload = workload
        self._scratch = scratch
        self._seconds = seconds
        self._say = say
        self._echo = compile_c("echo", scratch)
        self._load = compile_c("load", scratch)
        self._plugin = build_plugin(scratch)
        self._classes = compile_java(scratch, self._plugin)
        self._rounds = Rounds()

    def round(self, number):
        """Each row once, in turned order in every second round."""
        with measuring.EchoServer(self._echo, self._scratch) as echo:
            with running_service(self._workload) as service:
                warm(self._load, service, self._workload)
                rows = [
                    ("echo", echo, "bench.SocketBench", "echo"),
                    ("service", service, "bench.SocketBench", "service"),
                    ("pool", service, "authorizer.namenode.PoolBench"),
                ]
                for row in rows if number % 2 else reversed(rows):
                    self._measure(*row)

    def _measure(self, row, server, main_class, *arguments):
        command = java_command(
            self._classes,
            self._plugin,
            main_class,
            *arguments,
            server.socket,
            self._workload.work,
            THREADS,
            WARM_UP,
            self._seconds,
        )
        figures = measuring.measure(server.pid, command)
        self._say(f"  {row}: {figures['per_second']:,.0f}/s, p50 {figures['p50_us']:.1f} us")
        self._rounds.add(row, figures)

    def result(self):
        figures = ("server_cpu_us", "server_cpu_settled_us", "client_cpu_us", "per_second", "p50_us", "p99_us")
        return {
            "work": self._workload.summary,
            "threads": THREADS,
            "rows": self._rounds.rows,
            "medians": self._rounds.medians(),
            "ratios": {
                row: {figure: self._rounds.ratio(row, "echo", figure) for figure in figures}
                for row in ("service", "pool")
            },
        }
