"""The suite `crawl`: a crawl of many files, beside `hdfs dfs -ls -R` of the same tree by the same principal."""

import contextlib
import pathlib
import subprocess
import tempfile
import threading
import time

from cluster import Cluster, java
from sidecar import Sidecar, crawler_of

from .errors import BenchError
from .figures import Rounds
from .measuring import memory, process_cpu, settle

FILES = 1_000_000
# Of the files, in one directory.
IN_ONE = 10
FILES_OF_OTHERS = 1_000
PREFIX = "part-00000-8a1e4c2d-"
ROOT = "/bench/events"
POLICIES = """\
users: [{{name: alice, principal: alice@EXAMPLE.COM}}]
data-sources:
  - name: events
    kind: files
    directories: [{root}]
    credential: {{principal: etl@EXAMPLE.COM, keytab: {keytab}}}
    subscription: {{users: [alice]}}
"""
RPC = "Hadoop:service=NameNode,name=RpcActivityForPort{port}"
ARMS = ("crawl", "ls")


def run(rounds, files, say):
    """Measures; returns the result as plain values."""
    with contextlib.ExitStack() as stack:
        scratch = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="authorizer-bench-")))
        say("bringing up the cluster")
        cluster = stack.enter_context(Cluster.up())
        say(f"making {files:,} files")
        directories = _make_tree(cluster, files)
        layout = cluster.layout
        section = crawler_of(cluster, java_options=list(java.OPENED))
        service = stack.enter_context(Sidecar(scratch, layout.core_site, layout.krb5_conf, crawl=section))
        before = memory(service.pid)
        say("the first crawl")
        first = _first_crawl(service, cluster, layout, files)
        measured = Rounds()
        for number in range(rounds):
            for arm in ARMS if number % 2 == 0 else reversed(ARMS):
                say(f"round {number + 1} of {rounds}: {arm}")
                measured.add(arm, _crawl(service, cluster, files) if arm == "crawl" else _list(cluster, files))
        (listed,) = service.json("datasource", "list")
        return {
            "hadoop": cluster.state.hadoop,
            "seconds": 0,
            "files": files,
            "directories": directories,
            "name_bytes": len(PREFIX) + len(str(FILES_OF_OTHERS - 1)),
            "first": first,
            "medians": measured.medians(),
            "ratio": measured.ratio("crawl", "ls", "per_second"),
            "table_bytes_per_file": listed["memory"] / files,
            "disk_bytes_per_file": listed["disk"] / files,
            "service_before": before["rss"],
            "rounds_measured": measured.rows,
        }


def _make_tree(cluster, files):
    in_one = files // IN_ONE
    count = (files - in_one) // FILES_OF_OTHERS
    paths = [f"{ROOT}/year=2026/month={number % 12 + 1:02}/part={number}" for number in range(count)]
    steps = [("dir", path) for path in [*paths, f"{ROOT}/wide"]] + [("done",)]
    steps += [("files", path, FILES_OF_OTHERS, PREFIX) for path in paths]
    steps += [("files", f"{ROOT}/wide", files - count * FILES_OF_OTHERS, PREFIX)]
    cluster.make_tree("hdfs", steps)
    # `/bench/events`, the year and the months.
    return count + 1 + 1 + 1 + min(count, 12)


def _first_crawl(service, cluster, layout, files):
    """A crawl of what was never crawled."""
    policies = POLICIES.format(root=ROOT, keytab=layout.keytab("etl"))
    with _Watch(service, cluster) as watch:
        service.apply(policies)
        (crawl,) = service.json("recrawl", "events", "--join", "--wait")
    return _figures(crawl, watch, files)


def _crawl(service, cluster, files):
    """A crawl of what has not changed."""
    with _Watch(service, cluster) as watch:
        (crawl,) = service.json("recrawl", "events", "--wait")
    if any(said["count"] for said in crawl["change"].values() if isinstance(said, dict)):
        raise BenchError(f"nothing was changed, and the crawl says otherwise: {crawl['change']}")
    return _figures(crawl, watch, files)


def _figures(crawl, watch, files):
    if (crawl["state"], crawl["files"], crawl["readable"]) != ("done", files, files):
        raise BenchError(f"the crawl did not find {files} readable files: {crawl}")
    seconds = (crawl["endedAt"] - crawl["startedAt"]) / 1000
    return {"seconds": seconds, "per_second": files / seconds, **watch.figures(files)}


def _list(cluster, files):
    with _Watch(None, cluster) as watch:
        began = time.monotonic()
        with subprocess.Popen(
            [*cluster.hdfs_command("dfs"), "-ls", "-R", ROOT], env=cluster.environment("etl"),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        ) as process:
            watch.client = process.pid
            lines = sum(chunk.count(b"\n-") for chunk in iter(lambda: process.stdout.read(1 << 20), b""))
        seconds = time.monotonic() - began
    # A line that begins a chunk is not counted.
    if process.returncode != 0 or not files * 0.999 < lines <= files:
        raise BenchError(f"`hdfs dfs -ls -R` ended with {process.returncode} and {lines} files")
    return {"seconds": seconds, "per_second": files / seconds, **watch.figures(files)}


class _Watch:
    """What the NameNode, the service and a client in Java used between the beginning and the end of a block."""

    def __init__(self, service, cluster):
        self._service = service
        self._cluster = cluster
        self._is_over = threading.Event()
        self._client_peak = None
        self.client = None

    def __enter__(self):
        if self._service:
            settle(self._service.pid)
            # So that the peak is of this block.
            pathlib.Path(f"/proc/{self._service.pid}/clear_refs").write_text("5")
        self._before = self._now()
        self._thread = threading.Thread(target=self._follow)
        self._thread.start()
        return self

    def __exit__(self, *exception):
        self._is_over.set()
        self._thread.join()
        self._after = self._now()

    def figures(self, files):
        difference = {name: self._after[name] - self._before[name] for name in ("calls", "namenode_cpu", "service_cpu")}
        return {
            "calls_per_thousand": 1000 * difference["calls"] / files,
            "namenode_cpu_us": difference["namenode_cpu"] / 1000 / files,
            "service_cpu_us": difference["service_cpu"] / 1000 / files if self._service else None,
            "client_peak": self._client_peak,
            "service_peak": self._after["service_peak"],
            "service_rss": self._after["service_rss"],
        }

    def _now(self):
        namenode = self._cluster.daemon("namenode").pid()
        port = self._cluster.state.ports["namenode"]
        beans = self._cluster.namenode_jmx(RPC.format(port=port))
        (bean,) = beans if isinstance(beans, list) else [beans]
        used = memory(self._service.pid) if self._service else {"peak": None, "rss": None}
        return {
            "calls": bean["RpcProcessingTimeNumOps"],
            "namenode_cpu": process_cpu(namenode),
            "service_cpu": process_cpu(self._service.pid) if self._service else 0,
            "service_peak": used["peak"],
            "service_rss": used["rss"],
        }

    def _follow(self):
        while not self._is_over.wait(0.05):
            for pid in [self.client] if self.client else self._children():
                with contextlib.suppress(OSError, KeyError):
                    self._client_peak = max(self._client_peak or 0, memory(pid)["peak"])

    def _children(self):
        if not self._service:
            return []
        found = []
        for children in pathlib.Path(f"/proc/{self._service.pid}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += [int(pid) for pid in children.read_text().split()]
        return found
