"""The clients that read from a cluster: Hadoop's own, Debian's Go client, PyPI's Rust client, curl.

Each runs as one user, by the Kerberos environment it is given.
"""

import base64
import json
import pathlib
import subprocess
import sys
import threading
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from . import java
from .errors import ClusterError
from .hadoop import TOOLS
from .packages import cached, class_path, fetch_hadoop, fetch_native_client
from .processes import tail

SOURCES = [pathlib.Path(__file__).with_name(name) for name in ("FsShellLoop.java", "TreeMaker.java")]

_NATIVE_READ = """
import sys, hdfs_native
with hdfs_native.Client(sys.argv[1]).read(sys.argv[2]) as file:
    sys.stdout.buffer.write(file.read())
"""


@dataclass(frozen=True)
class Result:
    """How a command ended.

    `stdout` and `stderr` are text in UTF-8; bytes that are not UTF-8 are kept as surrogates, so
    that `stdout_bytes` is exactly what was written.
    """

    returncode: int
    stdout: str
    stderr: str

    @classmethod
    def of(cls, returncode, stdout, stderr):
        return cls(
            returncode,
            stdout.decode("utf-8", "surrogateescape"),
            stderr.decode("utf-8", "surrogateescape"),
        )

    @property
    def stdout_bytes(self):
        return self.stdout.encode("utf-8", "surrogateescape")


@dataclass(frozen=True)
class HttpResult:
    """An HTTP response: the status and the body, decoded as `Result` does."""

    status: int
    body: str

    def json(self):
        return json.loads(self.body)


def run(command, environment, stdin=b""):
    """Runs a command to its end. Returns a Result; never raises for its exit status."""
    done = subprocess.run(
        [str(word) for word in command], env=environment, input=stdin, capture_output=True
    )
    return Result.of(done.returncode, done.stdout, done.stderr)


class FsShell:
    """Hadoop's command line tools as one user, many commands in one JVM.

    Calls from several threads take turns. `close` ends the JVM.
    """

    def __init__(self, command, environment, log):
        self._log = log
        self._turn = threading.Lock()
        with open(log, "ab") as errors:
            self._process = subprocess.Popen(
                [str(word) for word in command],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )

    def __call__(self, *arguments, stdin=b"", tool="dfs"):
        """Runs one command, as `hdfs TOOL ARGUMENTS` would: `shell("-cat", "/file")`.

        `tool` is `dfs`, `dfsadmin` or `fsck`. Returns a Result.
        """
        request = {
            "tool": TOOLS[tool],
            "args": [str(argument) for argument in arguments],
            "stdin": base64.b64encode(stdin).decode(),
        }
        with self._turn:
            answer = self._exchange(json.dumps(request).encode() + b"\n")
        return Result.of(
            answer["returncode"],
            base64.b64decode(answer["stdout"]),
            base64.b64decode(answer["stderr"]),
        )

    def _exchange(self, request):
        try:
            self._process.stdin.write(request)
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = b""
        if not line:
            raise ClusterError(f"the FsShell JVM has ended: see {self._log}\n{tail(self._log, 20)}")
        return json.loads(line)

    def close(self):
        """Ends the JVM; returns when it is gone."""
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


def helper_classes(version):
    """The directory with FsShellLoop and TreeMaker compiled for a Hadoop version, at the first call."""
    source = "".join(file.read_text() for file in SOURCES)
    fetch_hadoop(version)

    def compile_into(target):
        command = [java.java_home() / "bin" / "javac", "-d", target, "-cp"]
        command += [":".join(map(str, class_path(version))), "-proc:none", *SOURCES]
        done = run(command, None)
        if done.returncode != 0:
            raise ClusterError(f"cannot compile the clients in Java:\n{done.stderr}")

    return cached(f"clients-{version}", source, compile_into)


def tree_step(*words):
    """One line for TreeMaker, which see."""
    return "\t".join(quote(str(word), safe="/") for word in words) + "\n"


def native_read(namenode, path, environment):
    """Reads a file with PyPI's `hdfs-native`. Returns a Result with the file as its stdout."""
    client = fetch_native_client()
    return run(
        [sys.executable, "-c", _NATIVE_READ, f"hdfs://{namenode}", path],
        dict(environment, PYTHONPATH=str(client)),
    )


def http(url, environment, method="GET", negotiate=False, data=None):
    """Asks with curl, following redirects. Returns an HttpResult.

    - negotiate: answer a SPNEGO challenge with the ticket of the environment.
    - data: bytes to send as the body.

    Raises ClusterError when there is no HTTP response.
    """
    command = ["curl", "--silent", "--show-error", "--noproxy", "*", "--location"]
    command += ["--request", method, "--write-out", "\n%{http_code}"]
    if negotiate:
        command += ["--negotiate", "--user", ":"]
    if data is not None:
        command += ["--header", "Content-Type: application/octet-stream"]
        command += ["--data-binary", "@-"]
    done = run(command + [url], environment, data or b"")
    if done.returncode != 0:
        raise ClusterError(f"no answer from {url}: {done.stderr.strip()}")
    body, _, status = done.stdout.rpartition("\n")
    return HttpResult(int(status), body)


def webhdfs_url(address, path, parameters):
    return f"http://{address}/webhdfs/v1{quote(path)}?{urlencode(parameters)}"
