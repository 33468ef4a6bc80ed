"""A service of one's own: `authorizer serve` in a directory, and the command line that talks to it."""

import json
import os
import pathlib
import pwd
import signal
import socket
import subprocess

from cluster import java
from cluster.packages import class_path
from cluster.processes import wait_until

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
# The program to run; AUTHORIZER_PROGRAM names another.
PROGRAM = pathlib.Path(
    os.environ.get("AUTHORIZER_PROGRAM", REPOSITORY / ".build" / "release" / "authorizer")
)
CRAWLER = REPOSITORY / ".build" / "authorizer-crawler.jar"
PLUGIN = REPOSITORY / ".build" / "authorizer-namenode.jar"

# Seconds.
START_DEADLINE = 30
STOP_DEADLINE = 30
CRAWL_DEADLINE = 120


class SidecarError(Exception):
    """The service did not do what it should; says what."""


def crawler_of(cluster, **more):
    """The section `crawl` that crawls a cluster. `more` adds to it: `calls_per_second=10`."""
    section = {
        "java": str(java.java_home() / "bin" / "java"),
        "jar": str(CRAWLER),
        "hadoop-class-path": ":".join(map(str, [cluster.layout.conf, *class_path(cluster.state.hadoop)])),
        "java-options": [*java.OPENED, *java.SHORT_LIVED],
        "calls-per-second": 0,
    }
    section.update({name.replace("_", "-"): value for name, value in more.items()})
    return section


