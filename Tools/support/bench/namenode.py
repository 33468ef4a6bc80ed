"""The suite `namenode`: three real, Kerberized NameNodes side by side, and what a provider costs their clients."""

import contextlib
import json
import pathlib
import subprocess
import tempfile
import time
import zipfile

from cluster import Cluster
from cluster.packages import DEFAULT_VERSION, fetch_hadoop
from sidecar import Sidecar

from . import measuring
from .errors import BenchError
from .figures import Rounds
from .programs import build_plugin, compile_java, java_command
from .service import NO_CACHE
from .workload import Workload

USER = "alice"
FILES = 100
OUTSIDE = "/bench/outside"
COVERED = "/bench/covered"
OPERATIONS = ("open", "stat", "list")
CLIENTS = (1, 8)
WARM_UP = 0.5
CACHED = {"catalogue": "none"}
# Before the first round, seconds for each operation on each arm: the compilers of all JVMs have to be through.
LONG_WARM_UP = 5.0
ANSWERS_DEADLINE = 60
PROVIDER = "dfs.namenode.inode.attributes.provider.class"
COUNTERS = "Hadoop:service=NameNode,name=Authorizer"

# Besides those of the workload, so that the plug-in's cover is of some size.
POLICIES = f"""\
users:
  - {{name: {USER}, principal: {USER}@EXAMPLE.COM}}
data-sources:
  - name: bench
    kind: files
    directories: [{COVERED}]
    subscription:
      users: [{USER}]
"""

# What is measured in each state of the service: the arm, its cluster, the directory. Every state has its own `none`.
ARMS = {
    "none": ("none", OUTSIDE),
    "nothing": ("nothing", OUTSIDE),
    "unprotected": ("ours", OUTSIDE),
    "covered": ("ours", COVERED),
}
STATES = {
    "running": ("none", "nothing", "unprotected", "covered"),
    "uncached": ("none", "covered"),
    "stopped": ("none", "unprotected", "covered"),
}


def run(rounds, seconds, say):
    """Measures; returns plain values."""
    fetch_hadoop(DEFAULT_VERSION, say)
    with contextlib.ExitStack() as stack:
        scratch = pathlib.Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="authorizer-bench-"))
        )
        site = _Site(stack, scratch, say)
        suite = _Suite(site, seconds, say)
        suite.warm_up()
        for number in range(rounds):
            say(f"round {number + 1} of {rounds}")
            suite.round(number)
        return suite.result()


class _Site:
    """The clusters `none`, `nothing` and `ours`, the service of the last, and the client's JVM."""

    def __init__(self, stack, scratch, say):
        plugin = build_plugin(scratch)
        classes = compile_java(scratch, plugin)
        nothing = _jar_of_nothing(classes, scratch)
        providers = {
            "none": {},
            "nothing": {"plugin": nothing, "conf": {PROVIDER: "bench.NothingProvider"}},
            "ours": {
                "plugin": plugin,
                "conf": {"authorizer.socket.path": str(scratch / "authorizer.sock")},
            },
        }
        self.clusters = {}
        for name, options in providers.items():
            say(f"bringing up the cluster `{name}`")
            self.clusters[name] = stack.enter_context(Cluster.up(**options))
            _put_files(self.clusters[name], scratch / f"files-{name}")
        self.service = self._start_service(stack, scratch)
        self._cached = self.service.configuration.read_text()
        self._uncached = self._cached.replace(json.dumps(CACHED), json.dumps(NO_CACHE))
        self.client = stack.enter_context(_Client(classes, plugin, self.clusters))

    def _start_service(self, stack, scratch):
        layout = self.clusters["ours"].layout
        service = stack.enter_context(
            Sidecar(scratch, layout.core_site, layout.krb5_conf, decisions=CACHED)
        )
        workload = Workload(scratch, requests=1)
        (workload.policies / "bench.yaml").write_text(POLICIES)
        done = service.run("policy", "apply", str(workload.policies))
        if done.returncode != 0:
            raise BenchError(f"policy apply: {done.stderr}")
        service.await_watcher()
        return service

    def enter(self, state):
        """Puts the service into a state of `STATES`."""
        self.service.stop()
        if state == "stopped":
            return
        self.service.configuration.write_text(self._uncached if state == "uncached" else self._cached)
        self.service.start()
        self.service.await_watcher()
        self._await_answers()

    def _await_answers(self):
        """Returns when the plug-in asks again: its breaker stays open for a while."""
        deadline = time.monotonic() + ANSWERS_DEADLINE
        while self.measure("covered", "open", 1, 0, 0.2)["refused_share"] > 0:
            if time.monotonic() > deadline:
                raise BenchError(f"the plug-in refuses reads {ANSWERS_DEADLINE} s after the service has come up")

    def measure(self, arm, operation, clients, warm_up, seconds):
        name, directory = ARMS[arm]
        cluster = self.clusters[name]
        namenode = cluster.daemon("namenode").pid()
        service = self.service.pid if name == "ours" else None
        asked = self._asked(name)
        pids = [namenode] + ([service] if service else [])
        window, figures = self.client.measure(
            pids, name, operation, directory, FILES, clients, warm_up, seconds
        )
        asked = self._asked(name) - asked
        count = figures["questions"]
        if count == 0:
            raise BenchError(f"no {operation} came to an end in {seconds} s")
        return {
            **measuring.rates(figures),
            "refused_share": figures["refused"] / figures["all_questions"],
            "namenode_cpu_us": window.cpu[namenode] / 1e3 / count,
            "service_cpu_us": window.cpu[service] / 1e3 / count if service else 0.0,
            "client_cpu_us": figures["client_cpu_ns"] / 1e3 / count,
            "asked_share": asked / figures["all_questions"],
        }

    def _asked(self, name):
        """How many questions the plug-in of a cluster has asked so far."""
        if name != "ours":
            return 0
        return self.clusters[name].namenode_jmx(COUNTERS)[0]["Asked"]


