"""Grants on a cluster without Kerberos, where they are switched on by name (`bind-to-application`): bound to a user and a
Spark application, both of which are what a client says of itself."""

import unittest

from .world import SEEN, TABLE, World

from cluster.processes import wait_until


class WithoutKerberos(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(kerberos=False)
        cls.addClassCleanup(cls.world.close)
        cls.driver = cls.world.driver
        cls.driver.sql(TABLE)

    def test_application_reads_under_a_grant_and_others_of_its_user_do_not(self):
        self.driver.start("SELECT id, email, java_method('java.lang.Thread', 'sleep', 2000L) FROM orders ORDER BY id")
        self.assertTrue(wait_until(self.world.grants, 60, 0.05), "no grant")
        (grant,) = self.world.grants()
        self.assertEqual(
            (grant["user"], grant["job"]["application"], grant["handles"]), ("alice", self.driver.application, []))
        # No application by its caller context.
        self.assertIn("raw-table-read", self.world.cluster.shell("alice")("-cat", self.world.files[0]).stderr)
        # Another application, which asks for no grant.
        other = self.world.start_driver("alice", plugin=False)
        self.addCleanup(other.close)
        other.sql(TABLE)
        with self.assertRaisesRegex(AssertionError, "raw-table-read"):
            other.sql("SELECT * FROM orders")
        self.assertEqual([row[:2] for row in self.driver.rows()], SEEN)
        reads = [r for r in self.world.sidecar.audit(grant=grant["id"]) if r["kind"] == "decision"]
        self.assertTrue(reads)
        self.assertEqual({(r["user"], r["job"], r["reason"]) for r in reads}, {("alice", self.driver.application, "grant")})
        self.assertTrue(wait_until(lambda: not self.world.grants(self.driver.application), 30, 0.05), "it is not given back")
