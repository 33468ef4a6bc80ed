"""What users see: the same query over tables of every format, through every way that leads to them."""

import datetime
import hashlib

from .fixture import CUSTOMERS, SparkTest

GERMANS = [row for row in CUSTOMERS if row[3] == "DE"]


def is_hash(value):
    return isinstance(value, str) and len(value) == 64 and not set(value) - set("0123456789abcdef")


class Queries:
    """The cases. A subclass names the format of the table."""

    format = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.table = f"customers_{cls.format}"
        cls.directory = cls.spark.table(cls.table, cls.format)

    def of(self, user, text="SELECT id, email FROM {table} ORDER BY id"):
        return self.sql(user, text.format(table=self.table, path=self.directory))

    def assert_sees_own(self, rows):
        """Rows of (id, email) that Ann may see: her country's, with hashes."""
        self.assertEqual([row[0] for row in rows], [1, 2, 5])
        self.assertTrue(is_hash(rows[0][1]) and is_hash(rows[1][1]), rows)
        self.assertNotEqual(rows[0][1], rows[1][1])
        self.assertIsNone(rows[2][1])

    def test_rows_are_filtered_and_columns_masked(self):
        self.assert_sees_own(self.of("ann"))
        rows = self.of("ann", "SELECT * FROM {table} ORDER BY id")
        hidden = [row[:2] + row[3:] for row in rows]
        self.assertEqual(
            hidden, [row[:2] + row[3:5] + (row[5], ) + row[6:] for row in GERMANS])

    def test_everybody_sees_their_own(self):
        self.assertEqual([row[0] for row in self.of("jo")], [3])
        self.assertEqual(self.of("finn"), [(row[0], row[2]) for row in CUSTOMERS])
        # Ann again: nothing of others stayed.
        self.assert_sees_own(self.of("ann"))

    def test_ignored_and_unmapped_users_get_spark_as_it_is(self):
        for user in ("ivy", "zoe"):
            self.assertEqual(self.of(user), [(row[0], row[2]) for row in CUSTOMERS])
            plan = self.spark.session(user).table(self.table)._jdf.queryExecution().analyzed().toString()
            self.assertNotIn("Governed", plan)

    def test_who_is_not_subscribed_is_told_so(self):
        with self.refused(self.table, "not subscribed", "not-subscribed", "owners@example.com"):
            self.of("bob")

    def test_hash_is_of_the_value_and_the_same_everywhere(self):
        (first,) = self.of("ann", "SELECT email FROM {table} WHERE id = 1")
        (second,) = self.of("ann", "SELECT max(email) FROM {table} WHERE name = 'anna'")
        self.assertEqual(first, second)
        self.assertNotEqual(first[0], hashlib.sha256(b"anna@example.de").hexdigest())

    def test_aggregates_joins_and_set_operations(self):
        self.assertEqual(self.of("ann", "SELECT count(*), min(id), max(score) FROM {table}"), [(3, 1, 17.5)])
        self.assertEqual(
            self.of("ann", "SELECT a.id, b.id FROM {table} a JOIN {table} b ON a.email = b.email ORDER BY 1"),
            [(1, 1), (2, 2)])
        self.assert_sees_own(self.of("ann", "SELECT id, email FROM {table} UNION SELECT id, email FROM {table} ORDER BY 1"))
        self.assertEqual(self.of("ann", "SELECT id FROM {table} EXCEPT SELECT id FROM {table} WHERE id = 1 ORDER BY 1"),
                         [(2,), (5,)])
        self.assertEqual(
            self.of("ann", "SELECT country, count(*) FROM {table} GROUP BY ROLLUP (country) ORDER BY 1 NULLS LAST"),
            [("DE", 3), (None, 3)])

    def test_subqueries_and_common_table_expressions(self):
        self.assertEqual(self.of("ann", "SELECT id FROM range(9) WHERE id IN (SELECT id FROM {table}) ORDER BY 1"),
                         [(1,), (2,), (5,)])
        self.assertEqual(self.of("ann", "SELECT (SELECT count(*) FROM {table})"), [(3,)])
        self.assertEqual(
            self.of("ann", "SELECT id FROM range(9) r WHERE EXISTS (SELECT 1 FROM {table} t WHERE t.id = r.id) ORDER BY 1"),
            [(1,), (2,), (5,)])
        self.assert_sees_own(self.of(
            "ann", "WITH a AS (SELECT * FROM {table}), b AS (SELECT id, email FROM a) SELECT b.* FROM b JOIN a USING (id) "
            "ORDER BY id"))
        self.assertEqual(
            self.of("ann", "SELECT r.id, n FROM range(3) r, LATERAL (SELECT count(*) n FROM {table} t WHERE t.id = r.id) "
                    "ORDER BY 1"), [(0, 0), (1, 1), (2, 1)])

    def test_views_temporary_and_permanent(self):
        view = f"view_{self.format}"
        # Made by one who sees everything; read by who does not.
        self.of("ivy", f"CREATE VIEW {view} AS SELECT id, email, country FROM {{table}}")
        self.assert_sees_own(self.of("ann", f"SELECT id, email FROM {view} ORDER BY id"))
        self.of("ann", f"CREATE TEMP VIEW over_{view} AS SELECT id, email FROM {view}")
        self.assert_sees_own(self.of("ann", f"SELECT * FROM over_{view} ORDER BY id"))
        self.spark.session("finn").table(self.table).createOrReplaceGlobalTempView(view)
        self.assert_sees_own(self.of("ann", f"SELECT id, email FROM global_temp.{view} ORDER BY id"))
        self.assertEqual(len(self.of("finn", f"SELECT id, email FROM global_temp.{view}")), 5)

    def test_data_frames(self):
        session = self.spark.session("ann")
        frame = session.table(self.table)
        self.assert_sees_own([tuple(row) for row in frame.select("id", "email").orderBy("id").collect()])
        self.assertEqual(frame.filter("email LIKE '%example%'").count(), 0)
        self.assertEqual(frame.join(frame.select("id"), "id").count(), 3)
        self.assertEqual(frame.alias("a").join(frame.alias("b"), "country").count(), 9)
        by_path = session.read.schema(session.table(self.table).schema).format(self.format)
        if self.format == "csv":
            by_path = by_path.option("header", "true")
        by_path = by_path.load(str(self.directory))
        self.assert_sees_own([tuple(row) for row in by_path.select("id", "email").orderBy("id").collect()])

    def test_frame_made_before_the_policy_changed_goes_by_the_new_one_in_every_new_query(self):
        frame = self.spark.session("ann").table(self.table)
        self.assertEqual(frame.count(), 3)
        self.spark.sidecar.apply(
            "users: [{name: ann, principal: ann@EXAMPLE.COM, groups: [analysts], attributes: {country: JP}}]\n")
        try:
            self.spark.settle()
            self.assertEqual([row.id for row in frame.select("id").collect()], [3])
        finally:
            self.spark.apply("")
        self.assertEqual(frame.select("id").count(), 3)

    def test_what_one_caches_is_not_what_another_sees(self):
        frame = self.spark.session("ivy").table(self.table).cache()
        self.assertEqual(frame.count(), 5)
        try:
            self.assert_sees_own(self.of("ann"))
        finally:
            frame.unpersist()
        self.of("ann", "CACHE TABLE {table}")
        try:
            self.assert_sees_own(self.of("ann"))
            plan = self.spark.session("ann").table(self.table)._jdf.queryExecution().optimizedPlan().toString()
            self.assertIn("InMemoryRelation", plan)
            self.assertEqual([row[0] for row in self.of("jo")], [3])
            self.assertEqual(len(self.of("finn")), 5)
        finally:
            self.of("ann", "UNCACHE TABLE {table}")

    def test_copies_hold_what_was_seen(self):
        copy = f"copy_{self.format}"
        self.of("ann", f"CREATE TABLE {copy} USING parquet AS SELECT id, email FROM {{table}}")
        self.assert_sees_own(self.of("ivy", f"SELECT * FROM {copy} ORDER BY id"))
        self.of("ann", f"INSERT INTO {copy} SELECT id + 10, email FROM {{table}} WHERE id = 1")
        self.assertEqual(self.of("ann", f"SELECT count(*) FROM {copy}"), [(4,)])
        place = str(self.spark.directory / f"written_{self.format}")
        self.spark.session("ann").table(self.table).select("id", "email").write.parquet(place)
        written = self.spark.session("ivy").read.parquet(place).orderBy("id").collect()
        self.assert_sees_own([tuple(row) for row in written])

    def test_streams_see_what_queries_see(self):
        session = self.spark.session("ann")
        stream = session.readStream.schema(session.table(self.table).schema).format(self.format)
        if self.format == "csv":
            stream = stream.option("header", "true")
        name = f"stream_{self.format}"
        query = (stream.load(str(self.directory)).select("id", "email").writeStream.format("memory").queryName(name)
                 .trigger(availableNow=True).start())
        query.awaitTermination(60)
        self.assert_sees_own(self.of("ann", f"SELECT * FROM {name} ORDER BY id"))

    def test_predicates_of_the_user_do_not_see_hidden_rows(self):
        # Division by zero in a row that is hidden would tell of it.
        session = self.spark.session("ann")
        session.conf.set("spark.sql.ansi.enabled", "true")
        try:
            rows = self.of("ann", "SELECT id FROM {table} WHERE 1 / (id - 3) < 1000 ORDER BY id")
            self.assertEqual(rows, [(1,), (2,), (5,)])
        finally:
            session.conf.unset("spark.sql.ansi.enabled")


