"""Kerberos tickets as proof of who asks: a real KDC, a real service, tokens of a client that nobody here wrote."""

import contextlib
import fcntl
import os
import pathlib
import pwd
import subprocess
import tempfile
import time
import unittest

from cluster.processes import wait_until

from .fixture import PROGRAM, Sidecar, SidecarError
from .realm import SERVICE, GssClient, JobsClient, Kdc
from .wire import PING, PONG, PROVE, PROVEN, TICKET, Wire, frame

# `nobody` is an account of the machine and a user; alice, bob and carol are users only; `bin` is an account only.
POLICIES = """\
groups: [{name: analysts}]
users:
  - {name: nobody, principal: nobody@EXAMPLE.COM, groups: [analysts]}
  - {name: alice, principal: alice@EXAMPLE.COM, groups: [analysts]}
  - {name: bob, principal: bob@EXAMPLE.COM, groups: [analysts]}
data-sources:
  - {name: orders, kind: table, directories: [/w/orders], subscription: {groups: [analysts]}}
projects:
  - {name: sales, data-sources: [orders], members: {users: [alice]}}
"""

HANDLE = "11" * 32
ROLE_REQUIRED, PROOF_REFUSED, PROOF_ENDED = 6, 10, 11
LIST = {"grant": {"_0": {"list": {"_0": {"live": True}}}}}


def issue(principal=None):
    request = {"nameservice": "ns1", "handles": [HANDLE], "job": {"application": "app-1"}, "dataSources": ["orders"]}
    if principal:
        request["principal"] = principal
    return {"grant": {"_0": {"issue": {"_0": request}}}}


@contextlib.contextmanager
def effective_user(name):
    """Connects as this account: the kernel notes who somebody is when they connect."""
    os.seteuid(pwd.getpwnam(name).pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)


class KerberosTest(unittest.TestCase):
    """A service that takes tickets; uids prove nothing unless a class says so."""

    kerberos = "require-proof: true"
    identity = "default-realm: EXAMPLE.COM"

    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory(prefix="azk-")
        cls.addClassCleanup(directory.cleanup)
        cls.kdc = Kdc(directory.name)
        cls.addClassCleanup(cls.kdc.stop)

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="azs-")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.directory.chmod(0o755)
        self.keytab = self.kdc.keytab(SERVICE.split("@")[0], self.directory / "service.keytab")
        said = f"kerberos:\n  keytab: {self.keytab}\n  service-principal: {SERVICE}\n  {self.kerberos}\n"
        self.sidecar = Sidecar(
            self.directory, krb5_conf=self.kdc.krb5_conf, public=True,
            extra=(said if self.kerberos else "") + "log: {level: trace}\n")
        self.addCleanup(self.sidecar.kill)
        self.configure("identity:\n", "  gateway: {users: [www-data]}\nidentity:\n")
        self.configure("default-realm: EXAMPLE.COM", self.identity)

    def configure(self, old, new):
        text = self.sidecar.configuration.read_text()
        self.assertIn(old, text)
        self.sidecar.configuration.write_text(text.replace(old, new, 1))

    def start(self):
        self.sidecar.start()
        self.sidecar.apply(POLICIES)

    def connect(self, account="bin"):
        """A connection of an account that is no user of the policies, unless said otherwise."""
        with effective_user(account):
            wire = Wire(self.sidecar.socket)
        self.addCleanup(wire.close)
        return wire

    def client(self, environment, challenge, **more):
        client = GssClient(environment, challenge, **more)
        self.addCleanup(client.close)
        return client

    def proven(self, user, account="bin"):
        """A connection that has proved to be a user's."""
        wire = self.connect(account)
        client = self.client(self.kdc.ticket(user), wire.challenge())
        _, principal, reply = wire.show(client.token)
        self.assertEqual(principal, f"{user}@EXAMPLE.COM")
        self.assertTrue(client.finish(reply), "the service has not proved who it is")
        return wire

    def refuse(self, wire, token, *words):
        """Shows a ticket that is refused; the connection goes on, and speaks for nobody."""
        wire.send(frame(TICKET, 6, token))
        code, ends, said = wire.error()
        self.assertEqual((code, ends), (PROOF_REFUSED, False), said)
        self.assert_without_standing(wire)
        for word in words:
            self.assertIn(word, said)
        (record,) = [r for r in self.sidecar.audit() if r["kind"] == "refusal" and "Kerberos proof" in r["detail"]]
        self.assertIn(said, record["detail"])
        return said

    def assert_without_standing(self, wire):
        code, said = wire.command(issue())["error"]
        self.assertEqual(code, ROLE_REQUIRED, said)
        self.assertEqual(self.sidecar.json("grant", "list"), [])


