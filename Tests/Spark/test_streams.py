"""Structured Streaming over protected tables: each batch shows what the policies of that moment let its user see."""

import shutil

from .fixture import CUSTOMERS, SparkTest
from .test_leaks import COLUMNS

# Of whom there are rows in all tables here.
IDS = {country: [row[0] for row in CUSTOMERS if row[3] == country] for country in ("DE", "JP")}


class Streams(SparkTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for format in ("parquet", "orc", "csv"):
            setattr(cls, format, cls.spark.table(f"streamed_{format}", format))

    def setUp(self):
        self.checkpoints = 0
        self.addCleanup(self.spark.apply, "")

    def stream(self, user, path, format="parquet"):
        reader = self.spark.session(user).readStream.schema(COLUMNS).format(format)
        return (reader.option("header", "true") if format == "csv" else reader).load(str(path))

    def start(self, frame, keep):
        """Begins a query that gives `keep` each of its batches."""
        self.checkpoints += 1
        place = self.spark.directory / "checkpoints" / f"{self.id()}-{self.checkpoints}"
        query = frame.writeStream.option("checkpointLocation", str(place)).foreachBatch(keep).start()
        self.addCleanup(query.stop)
        return query

    def rows(self, frame):
        """What has come by when everything is read that is there."""
        found = []
        query = self.start(frame, lambda batch, number: found.extend(map(tuple, batch.collect())))
        query.processAllAvailable()
        query.stop()
        return sorted(found, key=str)

    def of_country(self, country):
        self.spark.sidecar.apply(
            f"users: [{{name: ann, principal: ann@EXAMPLE.COM, groups: [analysts], attributes: {{country: {country}}}}}]\n")
        self.spark.settle()

    def add(self, directory, name):
        """One more file with the same rows. Without a session: who has the turn has it in streams, too."""
        (part,) = directory.glob("part-*")
        beside = directory.parent / f"{name}{part.suffix}"
        shutil.copy(part, beside)
        beside.rename(directory / f"more-{name}{part.suffix}")

    def own_directory(self, name):
        """A table for a test that adds files."""
        return self.spark.table(name, "parquet")

    def test_batches_are_filtered_and_masked(self):
        for format in ("parquet", "orc", "csv"):
            frame = self.stream("ivy", getattr(self, format), format).select("id", "email")
            with self.subTest(format):
                self.assertIn((1, "anna@example.de"), self.rows(frame))
                rows = self.rows(self.stream("ann", getattr(self, format), format).select("id", "email"))
                self.assertEqual([row[0] for row in rows], IDS["DE"])
                self.assertEqual([len(row[1] or "") for row in rows], [64, 64, 0])
        self.assertEqual(len(self.rows(self.stream("finn", self.parquet))), len(CUSTOMERS))

    def test_tables_of_the_catalog_patterns_and_what_is_made_of_a_stream(self):
        session = self.spark.session("ann")
        named = session.readStream.table("streamed_parquet").select("id", "email")
        self.assertEqual([row[0] for row in self.rows(named)], IDS["DE"])
        pattern = self.parquet.parent / "streamed_parq*"
        self.assertEqual([row[0] for row in self.rows(self.stream("ann", pattern).select("id", "email"))], IDS["DE"])
        frame = self.stream("ann", self.parquet)
        frame.createOrReplaceTempView("streamed_view")
        self.assertEqual(self.rows(session.sql("SELECT id FROM streamed_view WHERE email LIKE '%@%'")), [])
        self.assertEqual(self.rows(frame.dropDuplicates(["country"]).select("country")), [("DE",)])

    def test_sinks_get_what_one_sees(self):
        place = self.spark.directory / "sunk"
        query = self.stream("ann", self.csv, "csv").select("id", "email").writeStream.format("parquet").option(
            "checkpointLocation", f"{place}-checkpoint").start(str(place))
        self.addCleanup(query.stop)
        query.processAllAvailable()
        query.stop()
        rows = self.spark.session("ivy").read.parquet(str(place)).collect()
        self.assertEqual(sorted(row.id for row in rows), IDS["DE"])
        self.assertNotIn("@", str(rows))
        query = self.stream("ann", self.csv, "csv").writeStream.format("memory").queryName("in_memory").start()
        self.addCleanup(query.stop)
        query.processAllAvailable()
        self.assertEqual([row[0] for row in self.sql("ann", "SELECT id FROM in_memory ORDER BY id")], IDS["DE"])

    def test_batch_goes_by_the_policies_of_its_moment(self):
        directory = self.own_directory("streamed_changing")
        found = []
        query = self.start(
            self.stream("ann", directory).select("id"), lambda batch, number: found.append([row.id for row in batch.collect()]))
        query.processAllAvailable()
        self.of_country("JP")
        self.add(directory, "second")
        query.processAllAvailable()
        self.assertEqual(found, [IDS["DE"], IDS["JP"]])

    def test_static_side_of_a_join_goes_by_the_policies_of_the_moment_too(self):
        source = self.spark.directory / "free_stream"
        self.spark.session("ivy").range(10).coalesce(1).write.parquet(str(source))
        session = self.spark.session("ann")
        static = session.table("streamed_parquet").select("id", "email")
        frame = session.readStream.schema("id LONG").parquet(str(source)).join(static, "id")
        found = []
        query = self.start(frame, lambda batch, number: found.append(sorted(map(tuple, batch.collect()))))
        query.processAllAvailable()
        self.of_country("JP")
        self.add(source, "second")
        query.processAllAvailable()
        self.assertEqual([[row[0] for row in batch] for batch in found], [IDS["DE"], IDS["JP"]])
        self.assertNotIn("@", str(found))

    def test_tables_that_are_read_in_foreach_batch(self):
        found = []

        def keep(batch, number):
            static = batch.sparkSession.table("streamed_parquet")
            found.append(sorted(row.id for row in static.select("id").collect()))

        source = self.spark.directory / "free_ticks"
        self.spark.session("ivy").range(1).write.parquet(str(source))
        query = self.start(self.spark.session("ann").readStream.schema("id LONG").parquet(str(source)), keep)
        query.processAllAvailable()
        self.assertEqual(found, [IDS["DE"]])

    def test_who_is_not_subscribed_is_told_so_before_it_starts(self):
        with self.refused("streamed_parquet", "not subscribed", "owners@example.com"):
            self.stream("bob", self.parquet)
        with self.refused("streamed_parquet", "not subscribed"):
            self.spark.session("bob").readStream.table("streamed_parquet")

    def test_subscription_that_ends_in_the_middle_ends_the_stream_with_a_reason(self):
        directory = self.own_directory("streamed_ending")
        found = []
        query = self.start(
            self.stream("ann", directory).select("id"), lambda batch, number: found.append([row.id for row in batch.collect()]))
        query.processAllAvailable()
        self.spark.sidecar.apply("users: [{name: ann, principal: ann@EXAMPLE.COM}]\n")
        self.spark.settle()
        self.add(directory, "second")
        with self.assertRaisesRegex(Exception, "authorizer: .*not subscribed.*streamed_ending.*owners@example.com"):
            query.processAllAvailable()
        self.assertEqual(found, [IDS["DE"]])

    def test_format_and_columns_are_those_of_the_policies(self):
        frame = self.spark.session("ivy").readStream.text(str(self.csv))
        self.assertIn("anna@example.de", str(self.rows(frame)))
        with self.assertRaisesRegex(Exception, "authorizer: .*streamed_csv.*cannot be read as text.*owners@example.com"):
            self.rows(self.spark.session("ann").readStream.text(str(self.csv)))
        other = COLUMNS.replace("name STRING, email STRING", "email STRING, name STRING")
        with self.assertRaisesRegex(Exception, "authorizer: .*streamed_csv.*its columns are"):
            self.rows(self.spark.session("ann").readStream.schema(other).option("header", "true").csv(str(self.csv)))

    def test_streams_of_libraries_that_name_a_table_are_refused(self):
        def stream(user, place):
            return self.spark.session(user).readStream.format("strange.StrangeProvider").load(str(place))

        stream("ivy", self.csv)
        stream("ann", self.spark.directory / "unprotected")
        with self.refused("streamed_csv", "streams of this kind are not understood", "owners@example.com"):
            stream("ann", self.csv)
