"""Tables whose partitions a catalog keeps, and relations of very many files: partitions may lie anywhere, and come at any
time."""

from .fixture import CUSTOMERS, SparkTest

COLUMNS = [("id", "int"), ("email", "string"), ("country", "string")]
ROWS = [(row[0], row[2], row[3]) for row in CUSTOMERS]
OF_JAPAN = [(row[0],) for row in ROWS if row[2] == "JP"]


class Partitions(SparkTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.place = cls.spark.table(
            "parted", "parquet", columns=COLUMNS, rows=ROWS, partition="country", masks="[]")

    def over(self, name, place):
        """A partitioned table over a directory, in which the catalog knows no partition yet."""
        self.sql("ivy", f"CREATE TABLE {name} (id INT, email STRING, country STRING) USING parquet "
                 f"PARTITIONED BY (country) LOCATION '{place}'")

    def add(self, name, country, place):
        self.sql("ivy", f"ALTER TABLE {name} ADD PARTITION (country = '{country}') LOCATION '{place}'")

    def test_partition_that_claims_another_value_after_the_plan_was_looked_at(self):
        self.over("late", self.place)
        frames = {user: self.spark.session(user).sql("SELECT id FROM late") for user in ("ivy", "ann")}
        self.add("late", "DE", f"{self.place}/country=JP")
        self.spark.session("ivy")
        self.assertEqual([tuple(row) for row in frames["ivy"].collect()], OF_JAPAN)
        with self.refused("parted", "lies elsewhere"):
            self.spark.session("ann")
            frames["ann"].collect()

    def test_only_partitions_that_are_read_have_to_be_in_their_place(self):
        self.over("some_elsewhere", self.place)
        self.add("some_elsewhere", "DE", f"{self.place}/country=DE")
        self.add("some_elsewhere", "FR", f"{self.place}/country=JP")
        german = [(row[0],) for row in ROWS if row[2] == "DE"]
        # The filter leaves out the partitions of other countries, unread, without being asked to.
        self.assertEqual(self.sql("ann", "SELECT id FROM some_elsewhere ORDER BY id"), german)
        self.add("some_elsewhere", "XX", f"{self.place}/country=JP")
        self.assertEqual(self.sql("ivy", "SELECT id FROM some_elsewhere WHERE country = 'XX'"), OF_JAPAN)
        self.assertEqual(self.sql("ann", "SELECT id FROM some_elsewhere WHERE country = 'DE' ORDER BY id"), german)

    def test_protected_partition_of_a_free_table(self):
        free = self.spark.directory / "free_parted"
        elsewhere = self.spark.directory / "free_elsewhere"
        self.spark.session("ivy").sql("SELECT 99 AS id, 'x' AS email").write.parquet(str(elsewhere))
        self.over("free_parted", free)
        self.add("free_parted", "XX", elsewhere)
        self.assertEqual(self.sql("ann", "SELECT id, country FROM free_parted"), [(99, "XX")])
        frames = {
            user: self.spark.session(user).sql("SELECT id FROM free_parted WHERE country = 'DE'") for user in ("ivy", "ann")}
        self.add("free_parted", "DE", f"{self.place}/country=JP")
        self.spark.session("ivy")
        self.assertEqual([tuple(row) for row in frames["ivy"].collect()], OF_JAPAN)
        with self.refused("parted", "free_parted", "elsewhere"):
            self.spark.session("ann")
            frames["ann"].collect()
        with self.refused("parted", "free_parted", "elsewhere"):
            self.sql("ann", "SELECT count(*) FROM free_parted")
        self.assertEqual(self.sql("ann", "SELECT id FROM free_parted WHERE country = 'XX'"), [(99,)])

    def test_relations_of_very_many_files(self):
        protected = self.spark.table("many_files", "csv", columns=COLUMNS, rows=ROWS, masks="[]")
        files = {}
        for name, place in (("free", self.spark.directory / "many_free"), ("protected", protected)):
            place.mkdir(exist_ok=True)
            files[name] = [place / f"more-{number}.csv" for number in range(1100)]
            for number, file in enumerate(files[name]):
                file.write_text(f"id,email,country\n{number},x@example.com,{'DE' if number % 2 else 'JP'}\n")
        words = "id INT, email STRING, country STRING"
        for name, seen in (("free", 1100), ("protected", 550)):
            with self.subTest(name):
                session = self.spark.session("ann")
                # They are listed by the driver, and not by a task for each.
                session.conf.set("spark.sql.sources.parallelPartitionDiscovery.threshold", "10000")
                read = session.read.schema(words).option("header", "true")
                self.assertEqual(read.csv(list(map(str, files[name]))).count(), seen)