class ParquetQueries(Queries, SparkTest):
    format = "parquet"

    def test_path_in_sql(self):
        self.assert_sees_own(self.of("ann", "SELECT id, email FROM parquet.`{path}` ORDER BY id"))


class OrcQueries(Queries, SparkTest):
    format = "orc"


class CsvQueries(Queries, SparkTest):
    format = "csv"


class Partitioned(SparkTest):
    def test_partitions_are_filtered_by_their_values(self):
        self.spark.table("by_country", "parquet", columns=[("id", "int"), ("email", "string"), ("country", "string")],
                         rows=[(row[0], row[2], row[3]) for row in CUSTOMERS], partition="country")
        self.assertEqual(self.sql("ann", "SELECT id FROM by_country ORDER BY id"), [(1,), (2,), (5,)])
        self.assertEqual(self.sql("jo", "SELECT id, country FROM by_country"), [(3, "JP")])
        self.assertEqual(self.sql("ann", "SELECT count(DISTINCT _metadata.file_path) FROM by_country"), [(1,)])


class Masks(SparkTest):
    """Each mask, on each type that it is for."""

    def masked(self, name, masks, column, user="ann", filters="[]"):
        self.spark.table(name, "parquet", filters=filters, masks=masks)
        return [row[0] for row in self.sql(user, f"SELECT {column} FROM {name} ORDER BY id")]

    def test_null(self):
        self.assertEqual(self.masked("m_null", "[{name: m, columns: [score, name], mask: 'null'}]", "score"), [None] * 5)

    def test_constant(self):
        masks = """[{name: a, columns: [name], mask: {constant: "it's"}}, {name: b, columns: [amount], mask: {constant: '1.50'}},
                    {name: c, columns: [born], mask: {constant: '2000-01-01'}}]"""
        self.assertEqual(self.masked("m_constant", masks, "name"), ["it's"] * 5)
        rows = self.sql("ann", "SELECT DISTINCT CAST(amount AS string), CAST(born AS string) FROM m_constant")
        self.assertEqual(rows, [("1.50", "2000-01-01")])

    def test_round_numbers(self):
        masks = """[{name: a, columns: [id], mask: {round: 2}}, {name: b, columns: [score], mask: {round: 10}},
                    {name: c, columns: [amount], mask: {round: 0.5}}]"""
        self.spark.table("m_round", "parquet", filters="[]", masks=masks)
        rows = self.sql("ann", "SELECT id, score, CAST(amount AS string) FROM m_round ORDER BY country, name NULLS LAST")
        self.assertEqual(rows, [
            (0, 10.0, "123.00"), (2, -10.0, "-7.50"), (4, 0.0, "20.00"), (4, 50.0, "0.00"), (2, 90.0, "10.00")])

    def test_round_dates_in_utc_whatever_the_session_says(self):
        masks = "[{name: a, columns: [born], mask: {round: year}}, {name: b, columns: [seen], mask: {round: day}}]"
        self.spark.table("m_dates", "parquet", filters="[]", masks=masks)
        session = self.spark.session("ann")
        for zone in ("UTC", "Asia/Tokyo", "America/Los_Angeles"):
            session.conf.set("spark.sql.session.timeZone", zone)
            rows = self.sql("ann", "SELECT unix_seconds(seen), CAST(born AS string) FROM m_dates WHERE name = 'anna'")
            midnight = datetime.datetime(2026, 11, 2, tzinfo=datetime.timezone.utc).timestamp()
            self.assertEqual(rows, [(midnight, "1971-01-01")], zone)
        session.conf.unset("spark.sql.session.timeZone")

    def test_regex(self):
        masks = """[{name: m, columns: [email], mask: {regex: '^[^@]*@', replacement: '***@'}}]"""
        self.assertEqual(self.masked("m_regex", masks, "email")[:2], ["***@example.de", "***@example.de"])

    def test_expression(self):
        masks = """[{name: m, columns: [email], mask: {expression:
            "CASE WHEN country = 'DE' THEN concat(substring(email, 1, 1), '…') ELSE upper(@user) END"}}]"""
        self.assertEqual(self.masked("m_expression", masks, "email"), ["a…", "b…", "ANN", "ANN", None])

    def test_conditional_mask_is_for_rows_in_which_its_condition_is_not_false(self):
        masks = """[{name: m, columns: [score], mask: 'null', when: "length(name) = 4 AND id <> 2"}]"""
        self.assertEqual(self.masked("m_when", masks, "score"), [None, -3.25, None, None, None])

    def test_strictest_of_several_masks_first(self):
        masks = """[{name: a, columns: [email], mask: {constant: x}, when: "id = 2"}, {name: b, columns: [email], mask: hash},
                    {name: c, columns: [email], mask: 'null', when: "country = 'JP'"}]"""
        values = self.masked("m_several", masks, "email")
        self.assertTrue(is_hash(values[0]))
        self.assertEqual(values[1:3], ["x", None])

    def test_every_kind_of_condition(self):
        session = self.spark.session("ivy")
        for index, condition in enumerate([
            "id IN (1, 3)", "id NOT IN (1, 3)", "id BETWEEN 2 AND 3", "NOT id BETWEEN 2 AND 3", "name LIKE 'a%'",
            "name NOT LIKE '_e%'", "name IS NULL", "name IS NOT NULL AND id > 1", "score / 2 > 10", "id % 2 = 1",
            "-id < -2", "id + 1 = 2 OR id * 2 = 4 OR id - 1 = 4", "amount > 9.99", "amount = 10", "score = 17.5",
            "born < DATE '1982-01-01'", "seen >= TIMESTAMP '2026-11-04 00:00:00'", "year(born) = 1993",
            "month(seen) = 11 AND day(seen) = 3", "lower(upper(name)) = 'anna'", "trim(name) || 'x' = 'bertx'",
            "coalesce(name, 'none') = 'none'", "abs(score) > 3", "floor(score) = 17 OR ceil(score) = 51", "TRUE", "FALSE",
            "NULL = 1", "length(email) > 15", "substring(country, 1, 1) = 'D'", "id >= 2 AND id <= 4 AND id <> 3",
            "CASE WHEN id = 1 THEN TRUE WHEN id = 2 THEN FALSE ELSE score > 50 END",
        ]):
            name = f"f_{index}"
            self.spark.table(name, "parquet", filters=f'[{{name: f, where: "{condition}"}}]', masks="[]")
            with self.subTest(condition=condition):
                expected = [row.id for row in session.table(name).where(condition).select("id").orderBy("id").collect()]
                self.assertEqual([row[0] for row in self.sql("ann", f"SELECT id FROM {name} ORDER BY id")], expected)