class _Client:
    """`NameNodeBench` as a context, connected to every cluster."""

    def __init__(self, classes, plugin, clusters):
        self._clusters = clusters
        log4j = next(iter(clusters.values())).layout.conf / "log4j.properties"
        self._command = java_command(
            classes,
            plugin,
            "bench.NameNodeBench",
            properties=[f"-Dlog4j.configuration={log4j.as_uri()}"],
        )

    def __enter__(self):
        self._process = subprocess.Popen(
            measuring.dies_with_us(self._command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            for name, cluster in self._clusters.items():
                self._connect(name, cluster.layout)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception):
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def _connect(self, name, layout):
        principal = f"{USER}@EXAMPLE.COM"
        files = (layout.core_site, layout.hdfs_site, layout.krb5_conf)
        self._say("connect", name, *files, principal, layout.keytab(USER), max(CLIENTS))
        if self._process.stdout.readline().strip() != "connected":
            raise BenchError(f"the client cannot connect to the cluster `{name}`")

    def measure(self, pids, *words):
        self._say("measure", *words)
        return measuring.follow(self._process.stdout, pids)

    def _say(self, *words):
        try:
            print(*words, file=self._process.stdin, flush=True)
        except BrokenPipeError:
            raise BenchError("the client has ended; what it said is above") from None


class _Suite:
    def __init__(self, site, seconds, say):
        self._site = site
        self._seconds = seconds
        self._say = say
        self._rounds = Rounds()

    def warm_up(self):
        for state, arms in STATES.items():
            self._say(f"warming up with the service {state}")
            self._site.enter(state)
            for operation in OPERATIONS:
                for arm in arms:
                    self._site.measure(arm, operation, max(CLIENTS), 0, LONG_WARM_UP)

    def round(self, number):
        """Everything once, every second time with the arms in turned order."""
        for state, arms in STATES.items():
            self._site.enter(state)
            for operation in OPERATIONS:
                for clients in CLIENTS:
                    for arm in reversed(arms) if number % 2 else arms:
                        self._measure(state, arm, operation, clients)

    def _measure(self, state, arm, operation, clients):
        figures = self._site.measure(arm, operation, clients, WARM_UP, self._seconds)
        row = row_name(state, arm, operation, clients)
        self._say(f"  {row}: {figures['per_second']:,.0f}/s, p50 {figures['p50_us']:.0f} us")
        self._rounds.add(row, figures)

    def result(self):
        rounds = self._rounds
        ratios = {}
        for state, arms in STATES.items():
            for operation in OPERATIONS:
                for clients in CLIENTS:
                    base = row_name(state, "none", operation, clients)
                    for arm in arms:
                        row = row_name(state, arm, operation, clients)
                        ratios[row] = {
                            figure: rounds.ratio(row, base, figure)
                            for figure in ("per_second", "p50_us", "p99_us", "p999_us", "namenode_cpu_us")
                        }
        return {
            "hadoop": DEFAULT_VERSION,
            "rows": rounds.rows,
            "medians": rounds.medians(),
            "ratios": ratios,
        }


def row_name(state, arm, operation, clients):
    return f"{state} {arm} {operation} {clients}"


def _jar_of_nothing(classes, directory):
    jar = directory / "nothing.jar"
    with zipfile.ZipFile(jar, "w") as archive:
        for file in (classes / "bench").glob("NothingProvider*.class"):
            archive.write(file, file.relative_to(classes))
    return jar


def _put_files(cluster, local):
    """Makes `FILES` small files in both directories, readable by everybody."""
    local.mkdir()
    for number in range(FILES):
        (local / f"file-{number}").write_text(f"{number}\n")
    shell = cluster.shell("hdfs")
    commands = [("-mkdir", "-p", "/bench")] + [("-put", local, place) for place in (OUTSIDE, COVERED)]
    for command in commands:
        done = shell(*command)
        if done.returncode != 0:
            raise BenchError(f"hdfs dfs {' '.join(map(str, command))}: {done.stderr}")
