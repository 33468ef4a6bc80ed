"""Jobs that read a table under a grant, with delegation tokens of a real NameNode."""

import unittest

from cluster.tokens import handle, identifier_in, identifier_of

from .installation import POLICIES, Installation, SidecarError, contents, eventually, must, on_each_hadoop

ORDERS = "/secure/orders/part-0"


@on_each_hadoop
class Grants(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.installation = Installation.of(cls.hadoop)
        cls.cluster, cls.sidecar = cls.installation.cluster, cls.installation.sidecar
        # Two jobs of alice: each is what has one of the tokens.
        files = [cls.cluster.token("alice", name) for name in ("job-1", "job-2")]
        cls.job, cls.other_job = map(cls.cluster.shell_with_token, files)
        cls.handle, cls.other_handle = (cls.handle_of(identifier_in(file)) for file in files)
        assert cls.handle != cls.other_handle

    @classmethod
    def handle_of(cls, identifier):
        return handle(cls.cluster.namenode_address, identifier)

    def setUp(self):
        self.before = self.installation.last_record()
        # A job whose grant was revoked gets no other: each test is another job.
        self.application = f"app-{self._testMethodName}"
        self.addCleanup(self.sidecar.run, "grant", "revoke", "--user", "alice")

    def give(self, *handles):
        bound = [word for one in handles or [self.handle] for word in ("--handle", one)]
        return self.sidecar.json(
            "grant", "issue", "--principal", "alice@EXAMPLE.COM", "--nameservice", self.cluster.namenode_address,
            "--application", self.application, "--data-source", "orders", *bound)

    def assert_reads(self, job):
        self.assertEqual(must(job("-cat", ORDERS)).stdout, contents(ORDERS))

    def assert_denied(self, job, words=""):
        result = job("-cat", ORDERS)
        self.assertNotEqual(result.returncode, 0, result.stdout)
        self.assertEqual(result.stdout, "")
        self.assertIn("raw-table-read", result.stderr)
        self.assertIn(words, result.stderr)

    def test_one_job_reads_and_nobody_else_does(self):
        ticket = self.cluster.shell("alice")
        self.assert_denied(self.job, "comes from no job")
        grant = self.give()
        self.assert_reads(self.job)
        self.assert_denied(self.other_job)
        self.assert_denied(ticket, "comes from no job")
        self.sidecar.json("grant", "renew", grant["id"], "--handle", self.other_handle)
        self.assert_reads(self.other_job)
        self.sidecar.json("grant", "release", grant["id"])
        self.assert_denied(self.job, grant["id"])
        self.assert_denied(self.other_job, grant["id"])
        story = [
            (r["kind"], r.get("decision"), r.get("reason")) for r in self.sidecar.audit(grant=grant["id"])]
        allowed = ("decision", "allow", "grant")
        self.assertEqual(
            story, [("grant", "allow", None), allowed, ("grant", "allow", None), allowed, ("grant", None, None)])
        reads = self.installation.records_since(self.before, job=self.application, reason="grant")
        self.assertEqual({(r["path"], r["dataSource"], r["user"]) for r in reads}, {(ORDERS, "orders", "alice")})
        denied = self.installation.records_since(self.before, path=ORDERS, reason="raw-table-read")
        self.assertEqual(len(denied), 5)

    def test_revocation_counts_at_the_next_open(self):
        grant = self.give()
        self.assert_reads(self.job)
        self.sidecar.json("grant", "revoke", grant["id"], "--because", "a test")
        self.assert_denied(self.job, "a test")
        with self.assertRaisesRegex(SidecarError, "gets no other"):
            self.give()

    def test_policy_that_changes_ends_it_at_the_next_open(self):
        self.give()
        self.assert_reads(self.job)
        self.addCleanup(self.installation.apply, POLICIES)
        self.sidecar.apply("data-sources: [{name: orders, kind: table, directories: [/secure/orders],"
                           " subscription: {users: []}}]\n")
        self.assert_denied(self.job, "not-subscribed")

    def test_web_hdfs_with_the_token_of_the_job(self):
        token = self.cluster.webhdfs_token("alice")
        denied = self.cluster.webhdfs_with_token(token, "GET", ORDERS, "OPEN")
        self.assertEqual(denied.status, 403, denied)
        self.assertIn("raw-table-read", denied.body)
        self.give(self.handle_of(identifier_of(token)))
        read = self.cluster.webhdfs_with_token(token, "GET", ORDERS, "OPEN")
        self.assertEqual((read.status, read.body), (200, contents(ORDERS)))
        by_ticket = self.cluster.webhdfs("alice", "GET", ORDERS, "OPEN")
        self.assertEqual(by_ticket.status, 403, by_ticket)

    def test_restarts_in_the_middle(self):
        grant = self.give()
        self.assert_reads(self.job)
        self.sidecar.kill()
        self.sidecar.start()
        self.installation.await_cover()
        eventually(lambda: self.job("-cat", ORDERS).returncode == 0, "the grant is lost with the service")
        self.assert_denied(self.other_job)
        self.cluster.restart("namenode")
        self.installation.await_cover()
        eventually(lambda: self.job("-cat", ORDERS).returncode == 0, "the grant is lost with the NameNode")
        self.assert_denied(self.other_job)
        self.sidecar.json("grant", "revoke", grant["id"])
        self.sidecar.kill()
        self.sidecar.start()
        self.installation.await_cover()
        eventually(lambda: "raw-table-read" in self.job("-cat", ORDERS).stderr, "the grant has come back")

    def test_expiry_counts_at_the_next_open(self):
        text = self.sidecar.configuration.read_text()
        self.addCleanup(self.restart_service, text)
        self.restart_service(text + "grants: {lifetime-seconds: 5}\n")
        grant = self.give()
        self.assertEqual(grant["lifetimeSeconds"], 5)
        self.assert_reads(self.job)
        eventually(lambda: self.job("-cat", ORDERS).returncode != 0, "the grant does not expire")
        eventually(lambda: not self.sidecar.json("grant", "list"), "the grant is not ended")
        self.assert_denied(self.job, "it was not renewed in time")

    def restart_service(self, configuration):
        self.sidecar.stop()
        self.sidecar.configuration.write_text(configuration)
        self.sidecar.start()
        self.installation.await_cover()
