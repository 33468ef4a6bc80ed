"""What the audit says of a query that has ended: what it read, and how many rows the filters kept back of that."""

import hashlib

from .fixture import SparkTest

from cluster.processes import wait_until


class QueryReports(SparkTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for format in ("csv", "parquet"):
            cls.spark.table(f"reported_{format}", format)

    def records(self, user, text):
        """What is recorded of a query."""
        before = self.spark.sidecar.json("status")["audit"]["lastRecord"]
        self.sql(user, text)
        found = []

        def arrived():
            found[:] = [r for r in self.spark.sidecar.audit() if r["sequence"] > before and r["kind"] == "query"]
            return found

        self.assertTrue(wait_until(arrived, 30, 0.1), "no record")
        return found

    def rows_not_shown(self, text, user="ann"):
        (record,) = self.records(user, text)
        (words,) = [part for part in record["detail"].split("; ") if part.startswith("rows not shown ")]
        return words.removeprefix("rows not shown ")

    def settings(self, **settings):
        """Of Ann's session, for this test."""
        session = self.spark.session("ann")
        for name, value in settings.items():
            name = "spark.sql." + name.replace("_", ".")
            session.conf.set(name, value)
            self.addCleanup(session.conf.unset, name)

    def test_columns_filters_masks_and_text(self):
        text = "SELECT max(email) FROM reported_parquet WHERE score > 1"
        (record,) = self.records("ann", text)
        self.assertEqual((record["user"], record["dataSource"]), ("ann", "reported_parquet"))
        self.assertEqual(record["job"], self.spark.driver.sparkContext.applicationId)
        # The filter reads a column that the query does not name.
        for word in ("country, score", "hashed-email", "own-country", hashlib.sha256(text.encode()).hexdigest()):
            self.assertIn(word, record["detail"])

    def test_rows_that_filters_keep_back_are_counted(self):
        self.assertEqual(self.rows_not_shown("SELECT max(id) FROM reported_csv"), "2")
        # Of what was read, whatever the query itself leaves out of it.
        self.assertEqual(self.rows_not_shown("SELECT id FROM reported_csv WHERE id > 4"), "2")
        self.assertEqual(self.rows_not_shown("SELECT id FROM reported_csv", user="jo"), "4")
        self.assertEqual(self.rows_not_shown("SELECT id FROM reported_csv", user="finn"), "0")

    def test_conditions_that_are_pushed_into_a_file_make_the_count_a_bound(self):
        self.assertEqual(self.rows_not_shown("SELECT max(id) FROM reported_parquet"), "at least 2")
        self.spark.table("reported_odd", "parquet", filters="[{name: odd, where: 'coalesce(id, 0) % 2 = 1'}]", masks="[]")
        # Parquet keeps nothing by which it could skip rows for such a condition.
        self.assertEqual(self.rows_not_shown("SELECT max(id) FROM reported_odd"), "2")
        self.assertEqual(self.rows_not_shown("SELECT max(id) FROM reported_odd WHERE id > 1"), "at least 2")

    def test_partitions_that_are_left_out_make_the_count_a_bound(self):
        self.spark.table(
            "reported_parts", "csv", columns=[("id", "int"), ("country", "string")], partition="country", masks="[]",
            rows=[(1, "DE"), (2, "JP"), (3, "JP")])
        self.assertEqual(self.rows_not_shown("SELECT id FROM reported_parts"), "at least 0")
        (record,) = self.records("ann", "SELECT id FROM reported_parts")
        self.assertIn("columns read id, country", record["detail"])

    def test_query_that_stops_early_makes_the_count_a_bound(self):
        self.assertRegex(self.rows_not_shown("SELECT id FROM reported_csv LIMIT 1"), "^at least [012]$")

    def test_partition_that_is_read_again_and_again_is_counted_once(self):
        # Small tasks; and the right side of a product is read anew for each of those of the left side.
        self.settings(autoBroadcastJoinThreshold="-1", files_maxPartitionBytes="64b", files_openCostInBytes="1b")
        # Both sides are counted.
        text = "SELECT count(*) FROM reported_csv a CROSS JOIN reported_csv b"
        session = self.spark.session("ann")
        plan = session.sql(text)._jdf.queryExecution().toString()
        self.assertIn("CartesianProduct", plan)
        self.assertGreater(session.table("reported_csv").rdd.getNumPartitions(), 1)
        self.assertEqual(self.rows_not_shown(text), "4")

    def test_table_that_is_read_for_several_parts_of_a_query(self):
        found = self.rows_not_shown("SELECT id FROM reported_csv WHERE id IN (SELECT max(id) FROM reported_csv)")
        self.assertEqual(found, "4")
        records = self.records("ann", "SELECT a.id FROM reported_csv a JOIN reported_parquet b ON a.id = b.id")
        self.assertEqual(sorted(r["dataSource"] for r in records), ["reported_csv", "reported_parquet"])

    def test_what_was_not_read_from_files_was_not_counted(self):
        self.sql("ann", "CACHE TABLE kept AS SELECT id, country FROM reported_csv")
        try:
            (record,) = self.records("ann", "SELECT max(id) FROM kept")
            self.assertIn("columns read none", record["detail"])
            self.assertIn("rows not shown unknown", record["detail"])
        finally:
            self.sql("ann", "DROP VIEW kept")
        # The optimizer sees that nothing can fit both conditions.
        self.assertEqual(self.rows_not_shown("SELECT id FROM reported_csv WHERE country = 'JP' AND country <> 'JP'"), "unknown")

    def test_copy_counts_as_its_query_does(self):
        self.assertEqual(self.rows_not_shown("CREATE TABLE reported_copy USING parquet AS SELECT id FROM reported_csv"), "2")
