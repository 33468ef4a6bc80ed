"""Apache Spark out of PyPI's `pyspark`, and the extension compiled for it."""

import functools
import pathlib
import shutil
import sys
import tarfile
import zipfile

from cluster.errors import ClusterError
from cluster.packages import cache_directory, cached, downloaded, pin

SUPPORT = pathlib.Path(__file__).resolve().parent
BUILD = SUPPORT.parents[1] / ".build"

# By the major version, which stands for a Scala: one jar for each, compiled with the first of these.
LINES = {"3": ("3.5.8", "3.4.4"), "4": ("4.3.0", "4.2.1", "4.1.4", "4.0.5")}
VERSIONS = tuple(sorted(version for line in LINES.values() for version in line))
CONNECT_CLIENT = (
    "googleapis-common-protos==1.76.0", "grpcio==1.85.1", "grpcio-status==1.85.1", "numpy==2.4.6", "pandas==2.3.3",
    "protobuf==7.36.2", "pyarrow==26.0.1", "python-dateutil==4.0.0", "pytz==2026.6",
    "typing-extensions==4.16.0", "zstandard==0.25.0",
)


# For tables in HDFS: a task for each file.
ON_HDFS = {
    "spark.sql.files.maxPartitionBytes": "4m", "spark.sql.files.openCostInBytes": "4m",
    # Hadoop's input formats want to know who renews tokens; a site's own files say so.
    "spark.hadoop.yarn.resourcemanager.principal": "rm/localhost@EXAMPLE.COM",
    # A call to a NameNode that has just been started anew is made again, as sites without a standby set it.
    "spark.hadoop.dfs.client.retry.policy.enabled": "true", "spark.hadoop.dfs.client.retry.policy.spec": "500,60",
}


def driver_settings(warehouse):
    """What a driver is told that runs its tasks itself, one after the other."""
    return {
        "spark.master": "local[1]", "spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "1", "spark.sql.warehouse.dir": f"file:{warehouse}",
    }


def extension_settings(sidecar, plugin):
    """What a driver is told that goes by the policies of a service; with `plugin`, under grants."""
    return {
        "spark.sql.extensions": "authorizer.spark.AuthorizerExtension", "spark.authorizer.socket": str(sidecar.socket),
        **({"spark.plugins": "authorizer.spark.AuthorizerPlugin"} if plugin else {}),
    }


def put_files(cluster, place, directory, mode):
    """Puts what Spark has written into a directory of HDFS, its files with a mode; returns the paths of these."""
    shell = cluster.shell("hdfs")

    def run(*words):
        done = shell(*words)
        if done.returncode != 0:
            raise ClusterError(f"hdfs dfs {words[0]}: {done.stderr}")

    run("-mkdir", "-p", directory)
    run("-put", *(str(path) for path in sorted(place.iterdir()) if not path.name.startswith(("_", "."))), directory)
    paths = [f"{directory}/{path.relative_to(place)}" for path in sorted(place.rglob("part-*"))]
    # As many as a command line takes.
    for start in range(0, len(paths), 500):
        run("-chmod", mode, *paths[start:start + 500])
    return paths


def spark_home(version):
    """The directory of a fetched Spark, for `SPARK_HOME`. Raises ClusterError when it has not been fetched."""
    home = cache_directory() / f"spark-{version}"
    if not home.exists():
        raise ClusterError(f"no Spark {version} in {home}: run `Tools/support/fetch-spark {version}`", 69)
    return home


def extension_jar(version):
    """The extension for a Spark. Raises ClusterError when it has not been built."""
    compiler = LINES[version.split(".")[0]][0]
    jar = BUILD / f"authorizer-spark-{compiler.rpartition('.')[0]}.jar"
    if not jar.exists():
        raise ClusterError(f"no {jar}: run `Tools/support/build-spark {compiler} {jar}`", 69)
    return jar


def fetch_spark(version, say=lambda line: None):
    """Makes sure that a Spark is in the cache, with its jars, scripts and Python; returns its directory."""
    if version not in VERSIONS:
        raise ClusterError(f"no Spark `{version}` here: choose one of {', '.join(VERSIONS)}", 2)
    requirement = f"pyspark=={version}"

    def unpack(target):
        say(f"downloading {requirement}")
        with downloaded(requirement) as file, tarfile.open(file, "r|gz") as archive:
            for member in archive:
                place = _place(member.name.partition("/")[2])
                if place is None or not member.isfile():
                    continue
                path = target / place
                path.parent.mkdir(parents=True, exist_ok=True)
                with open(path, "wb") as out:
                    shutil.copyfileobj(archive.extractfile(member), out)
                path.chmod(member.mode & 0o755)

    return cached(f"spark-{version}", pin(requirement), unpack)


def _place(name):
    """Where a member of the sdist goes, as in a Spark distribution; None for what is not needed."""
    for folder, place in (
        ("deps/jars/", "jars/"), ("deps/bin/", "bin/"), ("pyspark/", "python/pyspark/"), ("lib/py4j-", "python/lib/py4j-"),
    ):
        if name.startswith(folder):
            return place + name[len(folder):]
    return None


def connect_client():
    """The directory for `PYTHONPATH` of what pyspark's Spark Connect client needs. Raises ClusterError without it."""
    home = cache_directory() / "spark-connect-client"
    if not home.exists():
        raise ClusterError(f"no {home}: run `Tools/support/fetch-spark connect-client`", 69)
    return home


def fetch_connect_client(say=lambda line: None):
    """Makes sure that what pyspark's Spark Connect client needs is in the cache; returns its directory.

    The wheels are for CPython 3.11, which Debian 12 has. Raises ClusterError when they cannot be had.
    """

    def unpack(target):
        for requirement in CONNECT_CLIENT:
            say(f"downloading {requirement}")
            with downloaded(requirement) as wheel, zipfile.ZipFile(wheel) as archive:
                archive.extractall(target)

    return cached("spark-connect-client", "".join(map(pin, CONNECT_CLIENT)), unpack)


def main():
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} SPARK_VERSION ({', '.join(VERSIONS)}), or {sys.argv[0]} connect-client")
    say = functools.partial(print, file=sys.stderr)
    try:
        print(fetch_connect_client(say) if sys.argv[1] == "connect-client" else fetch_spark(sys.argv[1], say))
    except ClusterError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
