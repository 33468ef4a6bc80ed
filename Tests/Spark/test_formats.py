"""Tables of every format on a Kerberized HDFS, read under grants: with executors in the driver, and in processes of their
own. The same cases for each; a subclass says how its table is stored."""

import tempfile
import unittest

from .world import TABLE, World

COLUMNS = "id BIGINT, email STRING, country STRING, score DOUBLE"

POLICIES = """\
groups: [{{name: analysts}}, {{name: fraud}}]
users:
  - {{name: alice, principal: alice@EXAMPLE.COM, groups: [analysts]}}
  - {{name: erin, principal: erin@EXAMPLE.COM, groups: [analysts, fraud]}}
data-sources:
  - name: {name}
    kind: table
    directories: [/secure/{name}]
    contact: owners@example.com
    subscription: {{groups: [analysts]}}
    format: {format}
    columns: [{{name: id, type: bigint}}, {{name: email, type: string}}, {{name: country, type: string}},
              {{name: score, type: double}}]
    row-filters: [{{name: germans, where: country = 'DE', except: {{groups: [fraud]}}}}]
    masks: [{{name: no-email, columns: [email], mask: {{regex: '^[^@]*', replacement: '***'}}, except: {{groups: [fraud]}}}}]
"""

# Every second is German; one in four has no address.
SELECT = """id, if(id % 4 = 3, NULL, concat('user', id, '@example.com')) AS email, if(id % 2 = 1, 'DE', 'FR') AS country,
            id / 2 AS score FROM range(8)"""
MASKED = [[1, "***@example.com", 0.5], [3, None, 1.5], [5, "***@example.com", 2.5], [7, None, 3.5]]
ALL = [[n, None if n % 4 == 3 else f"user{n}@example.com", n / 2] for n in range(8)]


def alice(master):
    """Alice's driver, with Hive."""
    return on_hive("alice", master)


def on_hive(user, master):
    world = World.shared()
    place = f"{world.directory}/metastore-{user}-{master.partition('[')[0]}"
    return world.kept_driver(
        user, master=master, spark_sql_catalogImplementation="hive",
        # Erin's sessions take no code.
        spark_authorizer_code="refuse" if user == "erin" else "allow",
        spark_hadoop_javax_jdo_option_ConnectionURL=f"jdbc:derby:;databaseName={place};create=true")


class Formats:
    """The cases."""

    # As the policies and the catalog say.
    name = None
    format = None
    stored = None
    kind = "TABLE"

    @classmethod
    def setUpClass(cls):
        cls.world = World.shared()
        cls.fill()
        cls.world.apply(POLICIES.format(name=cls.name, format=cls.format))

    @classmethod
    def fill(cls):
        cls.world.put(cls.stored, f"/secure/{cls.name}", SELECT, files=2)

    def table(self):
        return f"CREATE TABLE {self.name} ({COLUMNS}) {self.how()} LOCATION '/secure/{self.name}'"

    def how(self):
        return f"USING {self.stored}"

    def driver(self, master):
        return self.world.driver if master == "local[1]" else alice(master)

    def of(self, driver, text):
        driver.sql(f"DROP {self.kind} IF EXISTS {self.name}")
        driver.sql(self.table())
        return driver.sql(text.format(table=self.name))

    def assert_masked(self, driver):
        self.assertEqual(self.of(driver, "SELECT id, email, score FROM {table} ORDER BY id"), MASKED)
        self.assertEqual(self.of(driver, "SELECT count(*), max(score) FROM {table} WHERE email LIKE 'user%'"), [[0, None]])
        driver.sql("DROP TABLE IF EXISTS orders")
        driver.sql(TABLE)
        self.assertEqual(
            self.of(driver, "SELECT a.id, b.email FROM {table} a JOIN orders b ON a.id = b.id"), [[1, "hidden"]])

    def test_executor_in_the_driver(self):
        self.assert_masked(self.driver("local[1]"))

    def test_executor_in_a_process_of_its_own(self):
        self.assert_masked(self.driver("local-cluster[1,1,600]"))

    def test_who_is_excepted_sees_everything_under_a_grant_too(self):
        self.assertEqual(self.of(on_hive("erin", "local[1]"), "SELECT id, email, score FROM {table} ORDER BY id"), ALL)
        (file, *_) = [name for name in self.world.hdfs("-ls", "-R", "-C", f"/secure/{self.name}").split() if "part-" in name]
        self.assertIn("raw-table-read", self.world.cluster.shell("erin")("-cat", file).stderr)


class Orc(Formats, unittest.TestCase):
    name, format, stored = "in_orc", "orc", "orc"


