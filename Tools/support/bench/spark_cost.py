"""The suite `spark`: what the extension adds to planning a query, and a grant to opening files, beside plain Spark."""

import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import tempfile

from cluster import Cluster, java
from sidecar import Sidecar
from spark import ON_HDFS, driver_settings, extension_jar, extension_settings, put_files, spark_home

from .errors import BenchError
from .figures import Rounds
from .measuring import dies_with_us
from .programs import build_plugin

VERSION = "3.5.8"
# Of the tables, protected and not.
TABLES = 100
# Planned in one measurement by each driver: queries of one relation, and queries of a hundred.
SIMPLE = 300
WIDE = 9
# Of these so many in a row, before it is another driver's turn.
SLICE = 10
WARM_UP = 4
# Files of the table that is read under a grant, a task for each.
FILES = 1_000
ROWS_OF_FILE = 3

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]
# Spark's scripts pass these to every JVM of Spark.
OPENED = [
    *java.OPENED, "--add-opens=java.base/java.lang.invoke=ALL-UNNAMED", "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED", "--add-opens=java.base/sun.nio.cs=ALL-UNNAMED",
    "--add-opens=java.base/sun.security.action=ALL-UNNAMED", "--add-opens=java.base/sun.util.calendar=ALL-UNNAMED",
]
POLICIES = """\
groups: [{name: analysts}, {name: fraud}]
users:
  - {name: ann, principal: ann@EXAMPLE.COM, groups: [analysts]}
  - {name: finn, principal: finn@EXAMPLE.COM, groups: [analysts, fraud]}
  - {name: alice, principal: alice@EXAMPLE.COM, groups: [analysts]}
data-sources:
"""
TABLE = """\
  - name: {name}
    kind: table
    directories: [{directory}]
    subscription: {{groups: [analysts]}}
    format: parquet
    columns: [{{name: id, type: bigint}}, {{name: email, type: string}}, {{name: country, type: string}}]
    row-filters: [{{name: own, where: "country = 'DE'", except: {{groups: [fraud]}}}}]
    masks: [{{name: mail, columns: [email], mask: hash, except: {{groups: [fraud]}}}}]
"""
COLUMNS = "(id BIGINT, email STRING, country STRING) USING parquet LOCATION"
SIMPLE_QUERY = "SELECT country, count(email) FROM {kind}_{number} WHERE id > 12 GROUP BY country"

# Who plans queries over which tables with the extension.
ARMS = {
    "unprotected": ("ann", "free"),
    "unmapped": ("zoe", "governed"),
    "nothing hidden": ("finn", "governed"),
    "filtered and masked": ("ann", "governed"),
    "nothing known": ("ann", "governed"),
}


def run(rounds, say):
    """Measures; returns the result as plain values."""
    with contextlib.ExitStack() as stack:
        scratch = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="azsb-"))).resolve()
        classes = _compile(scratch)
        planning = _planning(rounds, scratch / "plans", classes, say)
        opens = _opens(rounds, scratch / "opens", classes, say)
    return {
        "spark": VERSION, "seconds": 0, "tables": TABLES, "files": FILES,
        "planning": {
            query: {
                "medians": measured.medians(),
                "ratios": {arm: measured.ratio(arm, arm, "ours", "plain") for arm in ARMS},
                "itself": {arm: measured.ratio(arm, arm, "again", "plain") for arm in ARMS},
                "rounds_measured": measured.rows,
            } for query, measured in planning.items()
        },
        "opens": {
            "medians": opens.medians(), "ratio": opens.ratio("grant", "plain", "seconds"),
            "rounds_measured": opens.rows,
        },
    }


class _Driver:
    """`SparkBench` with these settings."""

    def __init__(self, classes, settings, environment=None, conf=None, options=()):
        entries = [classes, *([conf] if conf else []), extension_jar(VERSION), spark_home(VERSION) / "jars" / "*"]
        command = [
            java.java_home() / "bin" / "java", *OPENED, "-Xmx1g", "-XX:+UseSerialGC", *options, "-cp",
            ":".join(map(str, entries)), "SparkBench", *(f"{name}={value}" for name, value in settings.items())]
        self._process = subprocess.Popen(
            dies_with_us(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={**os.environ, **(environment or {}), "SPARK_LOCAL_IP": "127.0.0.1", "TZ": "UTC"})
        self._answer()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()

    def ask(self, **request):
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self):
        line = self._process.stdout.readline()
        if not line:
            raise BenchError("the Spark driver has ended before it answered")
        return json.loads(line)


