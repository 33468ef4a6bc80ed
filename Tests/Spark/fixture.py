"""A real Spark with the extension, and a real service beside it, on tables in the local file system.

One driver for all tests of a process; users take turns in it, as in a gateway. Which Spark: AUTHORIZER_SPARK.
"""

import atexit
import contextlib
import datetime
import decimal
import os
import pathlib
import sys
import tempfile
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "Tools" / "support"))

from cluster import java  # noqa: E402
from sidecar import Sidecar  # noqa: E402
from spark import driver_settings, extension_jar, spark_home  # noqa: E402

from . import scala  # noqa: E402

VERSION = os.environ.get("AUTHORIZER_SPARK", "3.5.8")

# Who is who:
#   ann    of the group `analysts`, in Germany: sees rows of her country, masked
#   finn   of the group `fraud`, whom the policies except
#   jo     of `analysts`, in Japan
#   bob    subscribed to nothing
#   ivy    on the list of ignored users
#   zoe    maps to no user
COLUMNS = [
    ("id", "int"), ("name", "string"), ("email", "string"), ("country", "string"), ("born", "date"),
    ("seen", "timestamp"), ("score", "double"), ("amount", "decimal(10,2)"),
]


def customer(number, name, country, born, score, amount):
    return (
        number, name, f"{name}@example.{country.lower()}" if name else None, country, datetime.date.fromisoformat(born),
        datetime.datetime(2026, 11, 1 + number, 8, 30 + number, 15), score, decimal.Decimal(amount))


CUSTOMERS = [
    customer(1, "anna", "DE", "1971-05-17", 17.5, "123.45"),
    customer(2, "bert", "DE", "1982-01-01", -3.25, "-7.50"),
    customer(3, "chie", "JP", "1993-12-31", 99.0, "10.00"),
    customer(4, "dora", "FR", "2001-02-28", 50.5, "0.01"),
    customer(5, None, "DE", "1969-07-20", 0.0, "20.00"),
]

POLICIES = """\
groups: [{name: analysts}, {name: fraud}]
attributes: [{name: country}]
users:
  - {name: ann, principal: ann@EXAMPLE.COM, groups: [analysts], attributes: {country: DE}}
  - {name: jo, principal: jo@EXAMPLE.COM, groups: [analysts], attributes: {country: JP}}
  - {name: finn, principal: finn@EXAMPLE.COM, groups: [analysts, fraud]}
  - {name: bob, principal: bob@EXAMPLE.COM}
ignored-users: [ivy]
data-sources:
"""

TABLE = """\
  - name: {name}
    kind: table
    directories: [{directory}]
    contact: owners@example.com
    subscription: {{groups: [analysts]}}
    format: {format}
    columns: [{columns}]
    row-filters: {filters}
    masks: {masks}
"""

OWN_COUNTRY = """[{name: own-country, where: "country IN @attribute('country')", except: {groups: [fraud]}}]"""
HASHED_EMAIL = """[{name: hashed-email, columns: [email], mask: hash, except: {groups: [fraud]}}]"""


def literal(value):
    """A value as SQL writes it."""
    if value is None:
        return "NULL"
    if isinstance(value, datetime.datetime):
        return f"TIMESTAMP '{value}'"
    if isinstance(value, datetime.date):
        return f"DATE '{value}'"
    if isinstance(value, float):
        return f"{value}D"
    return str(value) if isinstance(value, (int, decimal.Decimal)) else f"'{value}'"


