"""Scala of the tests, compiled against the Spark that they run with."""

import pathlib
import subprocess

from cluster import java
from spark import spark_home


def compiled(version, directory, sources, classpath=()):
    """Compiles sources with the compiler that a Spark brings; returns the jar, in the directory.

    - classpath: jars besides those of Spark.
    """
    directory.mkdir()
    classes = directory / "classes"
    classes.mkdir()
    jars = spark_home(version) / "jars"
    programs = java.java_home() / "bin"
    jar = directory / "compiled.jar"
    for command in (
        [programs / "java", "-Xss4m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", f"{jars}/*", "scala.tools.nsc.Main",
         "-classpath", ":".join(map(str, [*classpath, *jars.glob("*.jar")])), "-d", classes, *sources],
        [programs / "jar", "--create", "--file", jar, "-C", classes, "."],
    ):
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    return jar


def sources(folder):
    """The sources in a folder beside this file, in their order."""
    return sorted((pathlib.Path(__file__).resolve().parent / folder).glob("*.scala"))
