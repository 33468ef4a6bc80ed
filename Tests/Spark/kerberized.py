"""A real Kerberized HDFS whose NameNode asks the service, and drivers on it: one of each for all tests of a process."""

import atexit
import os
import pathlib
import tempfile

from .driver import Driver
from .fixture import VERSION

from cluster import Cluster, java
from sidecar import PLUGIN, Sidecar
from spark import extension_jar, spark_home

# Of a grant, in seconds.
LIFETIME = 4

POLICIES = """\
groups: [{name: analysts}]
users:
  - {name: alice, principal: alice@EXAMPLE.COM, groups: [analysts]}
  - {name: bob, principal: bob@EXAMPLE.COM}
"""

ORDERS = """\
data-sources:
  - name: orders
    kind: table
    directories: [/secure/orders]
    contact: owners@example.com
    subscription: {groups: [analysts]}
    format: parquet
    columns: [{name: id, type: bigint}, {name: email, type: string}]
    row-filters: [{name: small, where: id < 3}]
    masks: [{name: no-email, columns: [email], mask: {constant: hidden}}]
"""

TABLE = "CREATE TABLE orders (id BIGINT, email STRING) USING parquet LOCATION '/secure/orders'"


class Kerberized:
    """The cluster and the service of this process, with the table `orders`."""

    _made = None

    @classmethod
    def shared(cls):
        if cls._made is None:
            cls._made = cls()
        return cls._made

    def __init__(self):
        directory = tempfile.TemporaryDirectory(prefix="azg-")
        atexit.register(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.cluster = Cluster.up(hadoop="3.3.6", plugin=PLUGIN, conf={
            "authorizer.socket.path": str(self.directory / "authorizer.sock"),
            "authorizer.cover.file": str(self.directory / "cover"), "authorizer.deadline.ms": "2000"})
        atexit.register(self.cluster.down)
        layout = self.cluster.layout
        self.sidecar = Sidecar(
            self.directory, core_site=layout.core_site, krb5_conf=layout.krb5_conf,
            extra=f"grants: {{lifetime-seconds: {LIFETIME}}}\n")
        text = self.sidecar.configuration.read_text()
        # The drivers of all users run as this process's user.
        self.sidecar.configuration.write_text(
            text.replace("roles:\n", f"roles:\n  gateway: {{users: ['{os.getuid()}']}}\n"))
        self.sidecar.start()
        atexit.register(self.sidecar.stop)
        self._drivers = {}
        self.driver = self.kept_driver("alice")
        # Four files, so that there are four tasks, one after another.
        self.put("parquet", "/secure/orders", "id, concat('user', id, '@example.com') AS email FROM range(8)", files=4)
        self.apply(POLICIES + ORDERS)

    def kept_driver(self, user, **how):
        """A driver of a user for all tests, started when it is first asked for; `how` as `start_driver` has it."""
        key = (user, *sorted(how.items()))
        if key not in self._drivers:
            self._drivers[key] = self.start_driver(user, **how)
            atexit.register(self._drivers[key].close)
        return self._drivers[key]

    def start_driver(self, user, plugin=True, master="local[1]", tokens="1h", **settings):
        """A driver of a user. `settings` of Spark: `spark_task_maxFailures="4"`."""
        settings = {name.replace("_", "."): value for name, value in settings.items()}
        options = self.java_options
        if plugin:
            settings["spark.plugins"] = "authorizer.spark.AuthorizerPlugin"
        settings = {
            **self.settings(), "spark.master": master, "spark.jars": str(extension_jar(VERSION)),
            "spark.sql.extensions": "authorizer.spark.AuthorizerExtension", "spark.authorizer.tokens": tokens,
            "spark.executor.extraJavaOptions": " ".join(options), "spark.executor.memory": "600m", **settings,
        }
        return Driver(spark_home(VERSION), self.environment(user), settings, options)

    @property
    def java_options(self):
        return [*java.OPENED, *java.SHORT_LIVED, "-XX:+UseSerialGC",
                f"-Djava.security.krb5.conf={self.cluster.layout.krb5_conf}", f"-Dderby.system.home={self.directory}"]

    def environment(self, user):
        return {**self.cluster.environment(user), "JAVA_HOME": str(java.java_home())}

    def settings(self):
        """What every Spark here is told."""
        return {
            "spark.master": "local[1]", "spark.ui.enabled": "false", "spark.driver.memory": "600m",
            "spark.authorizer.socket": str(self.sidecar.socket), "spark.sql.shuffle.partitions": "1",
            # A task for each file.
            "spark.sql.files.maxPartitionBytes": "4m", "spark.sql.files.openCostInBytes": "4m",
            "spark.task.maxFailures": "1",
            # Hadoop's input formats want to know who renews tokens; a site's own files say so.
            "spark.hadoop.yarn.resourcemanager.principal": "rm/localhost@EXAMPLE.COM",
            # A call to a NameNode that has just been started anew is made again, as sites without a standby set it.
            "spark.hadoop.dfs.client.retry.policy.enabled": "true",
            "spark.hadoop.dfs.client.retry.policy.spec": "500,60",
            "spark.sql.warehouse.dir": "file:" + tempfile.mkdtemp(prefix="warehouse-", dir=self.directory),
        }

    def put(self, format, directory, select, files=1, options="", partition=None):
        """Makes a directory of HDFS with the files of a query, which their owner alone may read.

        - select: what comes after the word.
        - options: of the format: `header 'true'`.
        """
        place = pathlib.Path(tempfile.mkdtemp(prefix="made-", dir=self.directory)) / "files"
        clauses = [f"USING {format}", f"LOCATION 'file:{place}'"]
        if options:
            clauses.append(f"OPTIONS ({options})")
        if partition:
            clauses.append(f"PARTITIONED BY ({partition})")
        self.driver.sql(f"CREATE TABLE made {' '.join(clauses)} AS SELECT /*+ REPARTITION({files}) */ {select}")
        self.driver.sql("DROP TABLE made")
        parts = sorted(str(path) for path in place.iterdir() if not path.name.startswith(("_", ".")))
        self.hdfs("-mkdir", "-p", directory)
        self.hdfs("-put", *parts, directory)
        for path in sorted(place.rglob("part-*")):
            self.hdfs("-chmod", "600", f"{directory}/{path.relative_to(place)}")

    def hdfs(self, *words):
        """What Hadoop's shell does for the superuser."""
        done = self.cluster.shell("hdfs")(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def apply(self, policies):
        """Puts policies in force, at the NameNode too."""
        self.sidecar.apply(policies)
        self.sidecar.await_watcher()

    def grants(self, application=None):
        """The live grants, of an application if one is named."""
        return [
            grant for grant in self.sidecar.json("grant", "list")
            if application is None or grant["job"]["application"] == application
        ]