class PartitionedParquet(Formats, unittest.TestCase):
    name, format, stored = "in_partitions", "parquet", "parquet"
    # Its partitions are found by their directories; a table's would have to be put into each catalog.
    kind = "VIEW"

    @classmethod
    def fill(cls):
        cls.world.put(
            cls.stored, f"/secure/{cls.name}", f"id, email, score, country FROM (SELECT {SELECT})", partition="country")

    def table(self):
        return (f"CREATE TEMPORARY VIEW {self.name} ({COLUMNS}) USING parquet "
                f"OPTIONS (path '/secure/{self.name}')")


class Csv(Formats, unittest.TestCase):
    name, format, stored = "in_csv", "{csv: {header: true, separator: ';'}}", "csv"

    @classmethod
    def fill(cls):
        cls.world.put("csv", f"/secure/{cls.name}", SELECT, files=2, options="header 'true', sep ';'")

    def how(self):
        # Whatever a table says of its own, the policies say how it is read; who is excepted reads what the table says.
        return "USING csv OPTIONS (header 'true', sep ';')"


class HiveText(Formats, unittest.TestCase):
    name, format, stored = "in_text", "text", "text"

    @classmethod
    def fill(cls):
        line = "concat_ws(char(1), id, coalesce(email, '\\\\N'), country, score) AS line"
        cls.world.put("text", f"/secure/{cls.name}", f"{line} FROM (SELECT {SELECT})", files=2)

    def how(self):
        return "STORED AS TEXTFILE"

    def driver(self, master):
        return alice(master)

    def test_table_that_says_otherwise_of_the_files_is_read_as_the_policies_say(self):
        driver = alice("local[1]")
        driver.sql("DROP TABLE IF EXISTS claimed")
        driver.sql(
            f"CREATE TABLE claimed ({COLUMNS}) ROW FORMAT DELIMITED FIELDS TERMINATED BY '@' NULL DEFINED AS 'DE' "
            f"STORED AS TEXTFILE LOCATION '/secure/{self.name}'")
        self.assertEqual(driver.sql("SELECT id, email, score FROM claimed ORDER BY id"), MASKED)
        driver.sql("DROP TABLE IF EXISTS renamed")
        driver.sql(f"CREATE TABLE renamed (line STRING) STORED AS TEXTFILE LOCATION '/secure/{self.name}'")
        with self.assertRaisesRegex(AssertionError, "AnalysisException.*authorizer: .*its columns are"):
            driver.sql("SELECT * FROM renamed")


