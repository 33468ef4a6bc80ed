"""Readers of a cluster that say which of their reads were answered: `CrashReaders`, compiled and running."""

import pathlib
import subprocess
from dataclasses import dataclass

from cluster import ClusterError, clients, java
from cluster.kerberos import principal
from cluster.packages import class_path

SOURCE = pathlib.Path(__file__).with_name("CrashReaders.java")


@dataclass(frozen=True)
class Answer:
    """One read that was answered. `context` is its alone; `outcome` is `read`, or the words of the refusal."""

    context: str
    user: str
    path: str
    outcome: str


class Readers:
    """Threads that read the files `DIRECTORY/0` and so on; as a context.

    - threads: how many, by user.
    """

    def __init__(self, cluster, scratch, directory, files, threads):
        classes = pathlib.Path(scratch) / "readers"
        _compile(cluster.state.hadoop, classes)
        users = [f"{user}={principal(user)}={cluster.layout.keytab(user)}={n}" for user, n in threads.items()]
        self._command = [
            "setpriv", "--pdeathsig", "KILL",
            *cluster.hdfs_command("CrashReaders", classes), directory, files, *users,
        ]
        self._environment = cluster.environment(next(iter(threads)))
        self._log = pathlib.Path(scratch) / "readers.log"

    def __enter__(self):
        with open(self._log, "ab") as log:
            self._process = subprocess.Popen(
                [str(word) for word in self._command], env=self._environment, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=log, text=True)
        return self

    def __exit__(self, *exception):
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def begin(self, name):
        """Lets them read; returns when each has had an answer. The name goes into the contexts."""
        print(f"read {name}", file=self._process.stdin, flush=True)
        self._expect("reading")

    def answers(self):
        """Waits until nobody is answered any more; returns the answers since `begin`."""
        found = []
        while (line := self._line()) != "end":
            found.append(Answer(*line.split(" ", 3)))
        return found

    def _expect(self, word):
        line = self._line()
        if line != word:
            raise ClusterError(f"the readers say `{line}`, not `{word}`: see {self._log}")

    def _line(self):
        line = self._process.stdout.readline()
        if not line:
            raise ClusterError(f"the readers have ended: see {self._log}")
        return line.rstrip("\n")


def _compile(version, classes):
    classes.mkdir()
    command = [java.java_home() / "bin" / "javac", "-d", classes, "-cp"]
    command += [":".join(map(str, class_path(version))), "-proc:none", SOURCE]
    done = clients.run(command, None)
    if done.returncode != 0:
        raise ClusterError(f"cannot compile {SOURCE.name}:\n{done.stderr}")
