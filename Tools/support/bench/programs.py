"""The programs of the bench, compiled."""

import pathlib
import subprocess

from cluster import java
from cluster.packages import DEFAULT_VERSION, class_path

from .errors import BenchError
from .machine import REPOSITORY

SOURCES = pathlib.Path(__file__).resolve().parent
C_FLAGS = ("-std=c17", "-O2", "-Wall", "-Wextra", "-Werror")
C_SOURCES = {
    "echo": ("echo.c", "sockets.c"),
    "load": ("load.c", "histogram.c", "sockets.c", "work.c"),
}


def compile_c(name, directory):
    """Compiles `echo` or `load` into a directory; returns the program."""
    program = pathlib.Path(directory) / name
    sources = [SOURCES / "c" / source for source in C_SOURCES[name]]
    _run(["gcc", *C_FLAGS, "-o", program, *sources], f"compiling {name}")
    return program


def compile_java(name, directory, *more_class_path):
    """Compiles the sources in `java/NAME` against Hadoop 3.3.6; returns the directory of the classes."""
    classes = pathlib.Path(directory) / f"classes-{name}"
    sources = sorted((SOURCES / "java" / name).rglob("*.java"))
    command = [java.java_home() / "bin" / "javac", "--release", "17", "-encoding", "UTF-8"]
    # Left out of the lint: what Hadoop's jars name and do not contain.
    command += ["-Xlint:all,-path,-classfile", "-Werror", "-d", classes]
    command += ["-cp", ":".join(map(str, [*more_class_path, *class_path(DEFAULT_VERSION)]))]
    _run([*command, *sources], f"compiling java/{name}")
    return classes


def build_plugin(directory):
    """Builds the NameNode plug-in into a directory; returns the jar."""
    jar = pathlib.Path(directory) / "authorizer-namenode.jar"
    _run([REPOSITORY / "Tools" / "support" / "build-plugin", jar], "building the plug-in")
    return jar


def _run(command, what):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchError(f"{what}: {done.stderr.strip() or done.stdout.strip()}")
