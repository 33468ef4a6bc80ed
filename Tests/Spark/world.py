"""A real HDFS whose NameNode asks the service, and drivers on it."""

import atexit
import contextlib
import os
import pathlib
import tempfile
import unittest

from .driver import Driver
from .fixture import VERSION

from cluster import Cluster, java
from cluster.processes import wait_until
from sidecar import PLUGIN, Sidecar
from spark import ON_HDFS, driver_settings, extension_jar, extension_settings, put_files, spark_home

# Of a grant, in seconds.
LIFETIME = 4
# As whom the service is shown tickets.
SERVICE = "authorizer/localhost@EXAMPLE.COM"

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
# As the policies let Alice see the table.
SEEN = [[0, "hidden"], [1, "hidden"], [2, "hidden"]]

# Properties of core-site.xml for a cluster without Kerberos.
SIMPLE = {
    "hadoop.security.authentication": "simple", "hadoop.security.authorization": "false",
    "hadoop.http.authentication.type": "simple",
}


class World:
    """A Kerberized cluster, a service, and Alice's driver, with the table `orders`.

    The drivers of all users run as this process's user, which is nobody to the policies: the service lets it ask for all
    of them.

    - proof: it does not; it knows users by their Kerberos tickets.
    - kerberos: false for a cluster without, where grants are bound to the user and the application that a client names.
    """

    kind_of_cluster = Cluster
    # Whether services take every local user's connections.
    is_public = False
    # Below `directory`; what a NameNode is told.
    place_of_service = ""

    _shared = None

    @classmethod
    def shared(cls):
        """The one of this process, for all tests that need nothing else."""
        if cls._shared is None:
            cls._shared = cls()
            atexit.register(cls._shared.close)
        return cls._shared

    def __init__(self, proof=False, kerberos=True):
        self.proof = proof
        with contextlib.ExitStack() as stack:
            self.directory = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="azg-")))
            place = self.directory / self.place_of_service
            self.cluster = stack.enter_context(self.kind_of_cluster.up(
                hadoop="3.3.6", plugin=PLUGIN, core_site={} if kerberos else SIMPLE, conf={
                    "authorizer.socket.path": str(place / "authorizer.sock"),
                    "authorizer.cover.file": str(place / "cover"), "authorizer.deadline.ms": "2000",
                    **({} if kerberos else {"dfs.block.access.token.enable": "false"})}))
            bound = "" if kerberos else ", without-kerberos: bind-to-application"
            extra = f"grants: {{lifetime-seconds: {LIFETIME}{bound}}}\n"
            if proof:
                keytab = self.directory / "service.keytab"
                self.cluster.kadmin("addprinc", "-randkey", SERVICE)
                self.cluster.kadmin("ktadd", "-q", "-k", str(keytab), SERVICE)
                extra += f"kerberos: {{keytab: {keytab}, service-principal: {SERVICE}}}\n"
            self._stack = stack
            self._start_services(extra)
            self._drivers = {}
            self.driver = self.kept_driver("alice")
            # Four files, so that there are four tasks, one after another.
            self.files = self.put(
                "parquet", "/secure/orders", "id, concat('user', id, '@example.com') AS email FROM range(8)", files=4)
            self.apply((POLICIES if kerberos else POLICIES.replace("@EXAMPLE.COM", "")) + ORDERS)
            self._stack = stack.pop_all()

    def _start_services(self, extra):
        self.sidecar = self._start_service(self.directory, extra)

    def _start_service(self, directory, extra):
        layout = self.cluster.layout
        sidecar = Sidecar(
            directory, core_site=layout.core_site, krb5_conf=layout.krb5_conf, extra=extra, gateway=not self.proof,
            public=self.is_public)
        sidecar.start()
        self._stack.callback(sidecar.stop)
        return sidecar

    def close(self):
        self._stack.close()

    def kept_driver(self, user, **how):
        """A driver of a user for all tests, started when it is first asked for; `how` as `start_driver` has it."""
        key = (user, *sorted(how.items()))
        if key not in self._drivers:
            self._drivers[key] = self.start_driver(user, **how)
            self._stack.callback(self._drivers[key].close)
        return self._drivers[key]

    def start_driver(self, user, plugin=True, master="local[1]", tokens="1h", ticket=True, **settings):
        """A driver of a user.

        - plugin: gets grants.
        - tokens: after how long it gets others.
        - ticket: shows the service one, where that wants to see one.
        - settings: of Spark: `spark_task_maxFailures="4"`.
        """
        settings = {name.replace("_", "."): value for name, value in settings.items()}
        options = self.java_options
        if self.proof and ticket:
            settings["spark.authorizer.service-principal"] = SERVICE
        settings = {
            **self.settings(), **extension_settings(self.sidecar, plugin), "spark.master": master,
            "spark.jars": str(extension_jar(VERSION)), "spark.authorizer.tokens": tokens,
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
        """What every Spark here is told, with the extension or without."""
        return {
            **driver_settings(tempfile.mkdtemp(prefix="warehouse-", dir=self.directory)), **ON_HDFS,
            "spark.driver.memory": "600m", "spark.authorizer.socket": str(self.sidecar.socket), "spark.task.maxFailures": "1",
        }

    def put(self, format, directory, select, files=1, options="", partition=None):
        """Makes a directory of HDFS with the files of a query, which their owner alone may read; returns their paths.

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
        return put_files(self.cluster, place, directory, "600")

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


class OrdersTest(unittest.TestCase):
    """Tests of one driver of Alice's, in which `orders` is a table."""

    @classmethod
    def setUpClass(cls):
        cls.world = cls.make_world()
        cls.driver = cls.world.driver

    @classmethod
    def make_world(cls):
        return World.shared()

    def setUp(self):
        self.driver.sql("DROP TABLE IF EXISTS orders")
        self.driver.sql(TABLE)
        directory = tempfile.TemporaryDirectory(prefix="azo-")
        self.addCleanup(directory.cleanup)
        self.signal = pathlib.Path(directory.name) / "go"

    def start_job(self):
        """A job of four tasks, one after the other, none of which shows a row before `go`.

        The three rows that are shown are in three files.
        """
        self.driver.start(f"SELECT id, email, wait_for('{self.signal}') FROM orders")
        self._waits = True
        self.addCleanup(self._end_job)

    def _end_job(self):
        """A driver does one thing at a time: what a failed test leaves must not hold up the next."""
        if self._waits:
            with contextlib.suppress(AssertionError):
                self.go()

    def go(self):
        """Lets the job go on; returns its rows."""
        self._waits = False
        self.signal.touch()
        return sorted(row[:2] for row in self.driver.rows())

    def rows(self):
        return sorted(self.driver.sql("SELECT id, email FROM orders"))

    def held(self):
        """The live grants of the driver."""
        return self.world.grants(self.driver.application)

    def await_nothing_held(self):
        self.assertTrue(wait_until(lambda: not self.held(), 60, 0.05), "a grant of before is not given back")
