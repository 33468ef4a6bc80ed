"""Spark on a real Kerberized HDFS whose NameNode asks the service: the files of a table are read under a grant, by the
application that holds it and by nobody else.

The drivers of all users run as this process's user, which is nobody to the policies: the service knows them by their
Kerberos tickets.
"""

import textwrap
import unittest

from .world import LIFETIME, ORDERS, POLICIES as USERS, SEEN, TABLE, OrdersTest, World

from cluster.processes import wait_until

POLICIES = USERS + ORDERS


class Grants(OrdersTest):
    @classmethod
    def make_world(cls):
        world = World(proof=True)
        cls.addClassCleanup(world.close)
        return world

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cluster, cls.sidecar = cls.world.cluster, cls.world.sidecar
        cls.file = cls.world.files[0]
        cls.start_driver = cls.world.start_driver

    def live(self):
        return self.sidecar.json("grant", "list")

    def cat(self, user):
        """What reading a raw file by Hadoop's own shell says, in another process."""
        return self.cluster.shell(user)("-cat", self.file)

    def test_application_reads_under_a_grant_and_another_process_of_its_user_does_not(self):
        before = self.sidecar.json("status")["audit"]["lastRecord"]
        self.driver.start("SELECT id, email, java_method('java.lang.Thread', 'sleep', 1000L) FROM orders ORDER BY id")
        self.assertTrue(wait_until(self.live, 60, 0.05), "no grant")
        (grant,) = self.live()
        self.assertEqual((grant["user"], grant["job"]["application"]), ("alice", self.driver.application))
        denied = self.cat("alice")
        self.assertNotEqual(denied.returncode, 0)
        self.assertIn("raw-table-read", denied.stderr)
        rows = [row[:2] for row in self.driver.rows()]
        self.assertEqual(rows, SEEN)
        reads = [r for r in self.sidecar.audit() if r["sequence"] > before and r["kind"] == "decision"]
        allowed = [r for r in reads if r["decision"] == "allow"]
        self.assertTrue(allowed)
        self.assertEqual({(r["reason"], r["grant"], r["job"]) for r in allowed},
                         {("grant", grant["id"], self.driver.application)})
        self.assertEqual({r["reason"] for r in reads if r["decision"] == "deny"}, {"raw-table-read"})

    def test_look_up_grant_opens_and_query_are_joined_by_job_and_grant(self):
        before = self.sidecar.json("status")["audit"]["lastRecord"]
        self.assertEqual(self.driver.sql("SELECT count(*) FROM orders"), [[3]])

        def query():
            return [r for r in self.sidecar.audit(job=self.driver.application)
                    if r["kind"] == "query" and r["sequence"] > before]

        self.assertTrue(wait_until(query, 30, 0.1), "no record")
        (record,) = query()
        # Five rows of eight; of files in which the filter finds nothing none is read.
        self.assertRegex(record["detail"], "rows not shown at least [0-5];")
        self.assertEqual({r["kind"] for r in self.sidecar.audit(job=self.driver.application)},
                         {"look-up", "grant", "decision", "query"})
        joined = self.sidecar.audit(grant=record["grant"])
        self.assertEqual({r["kind"] for r in joined}, {"grant", "decision", "query"})
        self.assertEqual({r["job"] for r in joined}, {self.driver.application})

    def test_every_scan_of_a_larger_query_asks(self):
        self.assertEqual(
            self.driver.sql(
                "SELECT a.email, count(*) FROM orders a JOIN orders b ON a.id = b.id "
                "WHERE a.id IN (SELECT id FROM orders) AND a.id <= (SELECT max(id) FROM orders) GROUP BY a.email"),
            [["hidden", 3]])
        self.driver.sql("CACHE TABLE orders")
        self.assertEqual(self.driver.sql("SELECT sum(id) FROM orders"), [[3]])
        self.driver.sql("UNCACHE TABLE orders")

    def test_grant_is_given_back_when_no_job_runs(self):
        self.assertEqual(self.driver.sql("SELECT count(*) FROM orders"), [[3]])
        self.await_no_grant()

    def test_job_outlives_its_grant_by_renewals(self):
        self.driver.start(f"SELECT id, java_method('java.lang.Thread', 'sleep', {LIFETIME * 1000}L) FROM orders")
        self.assertTrue(wait_until(self.live, 60, 0.05), "no grant")
        (grant,) = self.live()
        self.driver.rows()
        renewed = self.sidecar.json("grant", "show", grant["id"])
        self.assertGreaterEqual(renewed["renewals"], 2)

    def test_subscription_that_ends_in_the_middle_of_a_job_ends_it_with_a_reason(self):
        self.driver.start("SELECT id, java_method('java.lang.Thread', 'sleep', 3000L) FROM orders")
        self.assertTrue(wait_until(self.live, 60, 0.05), "no grant")
        self.sidecar.apply("users: [{name: alice, principal: alice@EXAMPLE.COM}]\n")
        try:
            with self.assertRaisesRegex(AssertionError, "not-subscribed|raw-table-read"):
                self.driver.rows()
            self.assertEqual(self.live(), [])
            with self.assertRaisesRegex(AssertionError, "AnalysisException.*not subscribed"):
                self.driver.sql("SELECT * FROM orders")
        finally:
            self.sidecar.apply(POLICIES)

    def test_grant_that_an_administrator_revokes_in_the_middle_of_a_job_ends_the_job(self):
        other = self.start_driver("alice")
        self.addCleanup(other.close)
        other.sql(TABLE)
        other.start("SELECT id, java_method('java.lang.Thread', 'sleep', 3000L) FROM orders")
        self.assertTrue(wait_until(self.live, 60, 0.05), "no grant")
        (grant,) = self.live()
        self.sidecar.json("grant", "revoke", grant["id"], "--because", "it reads too much")
        with self.assertRaisesRegex(AssertionError, "it reads too much"):
            other.rows()
        with self.assertRaisesRegex(AssertionError, "it reads too much"):
            other.sql("SELECT count(*) FROM orders")
        self.assertEqual(self.live(), [])
        # The user's other application is another job.
        self.assertEqual(self.driver.sql("SELECT count(*) FROM orders"), [[3]])

    def test_who_may_not_query_gets_no_grant_and_an_application_without_the_plugin_reads_nothing(self):
        other = self.start_driver("alice", plugin=False)
        self.addCleanup(other.close)
        other.sql(TABLE)
        with self.assertRaisesRegex(AssertionError, "raw-table-read"):
            other.sql("SELECT * FROM orders")
        # While the first one holds a grant, too: it is bound to that one's token.
        self.driver.start("SELECT id, java_method('java.lang.Thread', 'sleep', 2000L) FROM orders")
        self.assertTrue(wait_until(self.live, 60, 0.05), "no grant")
        with self.assertRaisesRegex(AssertionError, "raw-table-read"):
            other.sql("SELECT * FROM orders")
        self.assertEqual(len(self.driver.rows()), 3)

    def test_executors_in_processes_of_their_own_get_every_token_from_the_driver(self):
        other = self.start_driver("alice", master="local-cluster[1,1,600]", tokens="3s")
        self.addCleanup(other.close)
        other.sql(TABLE)
        other.start("SELECT id, email, java_method('java.lang.Thread', 'sleep', 3000L) FROM orders")

        def own():
            return [grant for grant in self.live() if grant["job"]["application"] == other.application]

        self.assertTrue(wait_until(own, 60, 0.05), "no grant")
        # Files are opened while the application gets other tokens, and connections go on with the one that they have.
        self.assertTrue(wait_until(lambda: own() and len(own()[0]["handles"]) > 1, 30, 0.05), "no other token")
        rows = sorted(row[:2] for row in other.rows())
        self.assertEqual(rows, SEEN)
        # Why there is no grant is said there, too.
        collect = "value = sorted(list(row) for row in frame.collect())"
        self.assertEqual(other.python("frame = session.table('orders'); " + collect), SEEN)
        self.sidecar.apply("users: [{name: alice, principal: alice@EXAMPLE.COM}]\n")
        try:
            with self.assertRaisesRegex(AssertionError, "authorizer: .*not.subscribed"):
                other.python(collect)
        finally:
            self.sidecar.apply(POLICIES)

    def test_driver_whose_uid_is_nobody_speaks_by_its_ticket_alone(self):
        self.assertEqual(self.driver.sql("SELECT count(*) FROM orders"), [[3]])
        looked = [r for r in self.sidecar.audit() if r["kind"] == "look-up"]
        self.assertEqual({(r["user"], r["principal"]) for r in looked}, {("alice", "alice@EXAMPLE.COM")})
        without = self.start_driver("alice", ticket=False)
        self.addCleanup(without.close)
        without.sql(TABLE)
        with self.assertRaisesRegex(AssertionError, "AnalysisException.*spark.authorizer.service-principal"):
            without.sql("SELECT * FROM orders")

    def await_no_grant(self):
        self.assertTrue(wait_until(lambda: not self.live(), 30, 0.05), "the grant was not given back")

    def test_code_in_the_driver_reads_raw_files_while_a_grant_lives_and_no_longer(self):
        raw = f"value = str(session.sparkContext.binaryFiles('{self.file}').map(lambda file: bytes(file[1])).collect())"
        self.await_no_grant()
        with self.assertRaisesRegex(AssertionError, "raw-table-read"):
            self.driver.python(raw)
        self.driver.sql("SELECT count(*) FROM orders")
        # The limit that `docs/spark.md` states.
        self.assertIn("@example.com", self.driver.python(raw))
        self.await_no_grant()
        with self.assertRaisesRegex(AssertionError, "raw-table-read"):
            self.driver.python(raw)

    def test_frame_that_was_planned_before_reads_no_longer_than_its_grant(self):
        # Without a shuffle: what Spark keeps of one is not read again.
        collect = "value = sorted(list(row) for row in frame.collect())"
        self.assertEqual(self.driver.python("frame = session.table('orders'); " + collect), SEEN)
        self.await_no_grant()
        self.assertEqual(self.driver.python(collect), SEEN)
        self.sidecar.apply("users: [{name: alice, principal: alice@EXAMPLE.COM}]\n")
        try:
            with self.assertRaisesRegex(AssertionError, "not-subscribed|not subscribed"):
                self.driver.python(collect)
        finally:
            self.sidecar.apply(POLICIES)

    def test_other_names_of_the_same_files(self):
        inode = self.driver.python(
            f"path = session._jvm.org.apache.hadoop.fs.Path('{self.file}'); "
            "value = path.getFileSystem(session._jsc.hadoopConfiguration()).getFileStatus(path).getFileId()")
        other = f"/.reserved/.inodes/{inode}"
        # The name leads to the file.
        superuser = self.cluster.shell("hdfs")("-cat", other)
        self.assertEqual(superuser.returncode, 0, superuser.stderr)
        denied = self.cluster.shell("alice")("-cat", other)
        self.assertIn("raw-table-read", denied.stderr)
        with self.assertRaisesRegex(AssertionError, "AnalysisException.*bad-path"):
            self.driver.sql(f"SELECT * FROM parquet.`{other}`")
        address = self.driver.python(
            "value = session._jvm.org.apache.hadoop.fs.FileSystem.get(session._jsc.hadoopConfiguration()).getUri().getPort()")
        for host in ("localhost", "127.0.0.1"):
            self.assertEqual(
                self.driver.python(
                    f"value = [list(row) for row in session.read.schema('id BIGINT, email STRING')"
                    f".parquet('hdfs://{host}:{address}/secure/orders').orderBy('id').collect()]"), SEEN)

    def test_caller_context_narrows_a_grant_and_never_widens_it(self):
        read = """
            def read(context):
                names = session._jvm.org.apache.hadoop
                before = names.ipc.CallerContext.getCurrent()
                names.ipc.CallerContext.setCurrent(names.ipc.CallerContext.Builder(context).build())
                try:
                    path = names.fs.Path(FILE)
                    path.getFileSystem(session._jsc.hadoopConfiguration()).open(path).close()
                    return 'opened'
                except Exception as error:
                    return str(error)
                finally:
                    names.ipc.CallerContext.setCurrent(before)
            """
        self.driver.python(f"FILE = {self.file!r}; value = 0")
        self.driver.python(textwrap.dedent(read) + "value = 0")
        own = f"SPARK_CLIENT_{self.driver.application}"
        self.await_no_grant()
        self.assertIn("raw-table-read", self.driver.python(f"value = read({own!r})"))
        self.driver.sql("SELECT count(*) FROM orders")
        self.assertEqual(self.driver.python(f"value = read({own!r})"), "opened")
        # Of nobody in particular.
        self.assertEqual(self.driver.python("value = read('CLI')"), "opened")
        self.assertIn("raw-table-read", self.driver.python("value = read('SPARK_CLIENT_local-1')"))

    def test_tokens_are_in_no_configuration(self):
        settings = str(self.driver.sql("SET -v"))
        self.assertNotIn("HDFS_DELEGATION_TOKEN", settings)