class Refused(unittest.TestCase):
    """What Alice, from whom something is hidden, is refused."""

    @classmethod
    def setUpClass(cls):
        cls.world = World.shared()
        cls.driver = alice("local[1]")
        cls.driver.sql("DROP TABLE IF EXISTS orders")
        cls.driver.sql(TABLE)

    def assert_refused(self, text, words):
        with self.assertRaisesRegex(AssertionError, f"AnalysisException.*authorizer: .*{words}"):
            self.driver.sql(text)

    def test_tables_that_are_read_through_classes_of_hive(self):
        self.driver.sql("SET spark.sql.hive.convertMetastoreParquet=false")
        try:
            self.driver.sql("DROP TABLE IF EXISTS by_hive")
            self.driver.sql("CREATE TABLE by_hive (id BIGINT, email STRING) STORED AS PARQUET LOCATION '/secure/orders'")
            self.assert_refused("SELECT * FROM by_hive", "through Hive's classes")
        finally:
            self.driver.sql("SET spark.sql.hive.convertMetastoreParquet=true")
        # Spark's own reader takes its place.
        self.assertEqual(len(self.driver.sql("SELECT * FROM by_hive")), 3)

    def test_partitioned_text_of_hive(self):
        self.driver.sql("DROP TABLE IF EXISTS parts_of_hive")
        self.world.apply(POLICIES.format(name="parts", format="text"))
        self.world.hdfs("-mkdir", "-p", "/secure/parts")
        self.driver.sql(
            "CREATE TABLE parts_of_hive (id BIGINT, email STRING, score DOUBLE) PARTITIONED BY (country STRING) "
            "STORED AS TEXTFILE LOCATION '/secure/parts'")
        self.assert_refused("SELECT * FROM parts_of_hive", "partitioned table of Hive's text")

    def test_protected_partition_of_a_free_table_of_hive(self):
        self.world.apply(POLICIES.format(name="not_yet_late_parts", format="text"))
        self.world.hdfs("-mkdir", "-p", "/secure/late_parts/one")
        self.driver.sql("DROP TABLE IF EXISTS free_of_hive")
        self.driver.sql(
            "CREATE TABLE free_of_hive (id BIGINT, email STRING) PARTITIONED BY (part STRING) STORED AS TEXTFILE "
            "LOCATION '/tmp/free_of_hive'")
        self.assertEqual(self.driver.sql("SELECT * FROM free_of_hive"), [])
        self.driver.sql("ALTER TABLE free_of_hive ADD PARTITION (part = 'x') LOCATION '/secure/late_parts/one'")
        self.world.apply(POLICIES.format(name="late_parts", format="text"))
        self.assert_refused("SELECT * FROM free_of_hive", "different data sources")

    def test_partition_of_hive_that_claims_another_value(self):
        self.world.put(
            "parquet", "/secure/claimed", f"id, email, score, country FROM (SELECT {SELECT})", partition="country")
        drivers = {"erin": on_hive("erin", "local[1]"), "alice": self.driver}
        self.world.apply(POLICIES.format(name="not_yet_claimed", format="parquet"))
        for driver in drivers.values():
            driver.sql("DROP TABLE IF EXISTS claimed")
            driver.sql(
                f"CREATE TABLE claimed ({COLUMNS.replace('country STRING, ', '')}) PARTITIONED BY (country STRING) "
                "STORED AS PARQUET LOCATION '/secure/claimed'")
            driver.sql("ALTER TABLE claimed ADD PARTITION (country = 'DE') LOCATION '/secure/claimed/country=FR'")
        self.world.apply(POLICIES.format(name="claimed", format="parquet"))
        # Partitions are listed as they are needed, or all of them when the table is looked up.
        for is_managed in ("true", "false"):
            for user, driver in drivers.items():
                with self.subTest(user=user, is_managed=is_managed):
                    driver.sql(f"SET spark.sql.hive.manageFilesourcePartitions={is_managed}")
                    try:
                        if user == "erin":
                            rows = driver.sql("SELECT id, country FROM claimed ORDER BY id")
                            self.assertEqual(rows, [[0, "DE"], [2, "DE"], [4, "DE"], [6, "DE"]])
                        else:
                            self.assert_refused("SELECT * FROM claimed", "lies elsewhere")
                    finally:
                        driver.sql("SET spark.sql.hive.manageFilesourcePartitions=true")

    def test_table_of_hive_whose_files_name_other_files(self):
        (file,) = self.world.put("csv", "/secure/linked", SELECT)
        self.world.apply(POLICIES.format(name="linked", format="{csv: {header: false}}"))
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as links:
            links.write(f"{file}\n")
            links.flush()
            self.world.hdfs("-mkdir", "-p", "/tmp/links")
            self.world.hdfs("-put", "-f", links.name, "/tmp/links/links.txt")
        for name in ("linked", "links"):
            self.driver.sql(f"DROP TABLE IF EXISTS {name}")
        self.driver.sql(f"CREATE TABLE linked ({COLUMNS}) USING csv LOCATION '/secure/linked'")
        self.driver.sql(
            "CREATE TABLE links (line STRING) STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat' "
            "OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat' LOCATION '/tmp/links'")
        # There is a grant for the files now, which the NameNode would let be read.
        self.assertEqual(len(self.driver.sql("SELECT * FROM linked")), 4)
        self.assert_refused("SELECT * FROM links", "holds the table")

    def test_rows_are_not_changed_by_who_does_not_see_them(self):
        for text in (
            "DELETE FROM orders WHERE id = 7", "UPDATE orders SET email = 'x' WHERE id = 7",
            "MERGE INTO orders t USING (SELECT 7L AS id) s ON t.id = s.id WHEN MATCHED THEN DELETE",
        ):
            with self.subTest(text):
                self.assert_refused(text, "is refused then")

    def test_names_of_hdfs_own(self):
        status = self.world.cluster.webhdfs("hdfs", "GET", "/secure/orders", "GETFILESTATUS").json()
        inode = f"/.reserved/.inodes/{status['FileStatus']['fileId']}"
        # It names the table's directory.
        self.assertIn("part-", self.world.hdfs("-ls", "-C", inode))
        self.driver.sql("DROP TABLE IF EXISTS by_inode")
        with self.assertRaisesRegex(AssertionError, "authorizer: .*names of HDFS's own"):
            self.driver.sql(TABLE.replace("/secure/orders", inode).replace("TABLE orders", "TABLE by_inode"))
            self.driver.sql("SELECT * FROM by_inode")

    def test_code_where_sessions_take_none(self):
        driver = on_hive("erin", "local[1]")
        for text in (
            "SELECT java_method('java.lang.System', 'getenv', 'HOME')", "SELECT wait_for('/')", "ADD FILE '/etc/hosts'",
            "SELECT TRANSFORM (id) USING 'cat' AS (x STRING) FROM range(1)",
        ):
            with self.subTest(text), self.assertRaisesRegex(AssertionError, "authorizer: .*no code or files of users"):
                driver.sql(text)
        # It is for the administrator to say, who is not this session.
        self.assertEqual(self.driver.sql("SELECT java_method('java.lang.Math', 'abs', -1)"), [["1"]])
