"""Spark Connect: a server that is one user, on a Kerberized HDFS, and clients that are processes without ticket, token or
files. The deployment in which masks bind."""

import pathlib
import secrets
import socket
import subprocess
import tempfile
import unittest

from .connect_client import ConnectClient
from .fixture import VERSION
from .world import TABLE, World

from cluster.processes import wait_until
from spark import connect_client, extension_jar, spark_home

GUARD = "authorizer.spark.ConnectGuard"
# Seconds.
START = 120


def load_tests(loader, tests, pattern):
    """PyPI's Spark brings its Connect server from version 4 on."""
    return unittest.TestSuite() if VERSION.startswith("3.") else tests


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """Spark's own Connect server of one user. It dies with the process that made it."""

    def __init__(self, world, user, **settings):
        self.world = world
        self.token = secrets.token_hex(16)
        self.port = free_port()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="connect-", dir=world.directory))
        settings = {
            **world.settings(), "spark.jars": str(extension_jar(VERSION)),
            "spark.sql.extensions": "authorizer.spark.AuthorizerExtension",
            "spark.plugins": "authorizer.spark.AuthorizerPlugin", "spark.sql.catalogImplementation": "in-memory",
            "spark.driver.extraJavaOptions": " ".join(world.java_options),
            "spark.connect.grpc.binding.address": "127.0.0.1", "spark.connect.grpc.binding.port": str(self.port),
            "spark.connect.grpc.interceptor.classes": GUARD,
            **{name.replace("_", "."): value for name, value in settings.items()}}
        properties = self.directory / "spark.conf"
        properties.write_text("".join(f"{name} {value}\n" for name, value in settings.items() if value))
        self.log = self.directory / "server.log"
        with open(self.log, "wb") as log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", spark_home(VERSION) / "bin" / "spark-submit", "--properties-file",
                 properties, "--class", "org.apache.spark.sql.connect.service.SparkConnectServer"],
                env={**world.environment(user), "SPARK_HOME": str(spark_home(VERSION)), "SPARK_LOCAL_IP": "127.0.0.1",
                     "SPARK_CONNECT_AUTHENTICATE_TOKEN": self.token, "TZ": "UTC"},
                cwd=self.directory, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        assert wait_until(lambda: self._process.poll() is not None or self._listens(), START, 0.1), self.log.read_text()
        assert self._process.poll() is None, self.log.read_text()

    def client(self, user, token=None):
        return ConnectClient(
            spark_home(VERSION), connect_client(),
            f"sc://localhost:{self.port}/;user_id={user};token={token or self.token}", self.directory)

    def stop(self):
        self._process.terminate()
        self._process.wait(60)

    def _listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Connect(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World.shared()
        cls.server = Server(cls.world, "alice")
        cls.addClassCleanup(cls.server.stop)
        cls.alice = cls.server.client("alice")
        cls.addClassCleanup(cls.alice.close)
        cls.alice.sql(TABLE)

    def assert_refused(self, text, *words):
        with self.assertRaises(AssertionError) as caught:
            self.alice.run(text)
        for word in ("authorizer: ", *words):
            self.assertIn(word, str(caught.exception))

    def test_rows_are_filtered_and_columns_masked(self):
        seen = [[0, "hidden"], [1, "hidden"], [2, "hidden"]]
        self.assertEqual(self.alice.sql("SELECT id, email FROM orders ORDER BY id"), seen)
        frames = "frame = spark.table('orders'); result = [list(r) for r in frame.join(frame.select('id'), 'id')"
        self.assertEqual(self.alice.run(f"{frames}.orderBy('id').collect()]"), seen)
        self.assertEqual(self.alice.run("result = spark.table('orders').filter(\"email LIKE '%@%'\").count()"), 0)

    def test_rows_of_the_client_are_taken_however_many(self):
        # More than fit into a request come as an artifact, which is no code.
        self.assertEqual(
            self.alice.run(
                "rows = [(n, 'x' * 100) for n in range(40000)]\n"
                "result = spark.createDataFrame(rows, 'id LONG, s STRING').join(spark.table('orders'), 'id').count()"), 3)

    def test_what_would_be_code_of_the_client_is_refused(self):
        for text in (
            "from pyspark.sql.connect.functions import udf\nspark.range(1).select(udf(lambda n: n)('id')).collect()",
            "spark.udf.register('f', lambda n: n)",
            "spark.udf.registerJavaFunction('f', 'org.apache.spark.sql.test.F')",
            "spark.range(1).mapInPandas(lambda frames: frames, 'id LONG').collect()",
            "spark.range(1).groupBy('id').applyInPandas(lambda frame: frame, 'id LONG').collect()",
            "spark.readStream.format('rate').load().writeStream.foreachBatch(lambda frame, n: None).start()",
            "import pathlib\npathlib.Path('x.py').write_text('')\nspark.addArtifacts('x.py', pyfile=True)",
            "import pathlib\npathlib.Path('x.txt').write_text('')\nspark.addArtifacts('x.txt', file=True)",
        ):
            with self.subTest(text):
                self.assert_refused(text, "no code or files of users")

    def test_what_would_be_code_in_sql_is_refused(self):
        for text in (
            "SELECT java_method('java.lang.System', 'getenv', 'KRB5CCNAME')",
            "SELECT id FROM orders WHERE reflect('java.lang.System', 'getenv', 'KRB5CCNAME') IS NULL",
            "SELECT TRANSFORM (id) USING 'cat' AS (x STRING) FROM orders", "ADD JAR '/nowhere.jar'", "ADD FILE '/etc/hosts'",
            "CREATE TEMPORARY FUNCTION f AS 'org.apache.hadoop.hive.ql.udf.UDFLike'",
        ):
            with self.subTest(text):
                self.assert_refused(f"spark.sql({text!r}).collect()", "no code or files of users")

    def test_refusals_of_the_policies_are_shown_to_the_client(self):
        self.assert_refused("spark.sql('TRUNCATE TABLE orders')", "AnalysisException", "orders", "is refused then")
        self.assert_refused("spark.sql('INSERT OVERWRITE orders VALUES (1, \"x\")')", "is refused then")

    def test_session_of_another_user_is_refused_and_so_is_another_token(self):
        bob = self.server.client("bob")
        self.addCleanup(bob.close)
        for text in ("SELECT 1", "SELECT * FROM orders"):
            with self.assertRaisesRegex(AssertionError, "authorizer: this Spark Connect server reads as `alice@EXAMPLE.COM`"):
                bob.sql(text)
        stranger = self.server.client("alice", token="0" * 32)
        self.addCleanup(stranger.close)
        with self.assertRaisesRegex(AssertionError, "(?i)unauthenticated|invalid authentication token"):
            stranger.sql("SELECT 1")

    def test_grant_is_the_servers_and_of_no_use_elsewhere(self):
        before = self.world.sidecar.json("status")["audit"]["lastRecord"]
        self.assertEqual(self.alice.sql("SELECT count(*) FROM orders"), [[3]])
        (grant,) = self.world.grants()
        self.assertEqual(grant["user"], "alice")
        # With a ticket of the same user, while the grant lives.
        (file, *_) = self.world.hdfs("-ls", "-C", "/secure/orders").split()
        self.assertIn("raw-table-read", self.world.cluster.shell("alice")("-cat", file).stderr)
        reads = [r for r in self.world.sidecar.audit() if r["sequence"] > before and r["kind"] == "decision"]
        self.assertEqual({r["grant"] for r in reads if r["decision"] == "allow"}, {grant["id"]})
        # The client's machine account asks for a grant of alice's.
        asked = self.world.sidecar.run(
            "grant", "issue", "--nameservice", grant["nameservice"], "--application", grant["job"]["application"],
            "--handle", "0" * 64, "--data-source", "orders", "--principal", "alice@EXAMPLE.COM", user="nobody")
        self.assertNotEqual(asked.returncode, 0)


class WithoutTheDoor(unittest.TestCase):
    """A server that does not look at who connects shows nothing that policies know, not even to its own user."""

    def test_protected_data_is_refused(self):
        world = World.shared()
        server = Server(world, "alice", spark_connect_grpc_interceptor_classes="")
        self.addCleanup(server.stop)
        for user in ("bob", "alice"):
            client = server.client(user)
            self.addCleanup(client.close)
            client.sql(TABLE.replace("TABLE orders", f"TABLE {user}"))
            self.assertEqual(client.sql("SELECT 1"), [[1]])
            with self.assertRaisesRegex(AssertionError, "serves Spark Connect.*does not name authorizer.spark.ConnectGuard"):
                client.sql(f"SELECT * FROM {user}")
