"""Superusers' reads, which HDFS asks nobody about, are recorded all the same: each once."""

import pathlib
import re
import unittest

from .installation import Installation, contents, eventually, must, on_each_hadoop

SALES = "/secure/sales/q1.csv"
SUPERUSER = "hdfs"


@on_each_hadoop
class Superusers(unittest.TestCase):
    def setUp(self):
        self.installation = Installation.of(self.hadoop)
        self.cluster = self.installation.cluster
        self.before = self.installation.last_record()
        self.log = pathlib.Path(self.cluster.status()["audit_log"])
        self.opened_before = self.opens()

    def opens(self):
        """How often HDFS's own audit log has a superuser open something covered."""
        return len(re.findall(rf"allowed=true\tugi={SUPERUSER}\S* .*cmd=open\tsrc=\S*/sales/", self.log.read_text()))

    def records(self, **filters):
        return self.installation.records_since(self.before, **filters)

    def recorded(self, **filters):
        """The records of superusers' reads, once there is one for every open that HDFS itself has logged."""
        opened = self.opens() - self.opened_before
        self.assertGreater(opened, 0, "HDFS logged no read")
        eventually(
            lambda: len([r for r in self.records() if r["kind"] == "superuser"]) >= opened, "a read was not reported")
        records = [r for r in self.records() if r["kind"] == "superuser"]
        self.assertEqual(len(records), opened, "a read was reported twice")
        for record in records:
            self.assertEqual((record["decision"], record["reason"]), ("native", "superuser"))
            self.assertEqual(record["clientAddress"], "127.0.0.1")
            self.assertTrue(record["principal"].startswith(SUPERUSER), record)
            self.assertNotIn("failureMode", record)
        return records

    def test_read_is_recorded_once_with_its_data_source(self):
        self.assertEqual(must(self.installation.read(SUPERUSER, SALES)).stdout, contents(SALES))
        for record in self.recorded():
            self.assertEqual((record["path"], record["dataSource"]), (SALES, "sales"))
        # Whoever is asked about is not reported as well.
        self.assertEqual([r for r in self.records() if r["kind"] == "decision"], [])

    def test_read_by_the_raw_path_is_found(self):
        must(self.installation.read(SUPERUSER, "/.reserved/raw" + SALES))
        self.assertEqual({record["path"] for record in self.recorded()}, {SALES})

    def test_read_by_webhdfs_is_recorded(self):
        answer = self.cluster.webhdfs(SUPERUSER, "GET", SALES, "OPEN")
        self.assertEqual((answer.status, answer.body), (200, contents(SALES)))
        self.assertEqual({record["path"] for record in self.recorded()}, {SALES})

    def test_read_of_everybody_else_is_a_decision_only(self):
        must(self.installation.read("alice", SALES))
        self.assertEqual({record["kind"] for record in self.records(path=SALES)}, {"decision"})

    def test_read_of_what_nothing_covers_is_not_recorded(self):
        must(self.installation.read(SUPERUSER, "/public/p1"))
        must(self.installation.read(SUPERUSER, SALES))
        self.recorded()
        self.assertEqual(self.records(path="/public"), [])

    def test_read_while_the_service_is_away_is_recorded_later(self):
        self.installation.sidecar.stop()
        try:
            must(self.installation.read(SUPERUSER, SALES))
        finally:
            self.installation.sidecar.start()
            self.installation.await_cover()
        self.recorded()
