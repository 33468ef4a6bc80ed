"""The service dies, hangs, comes back; the NameNode goes on."""

import signal
import threading
import unittest

from .installation import ClusterError, Installation, contents, eventually, must, on_each_hadoop

REPORT = "/open/reports/r1"
BEAN = "Hadoop:service=NameNode,name=Authorizer"


@on_each_hadoop
class Failures(unittest.TestCase):
    def setUp(self):
        self.installation = Installation.of(self.hadoop)
        self.cluster = self.installation.cluster
        self.sidecar = self.installation.sidecar

    def tearDown(self):
        if self.sidecar.pid is None:
            self.sidecar.start()
        self.installation.await_cover()

    def read(self, user, path=REPORT):
        return self.installation.read(user, path)

    def restart_namenode(self, **properties):
        """Restarts the NameNode with settings of the plug-in until the end of the test."""
        names = {f"authorizer.{name.replace('_', '.')}": value for name, value in properties.items()}
        self.cluster.restart("namenode", conf=names)
        defaults = {name: self.installation.settings.get(name) for name in names}
        self.addCleanup(self.installation.await_cover)
        self.addCleanup(self.cluster.restart, "namenode", conf=defaults)

    def bean(self):
        return self.cluster.namenode_jmx(BEAN)[0]

    def test_service_that_is_killed_and_comes_back(self):
        must(self.read("bob"))
        before = self.installation.last_record()
        self.sidecar.kill()

        refused = self.read("bob")
        self.assertIn("the-admins@example.com", refused.stderr)
        self.assertEqual(refused.stdout, "")
        # Those who are ignored, and paths that nothing covers, stay with HDFS's own permissions.
        self.assertEqual(must(self.read("carol")).stdout, contents(REPORT))
        self.assertEqual(must(self.read("bob", "/public/p1")).stdout, contents("/public/p1"))

        self.sidecar.start()
        eventually(lambda: self.read("bob").returncode == 0, "the NameNode did not find the service again")

        # What was decided without the service is audited late, not never.
        def reported():
            return self.installation.records_since(before, path=REPORT, reason="unavailable")

        eventually(reported, "the denials by failure mode were not reported")
        record = reported()[0]
        self.assertEqual((record["kind"], record["decision"], record["failureMode"]), ("report", "deny", "deny"))
        self.assertEqual(record["user"], "bob")
        self.assertEqual(record["dataSource"], "reports")

    def test_service_that_hangs_does_not_hang_the_namenode(self):
        must(self.read("bob"))
        self.sidecar.signal(signal.SIGSTOP)
        try:
            refused = self.read("bob")
            self.assertNotEqual(refused.returncode, 0)
            self.assertEqual(must(self.read("bob", "/public/p1")).stdout, contents("/public/p1"))
        finally:
            self.sidecar.signal(signal.SIGCONT)
        eventually(lambda: self.read("bob").returncode == 0, "the NameNode did not find the service again")

    def test_service_killed_again_and_again_under_load_never_gives_away_data(self):
        stop = threading.Event()
        failures = []

        def reader(user, path, may_read, may_be_refused):
            while not stop.is_set():
                result = self.read(user, path)
                if result.returncode == 0 and not may_read:
                    failures.append(f"{user} read {path}: {result.stdout}")
                if result.returncode != 0 and not may_be_refused:
                    failures.append(f"{user} could not read {path}: {result.stderr}")

        readers = [
            threading.Thread(target=reader, args=arguments)
            for arguments in (
                ("bob", REPORT, True, True),
                ("dave", REPORT, False, True),
                ("erin", "/public/p1", True, False),
                ("carol", REPORT, True, False),
            )
        ]
        for thread in readers:
            thread.start()
        try:
            for _ in range(10):
                answered = self.bean()["Answered"]
                eventually(lambda: self.bean()["Answered"] > answered, "nothing is asked any more")
                self.sidecar.kill()
                eventually(lambda: not self.bean()["Connected"], "the NameNode did not notice")
                self.sidecar.start()
        finally:
            stop.set()
            for thread in readers:
                thread.join()
        self.assertEqual(failures, [])
        eventually(lambda: self.read("bob").returncode == 0, "the NameNode did not find the service again")

    def test_what_cannot_be_recorded_is_not_read(self):
        """Somebody moves the audit's directory away: nobody is given what would leave no record."""
        must(self.read("bob"))
        audit, elsewhere = self.sidecar.directory / "audit", self.sidecar.directory / "elsewhere"
        audit.rename(elsewhere)
        try:
            eventually(lambda: "audit-unavailable" in self.read("bob").stderr, "reads without a record are allowed")
            self.assertEqual(must(self.read("bob", "/public/p1")).stdout, contents("/public/p1"))
        finally:
            elsewhere.rename(audit)
        eventually(lambda: self.read("bob").returncode == 0, "the audit is not gone on with")

    def test_namenode_starts_and_protects_without_the_service(self):
        self.sidecar.stop()
        self.cluster.restart("namenode")
        refused = self.read("dave")
        self.assertNotEqual(refused.returncode, 0)
        self.assertEqual(must(self.read("bob", "/public/p1")).stdout, contents("/public/p1"))
        self.assertEqual(must(self.read("carol")).stdout, contents(REPORT))
        self.sidecar.start()
        eventually(lambda: self.read("bob").returncode == 0, "the NameNode did not find the service")

    def test_namenode_without_any_cover_refuses_reads_until_it_has_one(self):
        self.sidecar.stop()
        self.restart_namenode(cover_file=None)
        self.assertNotEqual(self.read("bob", "/public/p1").returncode, 0)
        self.sidecar.start()
        eventually(lambda: self.read("bob", "/public/p1").returncode == 0, "the NameNode did not get the cover")

    def test_failure_mode_native_leaves_reads_to_hdfs_and_reports_them(self):
        self.restart_namenode(failure_mode="native")
        self.installation.await_cover()
        self.assertIn("not-subscribed", self.read("dave").stderr)
        before = self.installation.last_record()
        self.sidecar.kill()
        self.assertEqual(must(self.read("dave")).stdout, contents(REPORT))
        self.sidecar.start()

        def reported():
            return self.installation.records_since(before, path=REPORT, user="dave")

        eventually(reported, "the native answers were not reported")
        self.assertEqual((reported()[0]["failureMode"], reported()[0]["decision"]), ("native", "native"))

    def test_failure_mode_stale_goes_by_the_last_decision(self):
        self.restart_namenode(failure_mode="stale")
        self.installation.await_cover()
        must(self.read("bob"))
        before = self.installation.last_record()
        self.sidecar.kill()
        self.assertEqual(must(self.read("bob")).stdout, contents(REPORT))
        # Nothing is known of alice's last decision: a stranger to the plug-in is refused.
        self.assertNotEqual(self.read("alice").returncode, 0)
        self.sidecar.start()

        def reported():
            return self.installation.records_since(before, path=REPORT, user="bob")

        eventually(reported, "the stale answers were not reported")
        self.assertEqual((reported()[0]["failureMode"], reported()[0]["decision"]), ("stale", "allow"))


@on_each_hadoop
class Bypasses(unittest.TestCase):
    """Configuration under which the plug-in would not be asked keeps the NameNode from starting."""

    def assert_does_not_start(self, properties, words):
        installation = Installation.of(self.hadoop)
        try:
            with self.assertRaises(ClusterError) as caught:
                installation.cluster.restart("namenode", conf=properties)
            self.assertIn(words, str(caught.exception))
        finally:
            before = {name: installation.settings.get(name) for name in properties}
            installation.cluster.restart("namenode", conf=before)
            installation.await_cover()

    def test_bypass_users(self):
        name = "dfs.namenode.inode.attributes.provider.bypass.users"
        self.assert_does_not_start({name: "bob@EXAMPLE.COM"}, name)

    def test_permissions_switched_off(self):
        self.assert_does_not_start({"dfs.permissions.enabled": "false"}, "dfs.permissions.enabled")

    def test_value_that_is_none(self):
        self.assert_does_not_start({"authorizer.deadline.ms": "soon"}, "authorizer.deadline.ms")
