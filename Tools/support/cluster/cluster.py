"""The cluster as a whole: bringing it up, asking it things, taking it down."""

import json
import os
import pathlib
import subprocess
from contextlib import suppress
from urllib.parse import urlencode

from . import clients
from .errors import ClusterError
from .hadoop import Hadoop
from .kerberos import Realm
from .layout import HTTP, SUPERUSER, CurrentCluster, Layout, State, free_ports, short_name
from .packages import DEFAULT_VERSION, fetch_hadoop
from .processes import Daemon, complaints, interrupts_deferred, tail, wait_until

TITLES = {"kdc": "KDC", "namenode": "NameNode", "standby": "second NameNode", "datanode": "DataNode"}

# Seconds.
START_DEADLINE = 120
STOP_GRACE = 10


def _silently(line):
    pass


class Cluster:
    """A KDC, a NameNode and a DataNode on 127.0.0.1, in one directory.

    `Cluster(directory)` is a cluster that is up already; `Cluster.up()` starts one. As a context
    manager it goes down at the end of the block. All methods raise ClusterError when they cannot do
    what they say.
    """

    # Started in this order.
    daemons = ("kdc", "namenode", "datanode")
    # Whether there are two NameNodes.
    is_pair = False

    def __init__(self, directory):
        self.layout = Layout(directory)
        self.state = self.layout.load()
        self._realm = Realm(self.layout, self.state.ports["kdc"])
        self._hadoop = Hadoop(self.layout, self.state)
        self._shells = {}

    @classmethod
    def up(
        cls,
        hadoop=DEFAULT_VERSION,
        directory=None,
        plugin=None,
        conf=None,
        core_site=None,
        keep=False,
        remember=False,
        say=_silently,
    ):
        """Starts a cluster and returns it when it serves reads and writes.

        - hadoop: the Hadoop version.
        - directory: where to put it, an empty directory or none yet; a new one when None.
        - plugin: path of the jar with the NameNode plug-in, or None.
        - conf, core_site: properties of hdfs-site.xml and core-site.xml to add or override.
        - keep: leave the directory where it is after a failure.
        - remember: make it the cluster that `Tools/cluster` means without `--dir`.
        - say: called with a line of progress now and then.

        On failure and on an interrupt nothing is left running.
        """
        fetch_hadoop(hadoop, say)
        state = State(hadoop, free_ports(), is_pair=cls.is_pair)
        _adjust(state, plugin, conf, core_site)
        layout = Layout(directory or CurrentCluster().fresh_directory())
        layout.create()
        layout.save(state)
        if remember:
            # Before anything runs: `down` finds it whatever happens to this process.
            CurrentCluster().set(layout.root)
        cluster = cls(layout.root)
        try:
            cluster._bring_up(say)
        except BaseException:
            cluster.down(keep)
            raise
        return cluster

    def down(self, keep=False):
        """Ends every process of the cluster and removes its directory, unless `keep`.

        Daemons are asked to end, and ended by force when they do not within `STOP_GRACE` seconds.
        """
        with interrupts_deferred():
            for shell in self._shells.values():
                shell.close()
            self._shells.clear()
            for name in reversed(self.daemons):
                self.stop(name)
            if not keep:
                self.layout.remove()
                CurrentCluster().forget(self.layout.root)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.down()

    # Daemons

    def daemon(self, name):
        """The Daemon `kdc`, `namenode` or `datanode`."""
        if name not in self.daemons:
            raise ClusterError(f"no daemon `{name}`: one of {', '.join(self.daemons)}", 2)
        return Daemon(TITLES[name], str(self.layout.record(name)), str(self.layout.log(name)))

    def start(self, name, plugin=None, conf=None, core_site=None):
        """Starts a daemon and returns when it is ready.

        `plugin`, `conf` and `core_site` as in `up`; they add to what holds already and stay for
        later starts. A property given as None loses its override. Raises ClusterError when the
        daemon runs already, and, with the end of its log, when it ends instead of getting ready.
        """
        daemon = self.daemon(name)
        daemon.expect_stopped()
        if plugin or conf or core_site:
            _adjust(self.state, plugin, conf, core_site)
            self.layout.save(self.state)
            self._hadoop.write_configuration()
        self._launch(daemon, name)
        self._await(name)

    def stop(self, name):
        """Asks a daemon to end (SIGTERM), and waits for it."""
        self.daemon(name).stop(STOP_GRACE)

    def kill(self, name):
        """Ends a daemon as a crash would (SIGKILL), and waits for it."""
        self.daemon(name).kill()

    def restart(self, name, plugin=None, conf=None, core_site=None):
        """Stops a daemon, if it runs, and starts it: see `start`."""
        self.stop(name)
        self.start(name, plugin, conf, core_site)

    def status(self):
        """What runs where, as plain values that JSON can hold."""
        layout, state = self.layout, self.state
        return {
            "hadoop": state.hadoop,
            "directory": str(layout.root),
            "plugin": state.plugin,
            "running": all(self.daemon(name).pid() is not None for name in self.daemons),
            "daemons": {
                name: {"pid": self.daemon(name).pid(), "log": str(layout.log(name))}
                for name in self.daemons
            },
            "ports": state.ports,
            "namenode": self.namenode_address,
            "namenode_url": f"hdfs://{self.namenode_address}",
            "namenode_http": f"http://{self.namenode_http_address}",
            "audit_log": str(layout.logs / "hdfs-audit.log"),
            "krb5_conf": str(layout.krb5_conf),
            "hadoop_conf_dir": str(layout.conf),
            "core_site": str(layout.core_site),
            "hdfs_site": str(layout.hdfs_site),
            "keytabs": {
                user: str(layout.keytab(user)) for user in sorted([SUPERUSER, *state.users])
            },
        }

    # People

    def add_principal(self, name):
        """Adds a user: a principal, a keytab, a home directory.

        Its groups, `name` and `users`, hold after the next start of the NameNode.
        """
        if name in (SUPERUSER, HTTP):
            raise ClusterError(f"`{name}` is one of the cluster's own", 2)
        self._realm.add(name, self.layout.keytab(name))
        if name not in self.state.users:
            self.state.users.append(name)
        self.layout.save(self.state)
        self._hadoop.write_configuration()
        self._make_home(short_name(name))

    def kadmin(self, *command):
        """Runs a command of `kadmin.local`: `kadmin("modprinc", "-maxlife", "5 seconds", "etl")`."""
        self._realm.administer(*command)

    def kinit(self, user):
        """Gets a new ticket for the user; returns what `environment` does."""
        self._realm.obtain_ticket(user)
        return self.environment(user)

    def environment(self, user):
        """The environment of a client of the user, with a valid ticket."""
        if not self._realm.has_ticket(user):
            self._realm.obtain_ticket(user)
        return dict(os.environ, **self.exports(user))

    def exports(self, user):
        """The variables by which a client finds the realm, the ticket and the cluster."""
        # Without Kerberos a user is whoever says so.
        is_simple = self.state.core_site.get("hadoop.security.authentication") == "simple"
        return {
            **({"HADOOP_USER_NAME": user} if is_simple else {}),
            "KRB5_CONFIG": str(self.layout.krb5_conf),
            "KRB5CCNAME": str(self.layout.ticket(user)),
            "HADOOP_CONF_DIR": str(self.layout.conf),
            "HADOOP_NAMENODE": self.namenode_address,
        }

    # Clients

    @property
    def namenode_address(self):
        return f"localhost:{self.state.ports['namenode']}"

    @property
    def namenode_http_address(self):
        return f"localhost:{self.state.ports['namenode_http']}"

    def hdfs(self, user, tool, *arguments, stdin=b""):
        """Runs one of Hadoop's tools in a JVM of its own: `hdfs("alice", "dfs", "-cat", "/x")`."""
        command = self._hadoop.tool_command(tool) + list(arguments)
        return clients.run(command, self.environment(user), stdin)

    def hdfs_command(self, tool, *class_path):
        """The command line of one of Hadoop's tools, or of a class found on the further class path, for an environment
        of `environment`."""
        return self._hadoop.tool_command(tool, *class_path)

    def shell(self, user):
        """Hadoop's tools as the user, all in one JVM, which lives until the cluster goes down.

        Returns an FsShell, always the same for the same user.
        """
        return self._shell(user, self.layout.ticket(user).name, self.environment(user))

    def token(self, user, name):
        """A delegation token of the user that was fetched for nobody else; returns the file that it is in."""
        file = self.layout.logs.parent / f"{name}.token"
        done = self.hdfs(user, "fetchdt", "--renewer", user, file)
        if done.returncode != 0 or not file.exists():
            raise ClusterError(f"no delegation token for `{user}`: {done.stderr[-2000:]}")
        return file

    def shell_with_token(self, file):
        """As `shell`, by one who has nothing but the token in a file."""
        environment = dict(
            os.environ,
            KRB5_CONFIG=str(self.layout.krb5_conf),
            KRB5CCNAME="/nonexistent",
            HADOOP_CONF_DIR=str(self.layout.conf),
            HADOOP_TOKEN_FILE_LOCATION=str(file),
        )
        return self._shell(file, file.name, environment)

    def _shell(self, key, name, environment):
        if key not in self._shells:
            classes = clients.helper_classes(self.state.hadoop)
            self._shells[key] = clients.FsShell(
                self._hadoop.client_command("FsShellLoop", classes),
                environment,
                str(self.layout.logs / f"fsshell-{name}.log"),
            )
        return self._shells[key]

    def make_tree(self, user, steps):
        """Carries out many steps of TreeMaker in one JVM, as the user: `[("dir", "/a", "755"), ("file", "/a/f")]`.

        Returns what the steps print, line by line.
        """
        classes = clients.helper_classes(self.state.hadoop)
        lines = "".join(clients.tree_step(*step) for step in steps)
        command = self._hadoop.client_command("TreeMaker", classes)
        done = clients.run(command, self.environment(user), lines.encode())
        if done.returncode != 0:
            raise ClusterError(f"the tree was not made: {done.stderr[-2000:]}")
        return done.stdout.splitlines()

    def go_client(self, user, *arguments, stdin=b""):
        """Runs Debian's `hdfs-cli`: `go_client("alice", "cat", "/x")`."""
        return clients.run(["/usr/bin/hdfs", *arguments], self.environment(user), stdin)

    def native_read(self, user, path):
        """Reads a file with PyPI's `hdfs-native`; its bytes are the Result's stdout."""
        return clients.native_read(self.namenode_address, path, self.environment(user))

    def webhdfs(self, user, method, path, op, data=None, **parameters):
        """Asks WebHDFS as the user, by SPNEGO, on to the DataNode. Returns an HttpResult."""
        url = clients.webhdfs_url(self.namenode_http_address, path, dict(parameters, op=op))
        return clients.http(url, self.environment(user), method, negotiate=True, data=data)

    def webhdfs_token(self, user):
        """A delegation token of the user, as the text WebHDFS takes."""
        answer = self.webhdfs(user, "GET", "/", "GETDELEGATIONTOKEN", renewer=user)
        if answer.status != 200:
            raise ClusterError(f"no delegation token for `{user}`: {answer.body}")
        return answer.json()["Token"]["urlString"]

    def webhdfs_with_token(self, token, method, path, op, data=None, **parameters):
        """Asks WebHDFS with nothing but a delegation token. Returns an HttpResult."""
        parameters = dict(parameters, op=op, delegation=token)
        url = clients.webhdfs_url(self.namenode_http_address, path, parameters)
        return clients.http(url, None, method, data=data)

    def namenode_jmx(self, query):
        """The NameNode's beans for a query such as `Hadoop:service=NameNode,name=RpcActivity*`."""
        return self._jmx("namenode_http", query)

    def namenode_log_tail(self, lines=40):
        """The last lines of the NameNode's log, as one string."""
        return tail(self.layout.log("namenode"), lines)

    # The way up and down

    def _bring_up(self, say):
        say("starting the KDC")
        self._realm.create()
        self._hadoop.write_configuration()
        self.start("kdc")
        self._create_principals()
        say("formatting the namespace")
        self._format()
        say("starting the NameNode and the DataNode")
        for name in self.daemons[1:]:
            self._launch(self.daemon(name), name)
        for name in self.daemons[1:]:
            self._await(name)
        self._make_directories()

    def _create_principals(self):
        layout = self.layout
        self._realm.add(f"{SUPERUSER}/localhost", layout.keytab(SUPERUSER))
        self._realm.add(f"{HTTP}/localhost", layout.keytab(HTTP))
        for user in self.state.users:
            self._realm.add(user, layout.keytab(user))

    def _format(self):
        with open(self.layout.log("format"), "wb") as log:
            done = subprocess.run(
                # Not a daemon: nothing of it outlives this process.
                ["setpriv", "--pdeathsig", "KILL", *self._hadoop.format_command()],
                env=self._realm.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        if done.returncode != 0:
            raise ClusterError(
                f"cannot format the namespace:\n{tail(self.layout.log('format'), 25)}", 70
            )

    def _make_directories(self):
        self._as_superuser("mkdir", "-p", "/tmp", "/user")
        self._as_superuser("chmod", "1777", "/tmp")
        for user in self.state.users:
            self._make_home(short_name(user))

    def _make_home(self, user):
        home = f"/user/{user}"
        self._as_superuser("mkdir", "-p", home)
        self._as_superuser("chown", f"{user}:{user}", home)

    def _as_superuser(self, *arguments):
        done = self.go_client(SUPERUSER, *arguments)
        if done.returncode != 0:
            raise ClusterError(f"hdfs {' '.join(arguments)}: {done.stderr.strip()}")

    def _launch(self, daemon, name):
        commands = {
            "kdc": self._realm.command,
            "namenode": self._hadoop.namenode_command,
            "standby": self._hadoop.standby_command,
            "datanode": self._hadoop.datanode_command,
        }
        daemon.start(commands[name](), self._realm.environment())

    def _await(self, name):
        """Returns when a daemon just launched is ready; raises ClusterError when it will not be."""
        daemon = self.daemon(name)
        ready = self._readiness()[name]
        ended = False

        def settled():
            nonlocal ended
            ended = daemon.pid() is None
            return ended or ready()

        if wait_until(settled, START_DEADLINE) and not ended:
            return
        why = "is gone" if ended else f"is not ready after {START_DEADLINE} s"
        raise ClusterError(
            f"the {daemon.name} did not start: it {why}, and its log ends:\n\n"
            f"{tail(daemon.log, 25)}\n(all of it: {daemon.log})\n\nWhat it complained of last:\n\n"
            f"{complaints(daemon.log)}",
            70,
        )

    def _readiness(self):
        """For each daemon, what tells whether it is ready."""
        return {
            "kdc": self._realm.listens,
            "namenode": self._namenode_ready,
            "datanode": self._datanode_ready,
        }

    def _namenode_ready(self):
        """Whether the NameNode is active and, where a DataNode runs, has its blocks and space."""
        state = self._bean("namenode_http", "Hadoop:service=NameNode,name=FSNamesystemState")
        service = self._bean("namenode_http", "Hadoop:service=NameNode,name=NameNodeStatus")
        if service.get("State") != "active" or "FSState" not in state:
            return False
        if self.daemon("datanode").pid() is None:
            return True
        return state["FSState"] == "Operational" and state["CapacityTotal"] > 0

    def _datanode_ready(self):
        """Whether the DataNode serves and, where a NameNode runs, has reported its blocks to it."""
        beans = self._beans("datanode_http", "Hadoop:service=DataNode,name=DataNodeActivity*")
        if self.daemon("namenode").pid() is None:
            return bool(beans)
        return any(bean.get("BlockReportsNumOps", 0) > 0 for bean in beans)

    def _bean(self, port, query):
        beans = self._beans(port, query)
        return beans[0] if beans else {}

    def _beans(self, port, query):
        """What `_jmx` returns, or an empty list as long as there is no answer."""
        with suppress(ClusterError, json.JSONDecodeError):
            return self._jmx(port, query)
        return []

    def _jmx(self, port, query):
        url = f"http://localhost:{self.state.ports[port]}/jmx?{urlencode({'qry': query})}"
        answer = clients.http(url, self.environment(SUPERUSER), negotiate=True)
        if answer.status != 200:
            raise ClusterError(f"{url}: status {answer.status}")
        return answer.json()["beans"]


def _adjust(state, plugin, conf, core_site):
    """Adds a plug-in and properties to a state; a property that is None loses its override."""
    if plugin:
        jar = pathlib.Path(plugin).absolute()
        if not jar.is_file():
            raise ClusterError(f"no plug-in at {jar}: build it first", 66)
        state.plugin = str(jar)
    for properties, changes in ((state.hdfs_site, conf), (state.core_site, core_site)):
        for name, value in (changes or {}).items():
            if value is None:
                properties.pop(name, None)
            else:
                properties[name] = value
