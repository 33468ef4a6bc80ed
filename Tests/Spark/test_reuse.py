"""Spark carries a scan, an exchange or a subquery out once where a query has it twice, and keeps tables in memory. What
came of one decision is never used for another."""

import contextlib

from .fixture import CUSTOMERS, HASHED_EMAIL, SparkTest

GERMANS = [row[0] for row in CUSTOMERS if row[3] == "DE"]

# By what shows in the plan that a part of it was carried out once.
QUERIES = {
    "ReusedExchange": """
        SELECT /*+ BROADCAST(b), BROADCAST(c) */ a.id, b.email = c.email, b.email FROM reused a
        JOIN reused b ON a.id = b.id JOIN reused c ON a.id = c.id ORDER BY 1""",
    "ReusedSubquery": """
        SELECT id, (SELECT count(*) FROM reused) = 3, email FROM reused
        WHERE id <= (SELECT max(id) FROM reused) AND id + 1 > (SELECT min(id) FROM reused WHERE id < 9)
          AND id + 0 <= (SELECT max(id) FROM reused) ORDER BY 1""",
    "Union": "SELECT id, true, email FROM (SELECT * FROM reused UNION ALL SELECT * FROM reused) ORDER BY 1",
}


class Reuse(SparkTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.spark.table("reused", "parquet")
        cls.spark.table("reused_masked", "parquet", filters="[]", masks=HASHED_EMAIL)

    @contextlib.contextmanager
    def adaptive(self, user, value):
        """The session of a user, with plans that change while they run, or without."""
        session = self.spark.session(user)
        # Otherwise subqueries that are alike are made one before anything is planned.
        settings = {
            "spark.sql.adaptive.enabled": value,
            "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.MergeScalarSubqueries,"
                                                 "org.apache.spark.sql.catalyst.optimizer.MergeSubplans"}
        for name, setting in settings.items():
            session.conf.set(name, setting)
        try:
            yield session
        finally:
            for name in settings:
                session.conf.unset(name)

    def plan(self, frame):
        return frame._jdf.queryExecution().executedPlan()

    def scan(self, frame):
        """The scan under a grant, in a plan that does not change while it runs."""
        node = self.plan(frame)
        while node.getClass().getSimpleName() != "GovernedScan":
            node = node.children().head()
        return node

    def test_query_that_reads_a_table_several_times(self):
        for adaptive in ("true", "false"):
            for shows, text in QUERIES.items():
                with self.subTest(shows, adaptive=adaptive), self.adaptive("ann", adaptive) as session:
                    frame = session.sql(text)
                    rows = [tuple(row) for row in frame.collect()]
                    times = 2 if shows == "Union" else 1
                    self.assertEqual([row[0] for row in rows], sorted(GERMANS * times))
                    self.assertEqual({row[1] for row in rows if row[2] is not None}, {True})
                    self.assertEqual({len(row[2]) for row in rows if row[2] is not None}, {64})
                    # It is a test only if something was carried out once.
                    self.assertIn(shows, self.plan(frame).toString())
                    with self.adaptive("finn", adaptive) as other:
                        self.assertEqual(len(other.sql(text).collect()), len(CUSTOMERS) * times)

    def test_scans_of_different_decisions_are_never_the_same(self):
        text = "SELECT id FROM reused_masked"
        with self.adaptive("jo", "false") as session:
            others = self.scan(session.sql(text))
        with self.adaptive("ann", "false") as session:
            first, second = self.scan(session.sql(text)), self.scan(session.sql(text))
        self.assertTrue(first.sameResult(second))
        # What they read is the same.
        self.assertTrue(first.child().sameResult(others.child()))
        self.assertFalse(first.sameResult(others))

    def japan(self):
        self.spark.sidecar.apply(
            "users: [{name: ann, principal: ann@EXAMPLE.COM, groups: [analysts], attributes: {country: JP}}]\n")
        self.spark.settle()

    def test_table_in_memory_is_of_the_decision_by_which_it_was_read(self):
        for adaptive in ("true", "false"):
            with self.subTest(adaptive=adaptive), self.adaptive("ann", adaptive) as session:
                def ids():
                    frame = session.sql("SELECT id FROM reused ORDER BY id")
                    return [row.id for row in frame.collect()], "InMemoryRelation" in self.plan(frame).toString()

                session.sql("CACHE TABLE reused")
                self.addCleanup(session.sql, "UNCACHE TABLE IF EXISTS reused")
                self.assertEqual(ids(), (GERMANS, True))
                self.japan()
                try:
                    self.assertEqual(ids(), ([3], False))
                    # With what was planned before in the same plan.
                    self.assertEqual(
                        [tuple(row) for row in session.sql(QUERIES["Union"]).select("id").collect()], [(3,), (3,)])
                finally:
                    self.spark.apply("")
                self.assertEqual(ids(), (GERMANS, True))
                session.sql("UNCACHE TABLE reused")

    def test_frame_of_before_in_a_new_plan_goes_by_the_decision_of_now(self):
        session = self.spark.session("ann")
        before = session.table("reused").select("id")
        self.assertEqual(sorted(row.id for row in before.collect()), GERMANS)
        self.japan()
        try:
            both = before.union(session.table("reused").select("id"))
            self.assertEqual([row.id for row in both.collect()], [3, 3])
        finally:
            self.spark.apply("")
