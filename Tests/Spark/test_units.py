"""Parts of the extension by themselves, in Scala, without a session of Spark."""

import pathlib
import subprocess
import tempfile
import unittest

from . import scala
from .fixture import REPOSITORY, VERSION

from cluster import java
from spark import extension_jar, spark_home

JUNIT = [pathlib.Path("/usr/share/java") / name for name in ("junit4.jar", "hamcrest.jar")]


class Units(unittest.TestCase):
    def test_units(self):
        sources = scala.sources("units")
        classes = [f"authorizer.spark.{source.stem}" for source in sources]
        self.assertTrue(classes)
        with tempfile.TemporaryDirectory(prefix="azunits-") as scratch:
            classpath = [extension_jar(VERSION), *JUNIT]
            jar = scala.compiled(VERSION, pathlib.Path(scratch) / "units", sources, classpath)
            entries = [jar, *classpath, spark_home(VERSION) / "jars" / "*"]
            log = f"-Dlog4j2.configurationFile={REPOSITORY}/Tests/Spark/units/log4j2.properties"
            done = subprocess.run(
                [str(java.java_home() / "bin" / "java"), "-ea", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", log, "-cp",
                 ":".join(map(str, entries)), "org.junit.runner.JUnitCore", *classes],
                capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"OK \([1-9]\d* tests?\)")
