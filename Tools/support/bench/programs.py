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


def build_swift(name):
    """Builds a program of the package, optimised; returns it."""
    command = ["swift", "build", "--package-path", REPOSITORY, "--configuration", "release"]
    _run([*command, "--product", name], f"building {name}")
    return REPOSITORY / ".build" / "release" / name


def compile_java(directory, plugin):
    """Compiles all of `java` against Hadoop and the plug-in; returns the directory of the classes."""
    classes = pathlib.Path(directory) / "classes"
    command = [java.java_home() / "bin" / "javac", "--release", "17", "-encoding", "UTF-8"]
    # Left out of the lint: what Hadoop's jars name and do not contain.
    command += ["-Xlint:all,-path,-classfile", "-Werror", "-d", classes]
    command += ["-cp", _joined([plugin, *class_path(DEFAULT_VERSION)])]
    _run([*command, *sorted((SOURCES / "java").rglob("*.java"))], "compiling the Java clients")
    return classes


def java_command(classes, plugin, main_class, *arguments, properties=()):
    """The command that runs a compiled class, with Hadoop and the plug-in on its class path."""
    return [
        java.java_home() / "bin" / "java",
        *java.OPENED,
        "-Xmx512m",
        "-XX:+UseSerialGC",
        "-Djava.net.preferIPv4Stack=true",
        *properties,
        "-cp",
        _joined([classes, plugin, *class_path(DEFAULT_VERSION)]),
        main_class,
        *arguments,
    ]


def build_plugin(directory):
    """Builds the NameNode plug-in into a directory; returns the jar."""
    jar = pathlib.Path(directory) / "authorizer-namenode.jar"
    _run([REPOSITORY / "Tools" / "support" / "build-plugin", jar], "building the plug-in")
    return jar


def _joined(entries):
    return ":".join(map(str, entries))


def _run(command, what):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchError(f"{what}: {done.stderr.strip() or done.stdout.strip()}")
