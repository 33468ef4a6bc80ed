"""Kills a NameNode with the plug-in while users read."""

import pathlib
import random
import threading

from cluster import Cluster
from sidecar import PLUGIN, Sidecar

from .comparing import LostRecord, configure, verify

POLICIES = """\
users:
  - {name: alice, principal: alice@EXAMPLE.COM}
  - {name: bob, principal: bob@EXAMPLE.COM}
data-sources: [{name: sales, kind: files, directories: [/secure/sales], subscription: {users: [alice]}}]
"""
FILES = 20
ROUNDS = 10
# Seconds under load, at least and at most.
MOMENTS = (0.5, 4.0)


class NameNodeCrashes:
    def __init__(self, directory, arguments):
        self._rounds = arguments.rounds or ROUNDS
        self._chance = random.Random(arguments.seed)
        self._directory = pathlib.Path(directory)
        self._hadoop = arguments.hadoop
        self._durability = arguments.durability

    def run(self):
        settings = {
            "authorizer.socket.path": str(self._directory / "authorizer.sock"),
            "authorizer.cover.file": str(self._directory / "cover"),
            "authorizer.deadline.ms": "2000",
            "dfs.namenode.audit.loggers": "default,authorizer.namenode.SuperuserReads",
        }
        cluster = Cluster.up(hadoop=self._hadoop, plugin=PLUGIN, conf=settings)
        try:
            layout = cluster.layout
            sidecar = Sidecar(self._directory, core_site=layout.core_site, krb5_conf=layout.krb5_conf)
            configure(sidecar, self._durability)
            with sidecar:
                self._crash(cluster, sidecar)
        finally:
            cluster.down()

    def _crash(self, cluster, sidecar):
        shell = cluster.shell("hdfs")
        paths = [f"/secure/sales/{number}" for number in range(FILES)]
        for path in paths:
            done = shell("-put", "-", path, stdin=path.encode()) if path != paths[0] else _first(shell, path)
            if done.returncode != 0:
                raise LostRecord(f"could not write {path}: {done.stderr}")
        sidecar.apply(POLICIES)
        sidecar.await_watcher()
        for number in range(self._rounds):
            before = sidecar.json("status")["audit"]["lastRecord"]
            readers = [_Reader(cluster, user, paths) for user in ("alice", "bob")]
            for reader in readers:
                reader.start()
            readers[0].join(self._chance.uniform(*MOMENTS))
            cluster.kill("namenode")
            for reader in readers:
                reader.stopping.set()
            cluster.start("namenode")
            for reader in readers:
                reader.join()
            sidecar.await_watcher()
            for reader in readers:
                self._compare(sidecar, reader, before)
            records = verify(sidecar)
            counts = ", ".join(f"{r.user} {sum(r.ended.values())}" for r in readers)
            print(f"{number + 1} kills: reads that ended: {counts}; {records:,} records, none lost", flush=True)

    @staticmethod
    def _compare(sidecar, reader, before):
        """A client may ask more than once for one read, but never not at all."""
        if reader.wrong:
            raise LostRecord(reader.wrong)
        records = [r for r in sidecar.audit(user=reader.user, limit=10_000_000) if r["sequence"] > before]
        for path, count in reader.ended.items():
            recorded = sum(r["path"] == path and r["decision"] == reader.decision for r in records)
            if recorded < count:
                raise LostRecord(f"{reader.user} ended {count} reads of {path}, and {recorded} are recorded")


def _first(shell, path):
    shell("-mkdir", "-p", path.rpartition("/")[0])
    shell("-chmod", "711", "/secure", "/secure/sales")
    return shell("-put", "-", path, stdin=path.encode())


class _Reader(threading.Thread):
    """Reads one file after another as a user; counts the reads that ended as the policies say."""

    def __init__(self, cluster, user, paths):
        super().__init__(daemon=True)
        self.user = user
        self.decision = "allow" if user == "alice" else "deny"
        self.ended = {path: 0 for path in paths}
        self.stopping = threading.Event()
        self.wrong = None
        self._shell = cluster.shell(user)
        self._paths = paths

    def run(self):
        while True:
            for path in self._paths:
                if self.stopping.is_set():
                    return
                done = self._shell("-cat", path)
                if done.returncode == 0:
                    self.wrong = self.wrong or self._fault(path, done.stdout)
                    self.ended[path] += 1
                elif "not-subscribed" in done.stderr:
                    self.ended[path] += 1
                # Otherwise the NameNode was away.

    def _fault(self, path, data):
        """What is wrong with a read that succeeded; None for nothing."""
        if self.decision != "allow":
            return f"{self.user} read {path}"
        return None if data == path else f"{path} holds {data!r}"
