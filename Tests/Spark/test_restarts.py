"""Jobs that go on while what they depend on does not: their grant ends and is renewed, the service and the NameNode are
started anew. A job ends well, or fails with words that say why; what it shows is never raw."""

import unittest

from .world import ORDERS, POLICIES, SEEN, TABLE, OrdersTest, World

from cluster.processes import wait_until

# Seconds.
START = 60


class Restarts(OrdersTest):
    def start(self):
        """A job that waits for `go`; returns its grant."""
        self.start_job()
        self.assertTrue(wait_until(self.held, START, 0.02), "no grant")
        (grant,) = self.held()
        return grant

    def of(self, grant):
        return self.world.sidecar.json("grant", "show", grant["id"])

    def test_job_outlives_its_grant_many_times_over(self):
        self.await_nothing_held()
        grant = self.start()
        # Each is in the second half of a life.
        self.assertTrue(wait_until(lambda: self.of(grant)["renewals"] >= 5, START, 0.1), "the grant is not renewed")
        self.assertEqual(self.go(), SEEN)
        self.assertEqual({read["grant"] for read in self.reads(grant)}, {grant["id"]})

    def reads(self, grant):
        return [r for r in self.world.sidecar.audit(grant=grant["id"]) if r["kind"] == "decision"]

    def assert_goes_on_after(self, interruption):
        self.await_nothing_held()
        grant = self.start()
        before = len(self.reads(grant))
        interruption()
        self.world.sidecar.await_watcher()
        self.assertEqual(self.go(), SEEN)
        # What came later was read under the same grant: it was not lost.
        self.assertGreater(len(self.reads(grant)), before)

    def test_service_is_killed_in_the_middle(self):
        def interruption():
            self.world.sidecar.kill()
            self.world.sidecar.start()

        self.assert_goes_on_after(interruption)

    def test_service_is_stopped_in_the_middle(self):
        def interruption():
            self.assertEqual(self.world.sidecar.stop(), 0)
            self.world.sidecar.start()

        self.assert_goes_on_after(interruption)

    def test_namenode_is_started_anew_in_the_middle(self):
        def interruption():
            self.world.cluster.kill("namenode")
            self.world.cluster.start("namenode")

        self.assert_goes_on_after(interruption)

    def test_job_whose_service_stays_away_fails_and_says_why(self):
        self.start()
        self.world.sidecar.kill()
        try:
            with self.assertRaises(AssertionError) as caught:
                self.go()
            self.assertRegex(str(caught.exception), "cannot be reached|did not answer in time")
            self.assertNotIn("example.com", str(caught.exception))
        finally:
            self.world.sidecar.start()
            self.world.sidecar.await_watcher()
        self.assertEqual(self.rows(), SEEN)


class Stale(unittest.TestCase):
    """A NameNode that goes by the last decision while there is no service: by none that a grant gave."""

    NOTES = "  - {name: notes, kind: files, directories: [/secure/notes], subscription: {groups: [analysts]}}\n"

    @classmethod
    def setUpClass(cls):
        cls.world = World.shared()
        cls.mode("stale")
        cls.addClassCleanup(cls.mode, None)
        (cls.note,) = cls.world.put("text", "/secure/notes", "'a note'")
        cls.world.apply(POLICIES + ORDERS + cls.NOTES)
        cls.addClassCleanup(cls.world.apply, POLICIES + ORDERS)

    @classmethod
    def mode(cls, mode):
        cls.world.cluster.restart("namenode", conf={"authorizer.failure.mode": mode})
        cls.world.sidecar.await_watcher()

    def test_answer_of_a_grant_is_not_given_again(self):
        driver, sidecar = self.world.driver, self.world.sidecar
        driver.sql("DROP TABLE IF EXISTS orders")
        driver.sql(TABLE)

        def raw(path):
            return driver.python(
                f"value = str(session.sparkContext.binaryFiles('{path}').map(lambda file: bytes(file[1])).collect())")

        self.assertEqual(driver.sql("SELECT count(*) FROM orders"), [[3]])
        # Under the grant, which lives for some seconds more, and by a subscription.
        self.assertIn("@example.com", raw(self.world.files[0]))
        self.assertIn("a note", raw(self.note))
        sidecar.kill()
        try:
            self.assertIn("a note", raw(self.note))
            with self.assertRaisesRegex(AssertionError, "the authorizer cannot be reached"):
                raw(self.world.files[0])
        finally:
            sidecar.start()
            sidecar.await_watcher()
        self.assertEqual(sorted(driver.sql("SELECT id, email FROM orders")), SEEN)
