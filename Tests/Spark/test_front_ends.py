"""Spark's own programs, each started with what `authorizer spark-conf` prints and nothing else of ours."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from .fixture import VERSION
from .world import World

from sidecar import PROGRAM
from spark import extension_jar, spark_home

VIEW = "CREATE TEMPORARY VIEW orders (id BIGINT, email STRING) USING parquet OPTIONS (path '/secure/orders')"
# The words of a row are in no text of a query.
ROWS = "SELECT concat_ws(' ', 'row', id, email) FROM orders ORDER BY id"
SHOWN = ["row 0 hidden", "row 1 hidden", "row 2 hidden"]

PYTHON = f"""\
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
spark.sql("{VIEW}")
print([row[0] for row in spark.sql("{ROWS}").collect()])
"""

SCALA = f"""\
spark.sql("{VIEW}")
println(spark.sql("{ROWS}").collect().map(_.getString(0)).mkString("; "))
"""


class FrontEnds(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World.shared()
        directory = tempfile.TemporaryDirectory(prefix="azf-")
        cls.addClassCleanup(directory.cleanup)
        cls.directory = pathlib.Path(directory.name).resolve()
        # A Spark of its own, with our jar among its jars.
        cls.home = cls.directory / "spark"
        (cls.home / "jars").mkdir(parents=True)
        (cls.home / "conf").mkdir()
        cached = spark_home(VERSION)
        for jar in cached.joinpath("jars").iterdir():
            (cls.home / "jars" / jar.name).symlink_to(jar)
        for folder in ("bin", "python"):
            (cls.home / folder).symlink_to(cached / folder)
        (cls.home / "jars" / extension_jar(VERSION).name).symlink_to(extension_jar(VERSION))
        # What an installation has of its own: where its cluster and its service are.
        settings = {
            **cls.world.settings(), "spark.driver.extraJavaOptions": " ".join(cls.world.java_options),
            "spark.sql.catalogImplementation": "in-memory"}
        cls.defaults = "".join(f"{name} {value}\n" for name, value in settings.items())
        cls.use(cls.defaults)
        cls.environment = {
            **cls.world.environment("alice"), "SPARK_HOME": str(cls.home), "SPARK_LOCAL_IP": "127.0.0.1",
            # As for a `pyspark` that pip has installed; other Sparks bring it in an archive.
            "PYTHONPATH": str(cls.home / "python"), "PYSPARK_PYTHON": sys.executable, "TZ": "UTC"}
        cls.environment.pop("SPARK_CONF_DIR", None)

    @classmethod
    def use(cls, defaults):
        (cls.home / "conf" / "spark-defaults.conf").write_text(defaults)

    def spark_conf(self, *arguments):
        done = subprocess.run(
            [PROGRAM, "spark-conf", *arguments], env=self.environment, capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def spark(self, program, *arguments, stdin=""):
        done = subprocess.run(
            [self.home / "bin" / program, *arguments], env=self.environment, input=stdin, capture_output=True, text=True,
            cwd=self.directory, timeout=300)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def assert_shows_what_alice_may_see(self, output):
        self.assertEqual(re.findall(r"row \d \S*?hidden", output), SHOWN, output)
        self.assertNotIn("example.com", output)

    def script(self):
        script = self.directory / "query.py"
        script.write_text(PYTHON)
        return str(script)

    def as_properties(self):
        """Two lines behind those of the installation."""
        printed = self.spark_conf()
        self.assertEqual(len(printed.splitlines()), 2, printed)
        self.use(self.defaults + printed)
        self.addCleanup(self.use, self.defaults)

    def as_arguments(self):
        words = self.spark_conf("--format", "arguments").split()
        self.assertEqual(len(words), 4, words)
        return words

    def test_spark_submit(self):
        self.as_properties()
        self.assert_shows_what_alice_may_see(self.spark("spark-submit", self.script()))

    def test_spark_sql(self):
        self.as_properties()
        self.assert_shows_what_alice_may_see(self.spark("spark-sql", "-e", f"{VIEW}; {ROWS}"))

    def test_spark_shell(self):
        self.assert_shows_what_alice_may_see(self.spark("spark-shell", *self.as_arguments(), stdin=SCALA))

    def test_pyspark(self):
        self.assert_shows_what_alice_may_see(self.spark("pyspark", *self.as_arguments(), stdin=PYTHON))

    def test_json_says_which_spark(self):
        said = json.loads(self.spark_conf("--json"))
        self.assertEqual((said["sparkHome"], said["sparkVersion"]), (str(self.home), VERSION))
        self.assertTrue(said["isJarThere"])
        self.assertEqual(os.path.basename(said["jar"]), extension_jar(VERSION).name)
        self.assertEqual(sorted(said["properties"]), ["spark.plugins", "spark.sql.extensions"])
