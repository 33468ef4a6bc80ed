"""Nodes of plans that the extension cannot know, compiled against the Spark of the tests."""

import pathlib
import subprocess

from cluster import java
from spark import spark_home

HERE = pathlib.Path(__file__).resolve().parent


def compiled(version, directory):
    """Compiles them into a jar in a directory; returns it."""
    classes = directory / "strange"
    classes.mkdir()
    jars = spark_home(version) / "jars"
    programs = java.java_home() / "bin"
    for command in (
        [programs / "java", "-Xss4m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", f"{jars}/*", "scala.tools.nsc.Main",
         "-classpath", ":".join(map(str, jars.glob("*.jar"))), "-d", classes, HERE / "Strange.scala"],
        [programs / "jar", "--create", "--file", directory / "strange.jar", "-C", classes, "."],
    ):
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    return directory / "strange.jar"
