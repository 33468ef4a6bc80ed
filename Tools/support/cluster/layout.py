"""A cluster on disk: which file is where, and what a later process has to know."""

import json
import os
import pathlib
import re
import shutil
import socket
import stat
import tempfile
from dataclasses import asdict, dataclass, field
from random import sample
from typing import Optional
from urllib.parse import quote

from .errors import ClusterError

REALM = "EXAMPLE.COM"
SUPERUSER = "hdfs"
HTTP = "HTTP"
USERS = ("alice", "bob", "carol", "dave", "erin", "etl", "mallory")
PORTS = (
    "kdc", "namenode", "namenode_http", "standby", "standby_http", "datanode", "datanode_ipc", "datanode_http",
)

_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._+-]+")


@dataclass
class State:
    """What `up` was asked for. Kept in `cluster.json`.

    - `ports`: a port on 127.0.0.1 for each of `PORTS`.
    - `users`: principals with a keytab, without the realm, besides the superuser's.
    - `hdfs_site`, `core_site`: properties set or overridden by whoever started the cluster.
    - `plugin`: path of the jar with the NameNode plug-in, or None.
    - `is_pair`: whether there are two NameNodes.
    """

    hadoop: str
    ports: dict
    users: list = field(default_factory=lambda: list(USERS))
    hdfs_site: dict = field(default_factory=dict)
    core_site: dict = field(default_factory=dict)
    plugin: Optional[str] = None
    is_pair: bool = False


class Layout:
    """The files of the cluster in `root`."""

    def __init__(self, root):
        self.root = pathlib.Path(root).absolute()
        self.state_file = self.root / "cluster.json"
        self.conf = self.root / "conf"
        self.core_site = self.conf / "core-site.xml"
        self.hdfs_site = self.conf / "hdfs-site.xml"
        self.krb5_conf = self.conf / "krb5.conf"
        self.kdc_conf = self.conf / "kdc.conf"
        self.daemon_log4j = self.conf / "log4j-daemon.properties"
        self.http_secret = self.conf / "http-auth-secret"
        self.kdc = self.root / "kdc"
        self.keytabs = self.root / "keytabs"
        self.tickets = self.root / "tickets"
        self.logs = self.root / "logs"
        self.records = self.root / "run"
        self.webapps = self.root / "webapps"
        self.name = self.root / "name"
        self.standby_name = self.root / "standby-name"
        self.shared_edits = self.root / "shared-edits"
        self.data = self.root / "data"

    def keytab(self, user):
        return self.keytabs / f"{quote(user, safe='')}.keytab"

    def ticket(self, user):
        return self.tickets / quote(user, safe="")

    def log(self, daemon):
        return self.logs / f"{daemon}.log"

    def record(self, daemon):
        return self.records / f"{daemon}.stat"

    def create(self):
        """Makes the directories, for nobody else to look into.

        Raises ClusterError when `root` exists and is not an empty directory.
        """
        if not _PLAIN_PATH.fullmatch(str(self.root)):
            raise ClusterError(
                f"Hadoop cannot keep its data in `{self.root}`: choose a directory whose path has "
                "nothing but letters, digits, and `/._+-`",
                73,
            )
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            occupied = any(self.root.iterdir())
        except OSError as error:
            raise ClusterError(f"cannot put a cluster into {self.root}: {error}", 73) from None
        if occupied:
            raise ClusterError(
                f"{self.root} is not empty: end the cluster in it with "
                f"`Tools/cluster down --dir {self.root}`, or choose another directory",
                73,
            )
        self.root.chmod(0o700)
        for directory in (
            self.conf,
            self.kdc,
            self.keytabs,
            self.tickets,
            self.logs,
            self.records,
            self.webapps,
        ):
            directory.mkdir()

    def save(self, state):
        write_atomically(self.state_file, f"{json.dumps(asdict(state), indent=2)}\n")

    def load(self):
        """The state of the cluster here. Raises ClusterError when there is no cluster here."""
        try:
            return State(**json.loads(self.state_file.read_text()))
        except FileNotFoundError:
            raise ClusterError(
                f"no cluster in {self.root}: start one with `Tools/cluster up`", 66
            ) from None
        except (ValueError, TypeError) as error:
            raise ClusterError(f"cannot read {self.state_file}: {error}") from None

    def remove(self):
        """Removes everything; no error when nothing is there."""
        if self.root.exists():
            shutil.rmtree(self.root)


def principal(user):
    """The Kerberos principal of a short name: `hdfs` is the superuser's service principal."""
    name = f"{SUPERUSER}/localhost" if user == SUPERUSER else user
    return f"{name}@{REALM}"


def short_name(name):
    """The name Hadoop knows a principal by, here: its first component."""
    return name.split("/")[0]


def free_ports():
    """A free port on 127.0.0.1 for each of `PORTS`, side by side.

    They lie below the range the kernel takes ports for outgoing connections from, so that none of
    those gets in the way while a daemon is down; and they are drawn, so that clusters started at
    the same time hardly meet.
    """
    with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
        ceiling = int(file.read().split()[0])
    firsts = range(max(1024, ceiling - 16000), ceiling - len(PORTS) + 1, len(PORTS))
    for first in sample(firsts, len(firsts)):
        if all(_is_free(first + number) for number in range(len(PORTS))):
            return {name: first + number for number, name in enumerate(PORTS)}
    raise ClusterError(f"no free ports below {ceiling} on 127.0.0.1")


def _is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class CurrentCluster:
    """The cluster meant by a command without `--dir`: a pointer file, one for each OS user."""

    def __init__(self):
        runtime = pathlib.Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
        self.base = runtime / f"authorizer-clusters-{os.getuid()}"
        self.pointer = self.base / "current"

    def fresh_directory(self):
        """A new, empty directory for a cluster."""
        self.base.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = self.base.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            raise ClusterError(f"{self.base} is not a directory of yours: remove it", 73)
        return pathlib.Path(tempfile.mkdtemp(prefix="cluster.", dir=str(self.base)))

    def get(self):
        """The directory pointed at, or None when there is none or no cluster is left in it."""
        try:
            directory = pathlib.Path(self.pointer.read_text())
        except FileNotFoundError:
            return None
        return directory if Layout(directory).state_file.exists() else None

    def set(self, directory):
        write_atomically(self.pointer, str(directory))

    def forget(self, directory):
        """Removes the pointer, if it points at `directory`."""
        if self.pointer.exists() and self.pointer.read_text() == str(directory):
            self.pointer.unlink()


def write_atomically(path, text):
    """Writes a text file so that a reader sees the old text or the new one, whole."""
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(text)
    partial.replace(path)