class Spark:
    """The driver and the service of this process."""

    _made = None

    @classmethod
    def shared(cls):
        if cls._made is None:
            cls._made = cls()
        return cls._made

    def __init__(self):
        self._temporary = tempfile.TemporaryDirectory(prefix="azspark-")
        atexit.register(self._temporary.cleanup)
        self.directory = pathlib.Path(self._temporary.name).resolve()
        self.sidecar = Sidecar(self.directory, gateway=True)
        self.sidecar.start()
        self.policies = ""
        self.driver = self._start()
        atexit.register(self.driver.stop)
        self._sessions = {}
        self.apply("")

    def _start(self):
        home = spark_home(VERSION)
        sys.path[:0] = [str(home / "python"), *map(str, (home / "python" / "lib").glob("py4j-*.zip"))]
        os.environ.update(
            SPARK_HOME=str(home), JAVA_HOME=str(java.java_home()), SPARK_LOCAL_IP="127.0.0.1",
            PYSPARK_PYTHON=sys.executable, PYTHONPATH=str(home / "python"), TZ="UTC",
            PYSPARK_SUBMIT_ARGS="--driver-java-options '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC' pyspark-shell")
        from pyspark.sql import SparkSession

        strange = scala.compiled(VERSION, self.directory / "strange", scala.sources("strange"))
        settings = {
            **driver_settings(self.directory / "warehouse"), "spark.driver.memory": "600m",
            "spark.jars": f"{extension_jar(VERSION)},{strange}",
            "spark.sql.extensions": "authorizer.spark.AuthorizerExtension,strange.StrangeExtension",
            "spark.authorizer.socket": str(self.sidecar.socket), "spark.authorizer.schemes": "file",
            "spark.sql.session.timeZone": "UTC", "spark.eventLog.enabled": "true",
            "spark.eventLog.dir": str(self.directory), "spark.hadoop.fs.permissions.umask-mode": "022",
        }
        builder = SparkSession.builder
        for name, value in settings.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("OFF")
        return session

    def session(self, user):
        """The session of a user, who has the turn from now on."""
        names = self.driver._jvm.org.apache.hadoop.security.UserGroupInformation
        names.setLoginUser(names.createRemoteUser(f"{user}@EXAMPLE.COM"))
        if user not in self._sessions:
            self._sessions[user] = self.driver.newSession()
        return self._sessions[user]

    def apply(self, sources):
        """Adds data sources to the policies, and puts all of them in force."""
        self.policies += sources
        self.sidecar.apply(POLICIES + self.policies if self.policies else POLICIES.replace("data-sources:\n", ""))
        self.settle()

    def settle(self):
        """Returns when the driver goes by what is in force: news of it come by a stream of their own."""
        authority = self.driver._jvm.authorizer.spark.Authority.of(self.driver._jsc.sc())
        authority.forgetAll()

    def table(self, name, format, filters=OWN_COUNTRY, masks=HASHED_EMAIL, rows=CUSTOMERS, columns=COLUMNS, partition=None,
              said_format=None):
        """A protected table of a format, as a data source and as a table in the catalog."""
        directory = self.directory / "w" / name
        session = self.session("ivy")
        schema = ", ".join(f"{column} {kind}" for column, kind in columns)
        partitioned = f"PARTITIONED BY ({partition})" if partition else ""
        options = "OPTIONS (header 'true')" if format == "csv" else ""
        session.sql(f"CREATE TABLE {name} ({schema}) USING {format} {options} {partitioned} LOCATION '{directory}'")
        values = ", ".join(f"({', '.join(map(literal, row))})" for row in rows)
        session.sql(f"INSERT INTO {name} SELECT /*+ COALESCE(1) */ * FROM VALUES {values}")
        declared = ", ".join(f"{{name: {column}, type: '{kind}'}}" for column, kind in columns)
        if partition:
            session.sql(f"MSCK REPAIR TABLE {name}")
        said = said_format or ("{csv: {header: true}}" if format == "csv" else format)
        self.apply(TABLE.format(
            name=name, directory=directory, format=said, columns=declared, filters=filters, masks=masks))
        return directory


class SparkTest(unittest.TestCase):
    """Tests share a driver; each has tables of its own, or of its class."""

    @classmethod
    def setUpClass(cls):
        cls.spark = Spark.shared()

    def sql(self, user, text):
        """The rows of a query of a user, as tuples."""
        return [tuple(row) for row in self.spark.session(user).sql(text).collect()]

    @contextlib.contextmanager
    def refused(self, *words):
        """What is done within is refused by Spark with words, and shown as a message, not a stack."""
        from pyspark.errors import AnalysisException

        with self.assertRaises(AnalysisException) as caught:
            yield
        message = str(caught.exception)
        self.assertIn("authorizer: ", message)
        for word in words:
            self.assertIn(word, message)
