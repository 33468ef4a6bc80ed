"""A cluster with two NameNodes, one of which is active."""

import shutil

from .cluster import Cluster
from .errors import ClusterError
from .hadoop import FIRST, SECOND
from .layout import SUPERUSER

NAMES = {"namenode": FIRST, "standby": SECOND}


class Pair(Cluster):
    """As Cluster, with a second NameNode, `standby`; both are at hand and one is active, `namenode` at first.

    Nothing fails over by itself: `activate` says which one serves. They share their edits by a directory. The one that
    is not active serves nobody; both are ready once they answer.
    """

    daemons = ("kdc", "namenode", "standby", "datanode")
    is_pair = True

    def activate(self, name):
        """Makes a NameNode the active one, and the other, where it runs, the standby."""
        (other,) = set(NAMES) - {name}
        if self.daemon(other).pid() is not None and self._state_of(other) == "active":
            self.administer("-transitionToStandby", NAMES[other])
        # Where the other one cannot be asked, the tool wants to be told that it may go on.
        words = [] if self.daemon(other).pid() is not None else ["--forceactive"]
        self.administer("-transitionToActive", *words, NAMES[name], stdin=b"Y\n")

    def administer(self, *words, stdin=b""):
        """Runs `hdfs haadmin`."""
        done = self.hdfs(SUPERUSER, "haadmin", *words, stdin=stdin)
        if done.returncode != 0:
            raise ClusterError(f"haadmin {' '.join(words)}: {done.stderr[-2000:]}")

    def _format(self):
        super()._format()
        shutil.copytree(self.layout.name, self.layout.standby_name)

    def _await(self, name):
        super()._await(name)
        if name == "standby" and "standby" == self._state_of("namenode") == self._state_of("standby"):
            self.activate("namenode")

    def _readiness(self):
        return {
            **super()._readiness(),
            "namenode": lambda: self._state_of("namenode") in ("active", "standby"),
            "standby": lambda: self._state_of("standby") in ("active", "standby"),
        }

    def _state_of(self, name):
        return self._bean(f"{name}_http", "Hadoop:service=NameNode,name=NameNodeStatus").get("State")