def _compile(scratch):
    classes = scratch / "classes"
    done = subprocess.run(
        [str(java.java_home() / "bin" / "javac"), "--release", "17", "-encoding", "UTF-8", "-d", str(classes), "-cp",
         f"{spark_home(VERSION)}/jars/*", str(HERE / "spark_client" / "SparkBench.java")], capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchError(f"compiling the Spark client: {done.stderr.strip()}")
    return classes


def _settings(scratch, more=()):
    return {**driver_settings(scratch / "warehouse"), "spark.app.name": "bench", **dict(more)}


# MARK: Planning


def _planning(rounds, scratch, classes, say):
    """Rounds by kind of query: milliseconds to plan one, in each driver."""
    scratch.mkdir()
    with contextlib.ExitStack() as stack:
        service = stack.enter_context(Sidecar(scratch, gateway=True))
        governed = [(f"governed_{number}", scratch / "governed" / str(number)) for number in range(TABLES)]
        free = [(f"free_{number}", scratch / "free" / str(number)) for number in range(TABLES)]
        service.apply(POLICIES + "".join(TABLE.format(name=name, directory=place) for name, place in governed))
        say("starting three drivers")
        drivers = {}
        ours = {**extension_settings(service, plugin=False), "spark.authorizer.schemes": "file"}
        # Two that are the same show what differs by itself.
        for name, more in (("plain", {}), ("ours", ours), ("again", {})):
            (scratch / name).mkdir()
            drivers[name] = stack.enter_context(_Driver(classes, _settings(scratch / name, more)))
            for table, place in governed + free:
                place.mkdir(parents=True, exist_ok=True)
                drivers[name].ask(sql=f"CREATE TABLE {table} {COLUMNS} '{place}'")
        return _plan_rounds(rounds, drivers, say)


def _queries(kind):
    """For each kind of query, slices of texts."""
    texts = [SIMPLE_QUERY.format(kind=kind, number=number) for number in range(TABLES)]
    return {
        "one relation": [
            [texts[number % TABLES] for number in range(first, first + SLICE)] for first in range(0, SIMPLE, SLICE)],
        "a hundred relations": [[" UNION ALL ".join(texts)]] * WIDE,
    }


def _plan_rounds(rounds, drivers, say):
    measured = {query: Rounds() for query in _queries("governed")}
    for number in range(-WARM_UP, rounds):
        say(f"planning, round {number + 1} of {rounds}" if number >= 0 else "planning, warming up")
        for arm in ARMS if number % 2 == 0 else reversed(ARMS):
            user, kind = ARMS[arm]
            for driver in drivers.values():
                driver.ask(user=f"{user}@EXAMPLE.COM")
            for query, slices in _queries(kind).items():
                taken = _taken(drivers, slices, arm == "nothing known")
                if number >= 0:
                    measured[query].add(arm, taken)
    return measured


def _taken(drivers, slices, forgets):
    """To plan one query in each driver: milliseconds, in the median. The drivers take turns."""
    taken = {name: [] for name in drivers}
    for turn, texts in enumerate(slices):
        for name in sorted(drivers, key=lambda name: (list(drivers).index(name) + turn) % len(drivers)):
            forget = forgets and name == "ours"
            if texts not in slices[:turn]:
                # What is looked up once for all.
                drivers[name].ask(plan=texts, forget=forget)
            taken[name] += drivers[name].ask(plan=texts, forget=forget)["nanoseconds"]
    return {name: statistics.median(values) / 1e6 for name, values in taken.items()}


# MARK: Opening files


def _opens(rounds, scratch, classes, say):
    """Rounds of reading a table of many files, in seconds."""
    scratch.mkdir()
    with contextlib.ExitStack() as stack:
        drivers = {}
        clusters = {}
        plugin = build_plugin(scratch)
        for arm in ("plain", "grant"):
            say(f"bringing up the cluster `{arm}`")
            conf = {
                "authorizer.socket.path": str(scratch / "authorizer.sock"), "authorizer.cover.file": str(scratch / "cover")}
            clusters[arm] = stack.enter_context(
                Cluster.up(**({"plugin": plugin, "conf": conf} if arm == "grant" else {})))
        layout = clusters["grant"].layout
        service = stack.enter_context(Sidecar(scratch, layout.core_site, layout.krb5_conf, gateway=True))
        made = _made(scratch, classes, say)
        for arm, cluster in clusters.items():
            say(f"putting {FILES:,} files into the cluster `{arm}`")
            put_files(cluster, made, "/secure/many", "600" if arm == "grant" else "644")
        service.apply(POLICIES + TABLE.format(name="many", directory="/secure/many").split("    row-filters")[0])
        service.await_watcher()
        for arm, cluster in clusters.items():
            more = extension_settings(service, plugin=True) if arm == "grant" else {}
            (scratch / arm).mkdir()
            settings = _settings(scratch / arm, {**ON_HDFS, **more})
            drivers[arm] = stack.enter_context(_Driver(
                classes, settings, cluster.environment("alice"), cluster.layout.conf,
                [f"-Djava.security.krb5.conf={cluster.layout.krb5_conf}"]))
            drivers[arm].ask(sql=f"CREATE TABLE many {COLUMNS} '/secure/many'")
        measured = Rounds()
        for number in range(-1, rounds):
            say(f"opening, round {number + 1} of {rounds}" if number >= 0 else "opening, warming up")
            for arm in drivers if number % 2 == 0 else reversed(drivers):
                answer = drivers[arm].ask(sql="SELECT count(*), count(email) FROM many")
                if answer["rows"] != f"[[{FILES * ROWS_OF_FILE},{FILES * ROWS_OF_FILE}]]":
                    raise BenchError(f"the table has other rows: {answer['rows']}")
                if number >= 0:
                    measured.add(arm, {"seconds": answer["nanoseconds"] / 1e9})
        granted = [r for r in service.audit(decision="allow", reason="grant", limit=10 * FILES * (rounds + 1))]
        if len({record["path"] for record in granted}) < FILES:
            raise BenchError("not all files were opened under a grant")
        return measured


def _made(scratch, classes, say):
    """The directory with the files, on this machine."""
    say(f"making {FILES:,} files")
    made = scratch / "made"
    with _Driver(classes, _settings(scratch)) as driver:
        driver.ask(sql=(
            f"CREATE TABLE made USING parquet LOCATION '{made}' AS SELECT /*+ REPARTITION({FILES}) */ id, "
            f"concat('user', id, '@example.com') email, 'DE' country FROM range({FILES * ROWS_OF_FILE})"))
    files = len(list(made.glob("part-*")))
    if files != FILES:
        raise BenchError(f"{files} files were made")
    return made
