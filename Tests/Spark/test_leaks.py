"""Ways round filters and masks. Each test first shows that the way is open without what closes it."""

import contextlib
import glob
import json
import os
import pathlib

from .fixture import CUSTOMERS, HASHED_EMAIL, POLICIES, TABLE, SparkTest

from sidecar import SidecarError

EMAILS = [row[2] for row in CUSTOMERS if row[2]]
COLUMNS = "id INT, name STRING, email STRING, country STRING, born DATE, seen TIMESTAMP, score DOUBLE, amount DECIMAL(10,2)"


class Leaks(SparkTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for format in ("parquet", "orc", "csv"):
            setattr(cls, format, str(cls.spark.table(f"secrets_{format}", format)))

    @property
    def ivy(self):
        return self.spark.session("ivy")

    def ann(self):
        return self.spark.session("ann")

    def assert_shows(self, frame):
        """The attack, by one whom no policy binds."""
        text = str([tuple(map(str, row)) for row in frame.collect()])
        self.assertTrue(any(email in text for email in EMAILS), text)

    def assert_hides(self, frame):
        text = str([tuple(map(str, row)) for row in frame.collect()])
        for email in EMAILS:
            self.assertNotIn(email, text)

    def test_function_registered_under_a_known_name(self):
        from pyspark.sql.types import StringType

        session = self.spark.session("ann")
        # Spark 4 asks for built-in functions first, unless it is told otherwise.
        session.conf.set("spark.sql.functionResolution.sessionOrder", "first")
        for name in ("sha2", "salted_hash", "if", "concat"):
            session.udf.register(name, lambda *values: values[0], StringType())
        self.assertEqual(session.sql("SELECT sha2('raw', 256)").collect()[0][0], "raw")
        self.assert_hides(session.sql("SELECT email FROM secrets_parquet"))
        # It would unmask: who has no policy sees what the function gives.
        self.assertEqual(session.sql("SELECT concat('raw', 'more')").collect()[0][0], "raw")

    def test_settings_that_change_what_sql_means(self):
        self.spark.table(
            "secrets_regex", "parquet", masks="[{name: m, columns: [email], mask: {regex: '^\\w+', replacement: x}}]")
        words = "SELECT regexp_replace(email, '^\\\\w+', 'x') FROM secrets_regex"
        self.assert_hides(self.ivy.sql(words))
        settings = {
            "parser.escapedStringLiterals": "true", "parser.quotedRegexColumnNames": "true", "ansi.enabled": "true",
            "ansi.doubleQuotedIdentifiers": "true", "caseSensitive": "true", "legacy.timeParserPolicy": "LEGACY",
        }
        for user in ("ivy", "ann"):
            session = self.spark.session(user)
            for name, value in settings.items():
                session.conf.set(f"spark.sql.{name}", value)
            try:
                if user == "ivy":
                    self.assert_shows(session.sql(words))
                else:
                    frame = session.sql("SELECT id, email FROM secrets_regex ORDER BY id")
                    self.assertEqual([tuple(row) for row in frame.collect()], [
                        (1, "x@example.de"), (2, "x@example.de"), (5, None)])
            finally:
                for name in settings:
                    session.conf.unset(f"spark.sql.{name}")

    def test_mask_that_gives_another_type(self):
        # What became of it would be an error that shows the hash, or null in every row.
        with contextlib.suppress(Exception):
            rows = self.sql("ivy", "SELECT CAST(sha2(CAST(id AS STRING), 256) AS INT) FROM secrets_parquet")
            self.assertEqual(rows, [(None, )] * 5)
        for mask in ("hash", "{regex: a, replacement: b}", "{constant: x}", "{expression: email}"):
            policies = POLICIES + TABLE.format(
                name="mistyped", directory="/nowhere", format="parquet", filters="[]",
                columns="{name: id, type: int}, {name: email, type: string}",
                masks=f"[{{name: m, columns: [id], mask: {mask}}}]")
            with self.subTest(mask), self.assertRaisesRegex(SidecarError, "mistyped"):
                self.spark.sidecar.apply(policies)

    def test_mask_of_a_column_that_is_missing(self):
        for masks, filters in (
            ("[{name: m, columns: [emial], mask: 'null'}]", "[]"), ("[]", "[{name: f, where: emial = 'x'}]"),
        ):
            policies = POLICIES + TABLE.format(
                name="misspelt", directory="/nowhere", format="parquet", columns="{name: email, type: string}",
                filters=filters, masks=masks)
            with self.assertRaisesRegex(SidecarError, "emial"):
                self.spark.sidecar.apply(policies)
        # Nor may a session leave the column out.
        self.assertEqual(self.ivy.read.schema("id INT").parquet(self.parquet).count(), 5)
        with self.refused("secrets_parquet", "its columns are"):
            self.ann().read.schema("id INT").parquet(self.parquet).count()

    def test_policy_that_reads_a_table(self):
        # As a rule that puts a policy over every table that it finds would do without end.
        for condition in ("id IN (SELECT id FROM circular)", "EXISTS (SELECT 1 FROM circular)", "id = (SELECT 1)"):
            policies = POLICIES + TABLE.format(
                name="circular", directory="/nowhere", format="parquet", columns="{name: id, type: int}",
                filters=f"[{{name: f, where: {condition}}}]", masks="[]")
            with self.subTest(condition), self.assertRaisesRegex(SidecarError, "circular"):
                self.spark.sidecar.apply(policies)

    def test_columns_by_their_numbers(self):
        from pyspark.sql.types import IntegerType, StringType, StructField, StructType

        def schema(*names):
            numbers = {"id": 1, "name": 2, "email": 3}
            return StructType([
                StructField(name, IntegerType() if name == "id" else StringType(), True,
                            {"parquet.field.id": numbers[shown]}) for name, shown in names])

        place = str(self.spark.directory / "numbered")
        rows = [(row[0], row[1], row[2]) for row in CUSTOMERS]
        named = schema(("id", "id"), ("name", "name"), ("email", "email"))
        self.ivy.createDataFrame(rows, named).write.parquet(place)
        self.spark.apply(TABLE.format(
            name="numbered", directory=place, format="parquet", filters="[]", masks=HASHED_EMAIL,
            columns="{name: id, type: int}, {name: name, type: string}, {name: email, type: string}"))
        swapped = schema(("id", "id"), ("name", "email"), ("email", "name"))
        for user in ("ivy", "ann"):
            session = self.spark.session(user)
            session.conf.set("spark.sql.parquet.fieldId.read.enabled", "true")
            try:
                frame = session.read.schema(swapped).parquet(place).select("name")
                (self.assert_shows if user == "ivy" else self.assert_hides)(frame)
            finally:
                session.conf.unset("spark.sql.parquet.fieldId.read.enabled")
        # ORC can be told to go by the order of columns.
        other = COLUMNS.replace("name STRING, email STRING", "email STRING, name STRING")
        options = {"orc.force.positional.evolution": "true"}
        self.assert_shows(self.ivy.read.schema(other).options(**options).orc(self.orc).select("name"))
        with self.refused("secrets_orc", "its columns are"):
            self.ann().read.schema(other).options(**options).orc(self.orc).collect()
        self.assert_hides(self.ann().read.schema(COLUMNS).options(**options).orc(self.orc))

    def test_code_in_the_driver_reads_what_the_file_system_lets_it(self):
        # No rule of plans is asked. On HDFS the NameNode is, and denies it without a grant: `test_grants`.
        session = self.ann()
        lines = session.sparkContext.textFile(self.csv).collect()
        self.assertTrue(any(email in str(lines) for email in EMAILS))
        self.assert_hides(session.table("secrets_csv"))

    def test_frame_that_was_planned_before_goes_by_the_decision_of_then(self):
        frame = self.ann().table("secrets_parquet").select("id").orderBy("id")
        self.assertEqual([row.id for row in frame.collect()], [1, 2, 5])
        self.spark.sidecar.apply(
            "users: [{name: ann, principal: ann@EXAMPLE.COM, groups: [analysts], attributes: {country: JP}}]\n")
        try:
            self.spark.settle()
            # What bounds it is the grant: `test_grants`.
            self.assertEqual([row.id for row in frame.collect()], [1, 2, 5])
            self.assertEqual([row.id for row in frame.where("id > 0").collect()], [3])
        finally:
            self.spark.apply("")

    def test_csv_as_text_or_bytes(self):
        self.assert_shows(self.ivy.read.text(self.csv))
        with self.refused("secrets_csv", "cannot be read as text", "owners@example.com"):
            self.ann().read.text(self.csv).collect()
        self.assert_shows(self.ivy.read.format("binaryFile").load(self.csv))
        with self.refused("secrets_csv", "cannot be read as binaryfile"):
            self.ann().read.format("binaryFile").load(self.csv).collect()

    def test_csv_with_other_columns(self):
        other = COLUMNS.replace("name STRING, email STRING", "email STRING, name STRING")
        frame = self.ivy.read.schema(other).option("header", "true").option("enforceSchema", "true").csv(self.csv)
        self.assert_shows(frame.select("name"))
        with self.refused("secrets_csv", "its columns are"):
            self.ann().read.schema(other).option("header", "true").csv(self.csv).collect()
        # Spark finds out a schema by reading lines as text.
        self.assert_shows(self.ivy.read.csv(self.csv))
        with self.refused("secrets_csv", "cannot be read as text", "give it a schema"):
            self.ann().read.csv(self.csv).collect()

    def test_csv_with_a_separator_that_is_not_there(self):
        options = {"sep": "\x01", "header": "true"}
        # All of a line is in the first column, which no policy hides.
        lines = COLUMNS.replace("id INT, name STRING, email STRING", "id STRING, name STRING, email STRING")
        self.assert_shows(self.ivy.read.schema(lines).options(**options).csv(self.csv))
        with self.refused("secrets_csv", "its columns are"):
            self.ann().read.schema(lines).options(**options).csv(self.csv).collect()
        # With the columns that are declared, the line is read by the policy's separator all the same.
        frame = self.ann().read.schema(COLUMNS).options(**options).csv(self.csv)
        self.assert_hides(frame)
        self.assertEqual([row.name for row in frame.orderBy("id").collect()], ["anna", "bert", None])

    def test_csv_record_that_is_corrupt(self):
        broken = pathlib.Path(self.csv, "broken.csv")
        broken.write_text("id,name,email,country,born,seen,score,amount\nx,y,anna@example.de,DE,no,no,no,no\n")
        named = {"header": "true", "columnNameOfCorruptRecord": "name"}
        try:
            # The whole line in a column that no policy hides.
            frame = self.ivy.read.schema(COLUMNS).options(**named).csv(self.csv).select("id", "name").where("id IS NULL")
            self.assert_shows(frame)
            frame = self.ann().read.schema(COLUMNS).options(**named).csv(self.csv).select("id", "name")
            self.assert_hides(frame.where("id IS NULL"))
            session = self.ann()
            session.conf.set("spark.sql.columnNameOfCorruptRecord", "name")
            try:
                self.assert_hides(session.sql("SELECT id, name FROM secrets_csv"))
            finally:
                session.conf.unset("spark.sql.columnNameOfCorruptRecord")
            # An error that shows what was read of the row.
            strict = {"header": "true", "mode": "FAILFAST"}
            with self.assertRaisesRegex(Exception, "anna@example.de"):
                self.ivy.read.schema(COLUMNS).options(**strict).csv(self.csv).collect()
            self.assert_hides(self.ann().read.schema(COLUMNS).options(**strict).csv(self.csv))
        finally:
            broken.unlink()

    def test_table_of_ones_own_over_the_same_files(self):
        for format in ("parquet", "orc", "csv"):
            place = getattr(self, format)
            name = f"mine_{format}"
            columns = COLUMNS.replace("email", "harmless") if format == "csv" else COLUMNS
            self.sql("ann", f"CREATE TABLE {name} ({columns}) USING {format} OPTIONS (header 'true') LOCATION '{place}'")
            if format == "csv":
                self.assert_shows(self.ivy.table(name))
                with self.refused("secrets_csv", "its columns are"):
                    self.sql("ann", f"SELECT * FROM {name}")
            else:
                self.assert_shows(self.ivy.table(name))
                self.assert_hides(self.ann().table(name))

    def test_symbolic_link(self):
        link = self.spark.directory / "link"
        if not link.exists():
            link.symlink_to(self.parquet)
        self.assert_shows(self.ivy.read.parquet(str(link)))
        self.assert_hides(self.ann().read.parquet(str(link)))
        (part,) = glob.glob(f"{self.parquet}/part-*.parquet")
        self.assert_shows(self.ivy.read.parquet(part))
        self.assert_hides(self.ann().read.parquet(part))

    def test_directory_above_and_mixtures(self):
        above = str(pathlib.Path(self.parquet).parent)
        frame = self.ivy.read.schema("email STRING").option("recursiveFileLookup", "true")
        self.assert_shows(frame.option("pathGlobFilter", "part-*.parquet").parquet(above))
        with self.refused("holds the table"):
            self.ann().read.schema("email STRING").option("recursiveFileLookup", "true").parquet(above).collect()
        free = str(self.spark.directory / "free")
        self.ivy.range(1).write.mode("overwrite").parquet(free)
        with self.refused("secrets_parquet", "different data sources"):
            self.ann().read.schema(COLUMNS).parquet(self.parquet, free).collect()

    def test_log_of_a_stream_that_names_files_of_others(self):
        """A directory that a stream wrote is read by its log, which may name any file."""
        directory = self.spark.directory / "written_by_a_stream"
        (directory / "_spark_metadata").mkdir(parents=True)
        (file,) = glob.glob(f"{self.parquet}/part-*.parquet")
        entry = {
            "path": pathlib.Path(file).as_uri(), "size": os.path.getsize(file), "isDir": False, "modificationTime": 1,
            "blockReplication": 1, "blockSize": 1 << 20, "action": "add"}
        (directory / "_spark_metadata" / "0").write_text(f"v1\n{json.dumps(entry)}")

        def read(session):
            return session.read.schema(COLUMNS).option("recursiveFileLookup", "true").parquet(str(directory))

        self.assert_shows(read(self.ivy))
        session = self.ann()
        for sources in ("parquet", ""):
            with self.subTest(sources=sources):
                session.conf.set("spark.sql.sources.useV1SourceList", sources)
                try:
                    with self.refused("secrets_parquet", "different data sources"):
                        read(session).collect()
                finally:
                    session.conf.unset("spark.sql.sources.useV1SourceList")

    def test_partition_that_claims_another_value(self):
        place = self.spark.table(
            "secrets_by_country", "parquet", columns=[("id", "int"), ("email", "string"), ("country", "string")],
            rows=[(row[0], row[2], row[3]) for row in CUSTOMERS], partition="country", masks="[]")
        for user, name in (("ivy", "claims_1"), ("ann", "claims_2")):
            self.sql(user, f"CREATE TABLE {name} (id INT, email STRING, country STRING) USING parquet "
                     f"PARTITIONED BY (country) LOCATION '{place}'")
            self.sql("ivy", f"ALTER TABLE {name} ADD PARTITION (country = 'DE') LOCATION '{place}/country=JP'")
        self.assertEqual(self.sql("ivy", "SELECT id FROM claims_1 WHERE country = 'DE'"), [(3,)])
        with self.refused("secrets_by_country", "lies elsewhere"):
            self.sql("ann", "SELECT id FROM claims_2")

    def test_masked_partition_column(self):
        self.spark.table(
            "masked_partition", "parquet", columns=[("id", "int"), ("country", "string")], partition="country",
            rows=[(row[0], row[3]) for row in CUSTOMERS], filters="[]",
            masks="[{name: m, columns: [country], mask: 'null'}]")
        with self.refused("masked_partition", "partitioned by it"):
            self.sql("ann", "SELECT id, _metadata.file_path FROM masked_partition")

    def test_statistics_and_partitions_show_values(self):
        self.sql("ivy", "ANALYZE TABLE secrets_parquet COMPUTE STATISTICS FOR ALL COLUMNS")
        self.assertIn(("max", "99.0"), self.sql("ivy", "DESCRIBE EXTENDED secrets_parquet score"))
        for command in (
            "DESCRIBE EXTENDED secrets_parquet score", "ANALYZE TABLE secrets_parquet COMPUTE STATISTICS",
            "ANALYZE TABLE secrets_parquet COMPUTE STATISTICS FOR ALL COLUMNS", "TRUNCATE TABLE secrets_parquet",
        ):
            with self.subTest(command), self.refused("secrets_parquet", "is refused then"):
                self.sql("ann", command)
        self.sql("finn", "DESCRIBE EXTENDED secrets_parquet score")
        # Estimates are made of statistics of all rows.
        for user, shown in (("ivy", True), ("ann", False)):
            session = self.spark.session(user)
            session.conf.set("spark.sql.cbo.enabled", "true")
            plan = str(self.sql(user, "EXPLAIN COST SELECT id FROM secrets_parquet WHERE score > 98"))
            session.conf.unset("spark.sql.cbo.enabled")
            self.assertEqual("rowCount" in plan, shown, plan)
        self.sql("ann", "DESCRIBE TABLE secrets_parquet")

    def test_names_of_partitions_show_values(self):
        self.spark.table(
            "secrets_parts", "parquet", columns=[("id", "int"), ("country", "string")], partition="country",
            rows=[(row[0], row[3]) for row in CUSTOMERS], masks="[]")
        self.assertIn(("country=JP", ), self.sql("ivy", "SHOW PARTITIONS secrets_parts"))
        for command in ("SHOW PARTITIONS secrets_parts", "ALTER TABLE secrets_parts DROP PARTITION (country = 'JP')"):
            with self.subTest(command), self.refused("secrets_parts", "is refused then"):
                self.sql("ann", command)

    def test_changing_rows_tells_of_rows_that_are_hidden(self):
        # Spark's own tables of files have none of these; what has, counts the rows that are changed.
        for command in (
            "DELETE FROM secrets_parquet WHERE score > 98", "UPDATE secrets_parquet SET name = 'x' WHERE score > 98",
            "MERGE INTO secrets_parquet t USING secrets_orc s ON t.id = s.id WHEN MATCHED THEN DELETE",
        ):
            with self.subTest(command):
                with self.assertRaisesRegex(Exception, "UNSUPPORTED_FEATURE|not support"):
                    self.sql("ivy", command)
                with self.refused("secrets_parquet", "is refused then"):
                    self.sql("ann", command)

    def test_overwriting_what_one_sees_would_lose_the_rest(self):
        self.sql("ivy", "CREATE TABLE overwritten USING parquet AS SELECT * FROM secrets_orc")
        self.sql("ann", "INSERT OVERWRITE overwritten SELECT * FROM secrets_orc")
        self.assertEqual(self.sql("ivy", "SELECT count(*) FROM overwritten"), [(3,)])
        with self.refused("secrets_parquet", "is refused then"):
            self.sql("ann", f"INSERT OVERWRITE DIRECTORY '{self.parquet}' USING parquet SELECT * FROM secrets_orc")
        with self.refused("secrets_parquet", "is refused then"):
            self.sql("ann", "INSERT OVERWRITE secrets_parquet SELECT * FROM secrets_orc")
        with self.refused("secrets_parquet", "is refused then"):
            self.ann().table("secrets_orc").write.mode("overwrite").parquet(self.parquet)
        self.assertEqual(self.sql("ivy", "SELECT count(*) FROM secrets_parquet"), [(5,)])

    def test_directory_holds_what_one_sees(self):
        for user, count in (("ivy", 5), ("ann", 3)):
            place = self.spark.directory / f"directory_{user}"
            self.sql(user, f"INSERT OVERWRITE DIRECTORY '{place}' USING parquet SELECT id, email FROM secrets_orc")
            frame = self.ivy.read.parquet(str(place))
            self.assertEqual(frame.count(), count)
            (self.assert_shows if user == "ivy" else self.assert_hides)(frame)

    def test_plans_and_event_log_hold_no_salt(self):
        import base64
        import json

        # A mask in the words of SQL.
        explained = self.sql("ivy", "EXPLAIN SELECT sha2(concat('pepper', email), 256) FROM secrets_parquet")
        self.assertIn("pepper", str(explained))

        from Service.wire import COMMAND, Wire, frame

        with Wire(self.spark.sidecar.socket) as wire:
            look_up = {"principal": "ann@EXAMPLE.COM", "relations": [{"paths": [self.parquet]}]}
            command = {"spark": {"_0": {"lookUp": {"_0": look_up}}}}
            wire.send(frame(COMMAND, 1, b"\0" + json.dumps(command).encode()))
            answer = json.loads(wire.receive()[2][1:])
        (mask,) = answer["done"]["_0"]["relations"][0]["masks"]
        salt = base64.b64decode(mask["salt"])
        self.assertEqual(len(salt), 32)
        frame_of_ann = self.ann().sql("SELECT email FROM secrets_parquet")
        frame_of_ann.collect()
        execution = frame_of_ann._jdf.queryExecution()
        shown = execution.toString() + execution.analyzed().prettyJson() + execution.optimizedPlan().prettyJson()
        for mode in ("EXPLAIN EXTENDED", "EXPLAIN FORMATTED", "EXPLAIN CODEGEN", "EXPLAIN COST"):
            shown += str(self.sql("ann", f"{mode} SELECT email FROM secrets_parquet"))
        self.assertIn("salted_hash", shown)
        shown = shown.encode()
        for log in glob.glob(f"{self.spark.directory}/local-*"):
            shown += pathlib.Path(log).read_bytes()
        signed = str([byte - 256 if byte > 127 else byte for byte in salt])[1:-1]
        for form in (salt, mask["salt"].encode(), salt.hex().encode(), signed.encode(), signed.replace(" ", "").encode()):
            self.assertNotIn(form, shown)

    def test_rules_excluded_by_the_session(self):
        session = self.ann()
        session.conf.set("spark.sql.optimizer.excludedRules", "authorizer.spark.RemoveMarkers")
        try:
            with self.assertRaises(Exception) as caught:
                session.sql("SELECT email FROM secrets_parquet").collect()
            self.assertNotIn("example.de", str(caught.exception))
        finally:
            session.conf.unset("spark.sql.optimizer.excludedRules")

    def test_settings_of_the_session_do_not_count(self):
        session = self.ann()
        for name in ("spark.authorizer.schemes", "spark.authorizer.socket"):
            session.conf.set(name, "/nowhere")
        try:
            self.assert_hides(session.sql("SELECT email FROM secrets_parquet"))
        finally:
            for name in ("spark.authorizer.schemes", "spark.authorizer.socket"):
                session.conf.unset(name)

    def test_sources_of_the_second_kind_are_refused(self):
        for user in ("ivy", "ann"):
            session = self.spark.session(user)
            session.conf.set("spark.sql.sources.useV1SourceList", "")
            try:
                if user == "ivy":
                    self.assert_shows(session.read.parquet(self.parquet))
                else:
                    with self.refused("secrets_parquet", "not understood"):
                        session.read.parquet(self.parquet).collect()
            finally:
                session.conf.unset("spark.sql.sources.useV1SourceList")

    def test_format_that_the_policies_do_not_name(self):
        place = self.spark.table("unsaid", "parquet", said_format="orc")
        self.assert_shows(self.ivy.read.parquet(str(place)))
        with self.refused("unsaid", "stored as orc"):
            self.sql("ann", "SELECT * FROM unsaid")


class Unavailable(SparkTest):
    def test_without_the_service_nothing_is_read_that_may_be_protected(self):
        place = str(self.spark.table("while_down", "parquet"))
        session = self.spark.session("ann")
        self.assertEqual(session.table("while_down").count(), 3)
        self.spark.sidecar.kill()
        try:
            self.spark.settle()
            with self.refused("cannot be told", "unavailable"):
                session.read.schema(COLUMNS).parquet(place).collect()
            # What is not in a file is not asked about.
            self.assertEqual(session.range(3).count(), 3)
        finally:
            self.spark.sidecar.start()
        self.assertEqual(session.table("while_down").count(), 3)
