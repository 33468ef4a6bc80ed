"""A Kerberos realm without a cluster, and clients of GSS-API that nobody here wrote."""

import json
import pathlib
import subprocess

from cluster import java
from cluster.kerberos import Realm
from cluster.layout import Layout, free_ports
from cluster.processes import Daemon, wait_until
from sidecar import PLUGIN

SERVICE = "authorizer/localhost@EXAMPLE.COM"

# Debian's python3-gssapi is for Debian's Python, whichever runs the tests.
_PYTHON = "/usr/bin/python3"
_CLIENT = pathlib.Path(__file__).with_name("gss_client.py")
_JAVA_CLIENT = pathlib.Path(__file__).with_name("JgssClient.java")

# Java takes the ticket cache as it is, without a login by Hadoop.
_LOGIN = """\
com.sun.security.jgss.initiate {
    com.sun.security.auth.module.Krb5LoginModule required useTicketCache=true doNotPrompt=true;
};
"""


class Kdc:
    """An MIT KDC with principals and ticket caches, in a directory that exists."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        layout = Layout(self.directory / "realm")
        layout.create()
        self._realm = Realm(layout, free_ports()["kdc"])
        self._realm.create()
        self._daemon = Daemon("KDC", str(layout.record("kdc")), str(layout.log("kdc")))
        self._daemon.start(self._realm.command(), self._realm.environment())
        assert wait_until(self._realm.listens, 30, 0.02), "no KDC"
        # Where every local user sees it.
        self.directory.chmod(0o755)
        self.krb5_conf = self.directory / "krb5.conf"
        self.krb5_conf.write_text(layout.krb5_conf.read_text())
        self.krb5_conf.chmod(0o644)

    def stop(self):
        self._daemon.stop(10)

    def keytab(self, principal, file):
        """Gives a principal, new or not, another key, and puts it into a keytab beside what is there."""
        if principal not in self._list():
            self._realm.administer("addprinc", "-randkey", principal)
        self._realm.administer("ktadd", "-q", "-k", str(file), principal)
        return file

    def _list(self):
        done = subprocess.run(
            ["kadmin.local", "-r", "EXAMPLE.COM", "listprincs"], env=self._realm.environment(), capture_output=True,
            text=True, check=True)
        return [line.removesuffix("@EXAMPLE.COM") for line in done.stdout.split()]

    def ticket(self, user, life="1h"):
        """The environment of a process of a user with a fresh ticket cache that every local user may read."""
        keytab = self.directory / f"{user.replace('/', '-')}.keytab"
        if not keytab.exists():
            self.keytab(user, keytab)
        cache = self.directory / f"{user.replace('/', '-')}-{life}.ticket"
        environment = self.environment(cache)
        subprocess.run(["kinit", "-k", "-t", keytab, "-l", life, user], env=environment, check=True, capture_output=True)
        cache.chmod(0o644)
        return environment

    def environment(self, cache):
        return {**self._realm.environment(), "KRB5_CONFIG": str(self.krb5_conf), "KRB5CCNAME": f"FILE:{cache}"}


class GssClient:
    """One end of an exchange, by Debian's python3-gssapi, in a process of its own.

    - environment: says whose tickets it takes.
    - challenge: its channel bindings, or None for none.
    """

    def __init__(self, environment, challenge, service=SERVICE, mutual=True):
        wish = {"service": service, "mutual": mutual, "bindings": challenge and challenge.hex()}
        self._start([_PYTHON, "-B", _CLIENT, json.dumps(wish)], environment)

    def _start(self, command, environment):
        self._process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.token = bytes.fromhex(self._process.stdout.readline())

    def finish(self, reply):
        """Whether the reply comes from the service."""
        answer, _ = self._process.communicate(reply.hex() + "\n")
        return answer.strip() == "established"

    def close(self):
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(30)


class JobsClient(GssClient):
    """One end of an exchange, by the class of jobs and Java's own GSS-API. `finish` takes the body of a `proven`."""

    def __init__(self, kdc, environment, challenge, service=SERVICE):
        login = kdc.directory / "login.conf"
        login.write_text(_LOGIN)
        self._start(
            [java.java_home() / "bin" / "java", *java.SHORT_LIVED, "-XX:+UseSerialGC", "-cp", PLUGIN,
             f"-Djava.security.krb5.conf={kdc.krb5_conf}", f"-Djava.security.auth.login.config={login}",
             "-Djavax.security.auth.useSubjectCredsOnly=false", _JAVA_CLIENT, service, challenge.hex()], environment)