class Sidecar:
    """`authorizer serve` with its socket, store, audit and log in one directory.

    - directory: exists; short, because a socket's path is.
    - core_site: path of the cluster's core-site.xml, for auth_to_local, or None for the default rules.
    - krb5_conf: path of the krb5.conf that the service goes by, or None for the system's.
    - decisions: what the section `decisions` says. Without a crawler, every covered file counts by default.
    - crawl: what the section `crawl` says (`crawler_of`), or None to crawl nothing.
    - extra: text of further sections of the configuration file.
    - serve: the words that run the service; its configuration file comes behind them.
    - gateway: whether this process's user may ask for everybody.
    - public: whether every local user may connect.

    The process dies with the one that made it.
    """

    def __init__(self, directory, core_site=None, krb5_conf=None, decisions=None, crawl=None, extra="", serve=None,
                 gateway=False, public=False):
        self.directory = pathlib.Path(directory)
        self.socket = self.directory / "authorizer.sock"
        self.configuration = self.directory / "authorizer.yaml"
        self.log = self.directory / "authorizer.log"
        self._krb5_conf = krb5_conf
        self._process = None
        self._serve = serve or [PROGRAM, "serve", "--config"]
        identity = "default-realm: EXAMPLE.COM"
        if core_site:
            identity += f"\n  core-site: {core_site}"
        if decisions is None:
            decisions = {} if crawl else {"catalogue": "none"}
        sections = {"decisions": decisions, "crawl": crawl}
        users = f"{{users: ['{os.getuid()}']}}"
        more_roles = f"\n  gateway: {users}" if gateway else ""
        mode = "\n  mode: '0666'" if public else ""
        # JSON is YAML.
        extra = "".join(f"{name}: {json.dumps(said)}\n" for name, said in sections.items() if said) + extra
        self.configuration.write_text(
            f"""socket:
  path: {self.socket}{mode}
store: {self.directory}/policy.sqlite
audit:
  directory: {self.directory}/audit
roles:
  namenode: {users}
  admin: {users}{more_roles}
identity:
  {identity}
{extra}"""
        )

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exception):
        self.stop()

    def recrawl(self, *arguments):
        """Crawls, by default everything, and waits; returns the crawls as they ended."""
        return self.json("recrawl", *(arguments or ["--all"]), "--wait")

    def await_crawls(self, deadline=CRAWL_DEADLINE):
        """Returns when no crawl waits or runs any more, within the deadline (seconds)."""
        if not wait_until(lambda: not self.json("crawl", "list"), deadline, 0.05):
            raise SidecarError(f"crawls do not end: {self.json('crawl', 'list')}")

    @property
    def pid(self):
        """The process id, or None when the service does not run."""
        if self._process is None or self._process.poll() is not None:
            return None
        return self._process.pid

    def start(self, deadline=START_DEADLINE):
        """Starts the service and returns when it answers, within the deadline (seconds)."""
        if not (self.directory / "policy.sqlite").exists():
            self.initialise()
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *self._serve, self.configuration],
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        if not wait_until(lambda: self.pid is None or self._listens(), deadline, 0.01) or self.pid is None:
            self.kill()
            raise SidecarError(f"the service did not start:\n{self.log.read_text()}")

    def initialise(self):
        """Makes the empty policy store; the first start does it as well."""
        done = subprocess.run(
            [PROGRAM, "init", "--config", self.configuration],
            env=self._environment(),
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise SidecarError(f"authorizer init: {done.stderr}")

    def stop(self):
        """Asks the service to end (SIGTERM) and waits for it. Returns its exit status."""
        if self.pid is not None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_DEADLINE)
            except subprocess.TimeoutExpired:
                self.kill()
                raise SidecarError("the service did not end when asked") from None
        return self._process.returncode if self._process else None

    def kill(self):
        """Ends the service as a crash would (SIGKILL), and waits for it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def signal(self, number):
        """Sends the service a signal."""
        self._process.send_signal(number)

    def run(self, *arguments, stdin=None, user=None, timeout=120, environment=None, socket=None):
        """Runs the command line against this service; returns subprocess.CompletedProcess, text.

        - user: the name of the local user who gives the command; by default the one of this process.
        - timeout: seconds that the command may take.
        - environment: of the command, instead of this process's.
        - socket: by which it reaches the service, instead of the service's own.
        """
        account = pwd.getpwnam(user) if user else None
        # By its descriptor, so that the other user needs no way to the program.
        program = os.open(PROGRAM, os.O_RDONLY)
        try:
            return subprocess.run(
                [f"/proc/self/fd/{program}", *arguments, "--socket", socket or self.socket],
                input=stdin,
                capture_output=True,
                text=True,
                timeout=timeout,
                env=environment,
                pass_fds=[program],
                **({"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": "/"} if user else {}),
            )
        finally:
            os.close(program)

    def json(self, *arguments, user=None):
        """Runs a command that has to succeed, with --json; returns what it prints, one value a line."""
        done = self.run(*arguments, "--json", user=user)
        if done.returncode != 0:
            raise SidecarError(f"authorizer {' '.join(arguments)}: {done.stderr}")
        return json.loads(done.stdout)

    def apply(self, policies, *flags):
        """Puts policies, as the text of one file, in force; returns what `policy apply --json` prints."""
        return self.json("policy", "apply", self._policy_file(policies), *flags)

    def apply_in_words(self, policies):
        """As `apply`, returning what an administrator sees."""
        done = self.run("policy", "apply", self._policy_file(policies))
        if done.returncode != 0:
            raise SidecarError(f"policy apply: {done.stderr}")
        return done.stdout

    def await_watcher(self):
        """Returns when a NameNode goes by the present cover."""
        if not wait_until(self._is_followed, START_DEADLINE, 0.05):
            raise SidecarError("no NameNode follows the service; see the NameNode's log")

    def _is_followed(self):
        status = self.json("status")
        return any(w["coverVersion"] == status["coverVersion"] for w in status["watchers"])

    def _policy_file(self, policies):
        file = self.directory / "policies.yaml"
        file.write_text(policies)
        return str(file)

    def audit(self, **filters):
        """The audit records that fit: `audit(user="alice", decision="deny")`, oldest first."""
        arguments = []
        for name, value in filters.items():
            arguments += [f"--{name.replace('_', '-')}", str(value)]
        done = self.run("audit", "query", *arguments, "--json")
        if done.returncode != 0:
            raise SidecarError(f"audit query: {done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def _environment(self):
        environment = dict(os.environ)
        if self._krb5_conf:
            environment["KRB5_CONFIG"] = str(self._krb5_conf)
        return environment

    def _listens(self):
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self.socket))
            except OSError:
                return False
        return True