class Proving(KerberosTest):
    def setUp(self):
        super().setUp()
        self.start()

    def test_ticket_proves_its_principal_and_nobody_else(self):
        wire = self.proven("alice")
        given = wire.command(issue())["done"]["_0"]
        self.assertEqual((given["user"], given["principal"]), ("alice", "alice@EXAMPLE.COM"))
        self.assertIn("done", wire.command(issue("alice@EXAMPLE.COM")))
        refused = wire.command(issue("bob@EXAMPLE.COM"))["refused"]["_0"]["message"]
        self.assertIn("may ask for itself only", refused)
        other = self.proven("bob")
        self.assertEqual(other.command(LIST)["done"]["_0"], [])
        renewal = {"grant": {"_0": {"renew": {"id": given["id"]}}}}
        self.assertIn("of yours", other.command(renewal)["refused"]["_0"]["message"])
        self.assertEqual(wire.command(renewal)["done"]["_0"]["renewals"], 1)
        # Nor does it give a role.
        code, said = wire.command({"cacheFlush": {}})["error"]
        self.assertEqual(code, ROLE_REQUIRED, said)

    def test_sessions_of_spark_speak_for_the_principal_of_their_ticket(self):
        wire = self.proven("alice")

        def look_up(principal):
            asked = {"principal": principal, "relations": [{"paths": ["/w/orders"]}]}
            return wire.command({"spark": {"_0": {"lookUp": {"_0": asked}}}})

        self.assertEqual(look_up("alice@EXAMPLE.COM")["done"]["_0"]["user"], "alice")
        said = look_up("bob@EXAMPLE.COM")["refused"]["_0"]["message"]
        self.assertIn("alice@EXAMPLE.COM", said)
        (record,) = [r for r in self.sidecar.audit() if r["kind"] == "refusal"]
        self.assertIn(said, record["detail"])

    def test_java_of_jobs_proves_and_knows_the_service(self):
        for spoilt in (False, True):
            wire = self.connect()
            client = JobsClient(self.kdc, self.kdc.ticket("alice"), wire.challenge())
            self.addCleanup(client.close)
            wire.send(frame(TICKET, 6, client.token))
            kind, _, proven = wire.receive()
            self.assertEqual(kind, PROVEN, proven)
            self.assertEqual(wire.command(issue())["done"]["_0"]["user"], "alice")
            # One bit of what proves the service.
            answer = proven[:-1] + bytes([proven[-1] ^ spoilt])
            self.assertEqual(client.finish(answer), not spoilt)

    def test_command_line_shows_a_ticket_of_the_ticket_cache(self):
        options = ["--nameservice", "ns1", "--application", "a", "--handle", HANDLE, "--data-source", "orders"]

        def run(*words, user="alice", service=SERVICE):
            return self.sidecar.run(
                *words, "--kerberos", service, "--json", user="bin", environment=self.kdc.ticket(user))

        done = run("grant", "issue", *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        (grant,) = self.sidecar.json("grant", "list")
        self.assertEqual(grant["user"], "alice")
        done = run("grant", "release", grant["id"], user="bob")
        self.assertIn("of yours", done.stderr)
        for words in ("renew", "release"):
            self.assertEqual(run("grant", words, grant["id"]).returncode, 0)
        self.assertEqual(run("project", "switch", "sales").returncode, 0)
        done = self.sidecar.run("grant", "issue", *options, user="nobody")
        self.assertEqual(done.returncode, 77, done)
        self.assertIn("--kerberos", done.stderr)
        done = run("grant", "list", service="other/localhost@EXAMPLE.COM")
        self.assertEqual(done.returncode, 77, done)
        self.assertIn("no Kerberos ticket for `other/localhost@EXAMPLE.COM`", done.stderr)

    def test_administrators_own_look_up_without_a_ticket_is_refused_and_recorded(self):
        relations = [{"paths": ["/w/orders"]}]
        for name, content in (
                ("lookUp", {"relations": relations}),
                ("lookUp", {"principal": "alice@EXAMPLE.COM", "relations": relations}),
                ("report", {"application": "app-1", "policyVersion": 2, "tables": []})):
            wire = self.connect("root")
            said = wire.command({"spark": {"_0": {name: {"_0": content}}}})["refused"]["_0"]["message"]
            self.assertIn("kerberos.require-proof", said)
        records = [r for r in self.sidecar.audit() if r["kind"] == "refusal"]
        self.assertEqual(
            [r["detail"].split(":")[0] for r in records], ["spark look-up", "spark look-up", "spark report"])
        for record in records:
            self.assertIn("kerberos.require-proof", record["detail"])
            self.assertIn("uid 0", record["detail"])
        self.assertEqual(self.sidecar.json("status")["counters"]["refusals"], 3)

    def test_uid_that_maps_proves_nothing(self):
        wire = self.connect("nobody")
        self.assert_without_standing(wire)
        code, said = wire.command({"projectList": {}})["error"]
        self.assertIn("kerberos.require-proof", said)
        self.assertEqual(len([r for r in self.sidecar.audit() if r["kind"] == "refusal"]), 2)
        self.assertEqual(self.sidecar.json("status")["counters"]["refusals"], 2)

    def test_gateway_asks_for_others_without_a_ticket_and_for_itself_alone_with_one(self):
        gateway = self.connect("www-data")
        self.assertEqual(gateway.command(issue("bob@EXAMPLE.COM"))["done"]["_0"]["user"], "bob")
        self.assertIn("require-proof", gateway.command(issue())["refused"]["_0"]["message"])
        gateway = self.proven("alice", account="www-data")
        self.assertIn("itself only", gateway.command(issue("bob@EXAMPLE.COM"))["refused"]["_0"]["message"])
        self.assertEqual(gateway.command(issue())["done"]["_0"]["user"], "alice")

    def test_token_that_was_accepted_is_refused_wherever_it_is_shown_again(self):
        wire = self.connect()
        client = self.client(self.kdc.ticket("alice"), wire.challenge())
        wire.show(client.token)
        other = self.connect()
        other.challenge()
        self.refuse(other, client.token, "replay")
        self.sidecar.kill()
        self.sidecar.start()
        other = self.connect()
        other.challenge()
        other.send(frame(TICKET, 6, client.token))
        self.assertIn("replay", other.error()[2], "a restart has forgotten it")

    def test_token_counts_on_its_own_connection_only(self):
        wire, other = self.connect(), self.connect()
        client = self.client(self.kdc.ticket("alice"), wire.challenge())
        other.challenge()
        self.refuse(other, client.token, "not made for this connection")

    def test_token_without_bindings_or_without_mutual_authentication(self):
        wire = self.connect()
        wire.challenge()
        self.refuse(wire, self.client(self.kdc.ticket("alice"), None).token, "not made for this connection")
        wire = self.connect()
        client = self.client(self.kdc.ticket("alice"), wire.challenge(), mutual=False)
        wire.send(frame(TICKET, 6, client.token))
        self.assertIn("mutual authentication", wire.error()[2])

    def test_token_that_is_none(self):
        for token in (b"", b"\x60", os.urandom(500), bytes(200_000)):
            wire = self.connect()
            wire.challenge()
            wire.send(frame(TICKET, 6, token))
            self.assertEqual(wire.error()[0], PROOF_REFUSED)
            self.assert_without_standing(wire)

    def test_connection_proves_once_and_in_order(self):
        wire = self.proven("alice")
        wire.send(frame(PROVE, 7))
        self.assertIn("once", wire.error()[2])
        self.assert_without_standing(wire)
        wire = self.connect()
        wire.send(frame(TICKET, 7, b"x"))
        self.assertIn("`prove`", wire.error()[2])
        self.assert_without_standing(wire)
        wire.send(frame(PING, 8))
        self.assertEqual(wire.receive()[0], PONG)

    def test_ticket_that_has_expired(self):
        wire = self.connect()
        client = self.client(self.kdc.ticket("alice", life="2s"), wire.challenge())
        end = time.time() + 2
        self.assertTrue(wait_until(lambda: time.time() > end, 10, 0.05))
        # Within the clock skew that Kerberos itself grants.
        self.refuse(wire, client.token, "has expired")

    def test_standing_and_connection_end_with_the_ticket(self):
        wire = self.connect()
        client = self.client(self.kdc.ticket("alice", life="3s"), wire.challenge())
        end, _, _ = wire.show(client.token)
        self.assertIn("done", wire.command(LIST))
        code, ends, _ = wire.error()
        self.assertEqual((code, ends), (PROOF_ENDED, True))
        self.assertGreaterEqual(time.time() * 1_000, end)
        self.assertEqual(wire.receive(), Wire.closed)

    def test_ticket_of_a_user_whom_the_policies_do_not_know(self):
        wire = self.proven("carol")
        self.assertIn("unmapped-user", wire.command(issue())["refused"]["_0"]["message"])

    def test_key_that_is_not_the_tickets(self):
        old = self.keytab.read_bytes()
        self.kdc.keytab(SERVICE.split("@")[0], self.keytab)
        new = self.keytab.read_bytes()
        self.keytab.write_bytes(old)
        wire = self.connect()
        client = self.client(self.kdc.ticket("alice"), wire.challenge())
        self.refuse(wire, client.token, SERVICE)
        self.keytab.write_bytes(new)
        self.proven("alice")

    def test_keytab_that_is_gone_or_that_others_can_read(self):
        for spoil, words in ((lambda: self.keytab.chmod(0o440), "can be used by others"),
                             (self.keytab.unlink, "No such file")):
            spoil()
            wire = self.connect()
            client = self.client(self.kdc.ticket("alice"), wire.challenge())
            wire.send(frame(TICKET, 6, client.token))
            self.assertIn(words, wire.error()[2])
            self.assert_without_standing(wire)

    def test_no_byte_of_a_token_is_in_log_or_audit(self):
        wire = self.connect()
        client = self.client(self.kdc.ticket("alice"), wire.challenge())
        wire.show(client.token)
        self.refuse(self.challenged(), client.token)
        self.sidecar.stop()
        for file in [self.sidecar.log, *self.directory.glob("audit/**/*")]:
            if file.is_file():
                written = file.read_bytes()
                for start in range(0, len(client.token) - 16, 16):
                    piece = client.token[start:start + 16]
                    self.assertNotIn(piece, written)
                    self.assertNotIn(piece.hex().encode(), written)

    def challenged(self):
        wire = self.connect()
        wire.challenge()
        return wire

    def test_ticket_that_waits_for_a_file_keeps_nobody_waiting(self):
        first = self.proven("alice")
        environment = self.kdc.ticket("alice")
        with open(self.directory / "replay-cache", "r+b") as cache:
            fcntl.lockf(cache, fcntl.LOCK_EX)
            waiting = []
            for _ in range(64):
                wire = self.connect()
                wire.challenge()
                waiting.append(wire)
            token = self.client(environment, bytes(32)).token
            for wire in waiting:
                wire.send(frame(TICKET, 6, token))
            # The service goes on with everything else.
            self.assertIn("done", first.command(LIST))
            # What is asked behind a ticket is refused until something has come of it.
            code, said = waiting[0].command(issue())["error"]
            self.assertEqual((code, "is being looked at" in said), (ROLE_REQUIRED, True), said)
            late = self.connect()
            late.challenge()
            late.send(frame(TICKET, 6, token))
            self.assertIn("wait to be looked at", late.error()[2])
        for wire in waiting:
            self.assertEqual(wire.error()[0], PROOF_REFUSED)
        self.proven("alice")


class BesideUids(KerberosTest):
    kerberos = "require-proof: false"

    def setUp(self):
        super().setUp()
        self.start()

    def test_uid_counts_until_a_ticket_says_otherwise(self):
        self.assertEqual(self.connect("nobody").command(issue())["done"]["_0"]["user"], "nobody")
        self.assertEqual(self.proven("alice", account="nobody").command(issue())["done"]["_0"]["user"], "alice")

    def test_refused_ticket_leaves_nothing_of_the_uid(self):
        wire = self.connect("nobody")
        wire.challenge()
        self.refuse(wire, b"no ticket")


class NobodyHere(KerberosTest):
    identity = "default-realm: EXAMPLE.COM\n  auth-to-local: 'RULE:[1:$1@$0](.*@EXAMPLE.COM)s/@.*//'"

    def test_principal_that_the_rules_make_nobody(self):
        self.start()
        wire = self.connect()
        client = self.client(self.kdc.ticket("alice/batch"), wire.challenge())
        self.refuse(wire, client.token, "`alice/batch@EXAMPLE.COM`, who is nobody here")
        self.proven("alice")


class Without(KerberosTest):
    kerberos = None

    def test_service_without_a_keytab_takes_no_tickets(self):
        self.start()
        wire = self.connect("nobody")
        self.assertIn("done", wire.command(LIST))
        wire.send(frame(PROVE, 6))
        code, ends, said = wire.error()
        self.assertEqual((code, ends), (PROOF_REFUSED, False))
        self.assertIn("has no `kerberos`", said)
        self.assert_without_standing(wire)
        done = self.sidecar.run(
            "grant", "list", "--kerberos", SERVICE, user="nobody", environment=self.kdc.ticket("alice"))
        self.assertEqual(done.returncode, 77, done)
        self.assertIn("has no `kerberos`", done.stderr)


class Configuration(KerberosTest):
    def assert_does_not_start(self, *words):
        with self.assertRaises(SidecarError) as caught:
            self.sidecar.start()
        for word in words:
            self.assertIn(word, str(caught.exception))

    def test_keytab_that_others_can_read_keeps_the_service_from_starting(self):
        self.keytab.chmod(0o640)
        self.assert_does_not_start("can be used by others", "chmod 0400")

    def test_keytab_without_the_key_keeps_the_service_from_starting(self):
        self.configure(SERVICE, "other/localhost@EXAMPLE.COM")
        self.assert_does_not_start("gives no key of `other/localhost@EXAMPLE.COM`")

    def test_what_is_wrong_is_told_by_line(self):
        for section, words in (
                ("{keytab: /k}", "service-principal"), ("{service-principal: a/b@C}", "keytab"),
                ("{keytab: k, service-principal: a/b@C}", "relative"),
                ("{keytab: /k, service-principal: a/b}", "no principal with a realm"),
                ("{keytab: /k, service-principal: a/b@C, require-proof: perhaps}", "`true` or `false`"),
                ("{keytab: /k, service-principal: a/b@C, proof: true}", "proof")):
            file = self.directory / "c.yaml"
            file.write_text(f"kerberos: {section}\n")
            done = subprocess.run(
                [PROGRAM, "serve", "--check-config", "--config", file], capture_output=True, text=True)
            self.assertEqual(done.returncode, 78, done)
            self.assertIn("c.yaml:1:", done.stderr)
            self.assertIn(words, done.stderr)
