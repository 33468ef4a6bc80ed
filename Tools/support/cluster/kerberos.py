"""The realm: an MIT KDC on loopback, its principals, keytabs and tickets."""

import os
import re
import secrets
import socket
import subprocess
import uuid

from .errors import ClusterError
from .layout import REALM, principal
from .processes import tail

# Debian keeps the KDC's programs out of the PATH of ordinary users.
ADMIN_PATH = os.pathsep.join((os.environ.get("PATH", "/usr/bin:/bin"), "/usr/sbin", "/sbin"))

KRB5_CONF = """\
[libdefaults]
    default_realm = {realm}
    dns_lookup_realm = false
    dns_lookup_kdc = false
    dns_canonicalize_hostname = false
    rdns = false
    forwardable = true
    ticket_lifetime = 24h
    udp_preference_limit = 1

[realms]
    {realm} = {{
        kdc = 127.0.0.1:{port}
    }}

[domain_realm]
    localhost = {realm}
"""

KDC_CONF = """\
[kdcdefaults]
    kdc_listen = 127.0.0.1:{port}
    kdc_tcp_listen = 127.0.0.1:{port}

[realms]
    {realm} = {{
        database_name = {directory}/principal
        key_stash_file = {directory}/stash
        acl_file = {directory}/kadm5.acl
        max_life = 24h
        supported_enctypes = aes256-cts-hmac-sha1-96:normal aes128-cts-hmac-sha1-96:normal
    }}

[logging]
    kdc = FILE:{log}
    default = FILE:{log}
"""

_USER_NAME = re.compile(r"[A-Za-z0-9._+-]+(/[A-Za-z0-9._+-]+)*")


class Realm:
    """The Kerberos realm of one cluster."""

    def __init__(self, layout, port):
        self._layout = layout
        self._port = port

    def create(self):
        """Writes the configuration and an empty database."""
        layout = self._layout
        layout.krb5_conf.write_text(KRB5_CONF.format(realm=REALM, port=self._port))
        layout.kdc_conf.write_text(
            KDC_CONF.format(
                realm=REALM, port=self._port, directory=layout.kdc, log=layout.log("kdc")
            )
        )
        self._run(["kdb5_util", "-r", REALM, "create", "-s", "-P", secrets.token_hex(16)])

    def command(self):
        """The command of the KDC, in the foreground."""
        return ["krb5kdc", "-n", "-r", REALM]

    def listens(self):
        """Whether the KDC takes connections."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._port)) == 0

    def environment(self):
        """What every program of this realm has to have in its environment."""
        return dict(
            os.environ,
            PATH=ADMIN_PATH,
            KRB5_CONFIG=str(self._layout.krb5_conf),
            KRB5_KDC_PROFILE=str(self._layout.kdc_conf),
        )

    def add(self, name, keytab):
        """Adds the principal `name@REALM` with a random key, which is appended to the keytab.

        Raises ClusterError for a name that is no plain principal, or that exists already.
        """
        if not _USER_NAME.fullmatch(name):
            raise ClusterError(
                f"`{name}` is no principal name: use letters, digits, `.`, `_`, `+`, `-`, and `/` "
                "between components, without the realm",
                2,
            )
        self._run(["kadmin.local", "-r", REALM, "addprinc", "-randkey", name])
        self._run(["kadmin.local", "-r", REALM, "ktadd", "-q", "-k", str(keytab), name])

    def administer(self, *command):
        """Runs a command of `kadmin.local`. Raises ClusterError if it fails."""
        self._run(["kadmin.local", "-r", REALM, *command])

    def has_ticket(self, user):
        """Whether the user's ticket cache holds a ticket that has not expired."""
        cache = self._layout.ticket(user)
        if not cache.exists():
            return False
        return self._succeeds(["klist", "-s", "-c", str(cache)])

    def obtain_ticket(self, user):
        """Gets a ticket for a user with a keytab; returns the path of the ticket cache."""
        layout = self._layout
        keytab, cache = layout.keytab(user), layout.ticket(user)
        if not keytab.exists():
            raise ClusterError(
                f"no keytab for `{user}`: "
                f"add the principal with `Tools/cluster principal add {user}`",
                66,
            )
        fresh = cache.with_name(f"{cache.name}.{uuid.uuid4().hex}.partial")
        self._run(["kinit", "-k", "-t", str(keytab), "-c", str(fresh), principal(user)])
        fresh.replace(cache)
        return cache

    def _succeeds(self, command):
        run = subprocess.run(
            command,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return run.returncode == 0

    def _run(self, command):
        run = subprocess.run(
            command,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if run.returncode != 0:
            raise ClusterError(
                f"{command[0]}: {run.stdout.strip()}\n{tail(self._layout.log('kdc'), 3)}".rstrip()
            )
