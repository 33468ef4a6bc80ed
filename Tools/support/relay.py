"""The way of a Spark driver to the service of another host: the commands of `Tools/systemd`, on this machine."""

import os
import pathlib
import pwd
import re
import socket
import subprocess

from cluster.processes import wait_until

_UNITS = pathlib.Path(__file__).parents[1] / "systemd"
_DAYS = "2"


class Certificates:
    """An authority of TLS in a directory that exists, for hosts that are all `localhost`."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.authority = self.directory / "authorities.pem"
        self._key = self.directory / "authority.key"
        _openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", _DAYS,
            "-subj", "/CN=authority", "-keyout", self._key, "-out", self.authority)

    def of_host(self, directory):
        """A directory as systemd's credentials: `host.pem`, fresh, and `authorities.pem`. For one account alone."""
        directory.mkdir()
        request, key, host = directory / "request.pem", directory / "key.pem", directory / "host.pem"
        _openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost",
            "-keyout", key, "-out", request)
        _openssl(
            "x509", "-req", "-in", request, "-CA", self.authority, "-CAkey", self._key, "-CAcreateserial", "-days",
            _DAYS, "-out", host)
        host.write_text(host.read_text() + key.read_text())
        (directory / "authorities.pem").write_text(self.authority.read_text())
        return directory


class Relay:
    """Both ends of a relay over TLS, on loopback.

    - to: the service's socket.
    - directory: an existing one that every local user may look into.
    - account: whose processes they are; the service sees this one connect.
    """

    def __init__(self, to, directory, account="bin"):
        self._account = pwd.getpwnam(account)
        self.socket = pathlib.Path(directory) / "driver.sock"
        certificates = Certificates(directory)
        here = certificates.of_host(pathlib.Path(directory) / "driver-host")
        there = certificates.of_host(pathlib.Path(directory) / "namenode-host")
        self.authority, self.port = certificates.authority, _free_port()
        for path in (here, there, *here.iterdir(), *there.iterdir()):
            os.chown(path, self._account.pw_uid, self._account.pw_gid)
        os.chown(directory, self._account.pw_uid, -1)
        self._processes = []
        self._start("authorizer-relay.service", there, {"/run/authorizer/authorizer.sock": str(to)})
        assert wait_until(self._listens, 10, 0.02), "the relay of the NameNode's host does not listen"
        self._start(
            "authorizer-relay@.service", here,
            {"/run/authorizer-relay/%i/authorizer.sock": str(self.socket), "%i": "localhost"})
        assert wait_until(self.socket.exists, 10, 0.02), "the relay of the driver's host does not listen"

    def stop(self):
        for process in self._processes:
            process.terminate()
            process.wait()

    def _start(self, unit, credentials, places):
        (line,) = re.findall(r"^ExecStart=(.*)$", (_UNITS / unit).read_text(), re.M)
        # On loopback only, and by what systemd would set.
        places = {"${CREDENTIALS_DIRECTORY}": str(credentials), "OPENSSL-LISTEN:${PORT}":
                  f"OPENSSL-LISTEN:{self.port},bind=127.0.0.1", "${PORT}": str(self.port), **places}
        for place, value in places.items():
            line = line.replace(place, value)
        self._processes.append(subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", *line.split()], user=self._account.pw_uid,
            group=self._account.pw_gid, extra_groups=[], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def _listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
