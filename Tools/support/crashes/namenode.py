"""Kills a NameNode with the plug-in while users read."""

import datetime
import pathlib
import random
import time
from collections import Counter

from cluster import Cluster
from sidecar import PLUGIN, Sidecar

from .comparing import LostRecord, configure, verify
from .readers import Readers

HADOOP = "3.3.6"
DIRECTORY = "/secure/sales"
POLICIES = f"""\
users:
  - {{name: alice, principal: alice@EXAMPLE.COM}}
  - {{name: bob, principal: bob@EXAMPLE.COM}}
data-sources: [{{name: sales, kind: files, directories: [{DIRECTORY}], subscription: {{users: [alice]}}}}]
"""
FILES = 20
ROUNDS = 25
# The superuser's reads are told by the NameNode after the answer; the others are asked about before it.
SUPERUSER = "hdfs"
THREADS = {"alice": 4, "bob": 2, SUPERUSER: 1}
DECISIONS = {"alice": ("allow", "subscribed"), "bob": ("deny", "not-subscribed"), SUPERUSER: ("native", "superuser")}
# Seconds under load, at least and at most.
MOMENTS = (0.5, 4.0)


class NameNodeCrashes:
    def __init__(self, directory, arguments):
        self._rounds = arguments.rounds or ROUNDS
        self._chance = random.Random(arguments.seed)
        self._directory = pathlib.Path(directory)
        self._durability = arguments.durability
        # Answers by user.
        self._received = Counter()
        self._superuser_lost = 0

    def run(self):
        """Returns what was done, in words."""
        settings = {
            "authorizer.socket.path": str(self._directory / "authorizer.sock"),
            "authorizer.cover.file": str(self._directory / "cover"),
            "authorizer.deadline.ms": "2000",
            "dfs.namenode.audit.loggers": "default,authorizer.namenode.SuperuserReads",
        }
        cluster = Cluster.up(hadoop=HADOOP, plugin=PLUGIN, conf=settings)
        try:
            layout = cluster.layout
            sidecar = Sidecar(self._directory, core_site=layout.core_site, krb5_conf=layout.krb5_conf)
            configure(sidecar, self._durability)
            with sidecar:
                return self._crash(cluster, sidecar)
        finally:
            cluster.down()

    def _crash(self, cluster, sidecar):
        _put_files(cluster.shell(SUPERUSER))
        sidecar.apply(POLICIES)
        sidecar.await_watcher()
        begin = time.monotonic()
        with Readers(cluster, self._directory, DIRECTORY, FILES, THREADS) as readers:
            for number in range(self._rounds):
                self._round(cluster, sidecar, readers, number)
        # An answer of the last rounds may have been recorded again since.
        _recorded_once(_records(sidecar))
        seconds = time.monotonic() - begin
        decided = self._received["alice"] + self._received["bob"]
        return (
            f"{self._rounds} kills of the NameNode in {seconds:,.0f} s: {self._received['alice']:,} reads and "
            f"{self._received['bob']:,} denials received, {decided:,} of them recorded, each once; of "
            f"{self._received[SUPERUSER]:,} reads of a superuser, {self._superuser_lost:,} not recorded; "
            f"{verify(sidecar):,} records; `audit verify` content each time")

    def _round(self, cluster, sidecar, readers, number):
        """One kill."""
        since = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
        readers.begin(f"k{number}")
        time.sleep(self._chance.uniform(*MOMENTS))
        cluster.kill("namenode")
        answers = readers.answers()
        records = _records(sidecar, since=since.replace("+00:00", "Z"))
        lost = self._compare(answers, records)
        whole = verify(sidecar)
        print(
            f"{number + 1} kills: {len(answers):,} answers received, {lost} of a superuser not recorded, none else; "
            f"{whole:,} records",
            flush=True)
        cluster.start("namenode")
        sidecar.await_watcher()

    def _compare(self, answers, records):
        """Fails unless each answer has its record, and the right one. Returns how many of the superuser's have none."""
        recorded = _recorded_once(records)
        lost = 0
        for answer in answers:
            self._received[answer.user] += 1
            decision, reason = DECISIONS[answer.user]
            if (answer.outcome == "read") != (decision != "deny") or decision == "deny" and reason not in answer.outcome:
                raise LostRecord(f"{answer.user} was answered `{answer.outcome}` for {answer.path}")
            record = recorded.get(answer.context)
            if record is None and answer.user == SUPERUSER:
                lost += 1
                continue
            if record is None:
                raise LostRecord(f"the answer {answer.context} to {answer.user} is not recorded")
            found = record["shortName"], record["path"], record["decision"], record["reason"]
            if found != (answer.user, answer.path, decision, reason):
                raise LostRecord(f"the answer {answer.context} to {answer.user} is recorded as {record}")
        self._superuser_lost += lost
        return lost


def _records(sidecar, **filters):
    return sidecar.audit(path=DIRECTORY, limit=100_000_000, **filters)


def _recorded_once(records):
    """Fails if two records have one caller context. Returns them by it, without those of the warm-up."""
    recorded = {}
    for record in records:
        context = record.get("callerContext", "")
        if context.startswith("k") and not context.endswith("-warm"):
            if context in recorded:
                raise LostRecord(f"the answer {context} is recorded twice: {recorded[context]} and {record}")
            recorded[context] = record
    return recorded


def _put_files(shell):
    steps = [(("-mkdir", "-p", DIRECTORY), b""), (("-chmod", "711", DIRECTORY.rpartition("/")[0], DIRECTORY), b"")]
    steps += [(("-put", "-", f"{DIRECTORY}/{n}"), f"{DIRECTORY}/{n}".encode()) for n in range(FILES)]
    for words, content in steps:
        done = shell(*words, stdin=content)
        if done.returncode != 0:
            raise LostRecord(f"hdfs dfs {' '.join(words)}: {done.stderr}")
