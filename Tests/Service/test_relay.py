"""Spark drivers on other hosts: the units of `Tools/systemd` carry them to the service, and their tickets say who they are."""

import json
import pathlib
import socket
import ssl
import tempfile

from relay import Relay

from .realm import SERVICE
from .test_kerberos import LIST, KerberosTest, issue
from .wire import Wire


class DriversOnOtherHosts(KerberosTest):
    def setUp(self):
        super().setUp()
        self.start()
        directory = tempfile.TemporaryDirectory(prefix="azr-")
        self.addCleanup(directory.cleanup)
        pathlib.Path(directory.name).chmod(0o755)
        self.relay = Relay(self.sidecar.socket, directory.name)
        self.addCleanup(self.relay.stop)

    def far(self):
        wire = Wire(self.relay.socket)
        self.addCleanup(wire.close)
        return wire

    def far_proven(self, user):
        wire = self.far()
        client = self.client(self.kdc.ticket(user), wire.challenge())
        _, principal, reply = wire.show(client.token)
        self.assertEqual(principal, f"{user}@EXAMPLE.COM")
        self.assertTrue(client.finish(reply))
        return wire

    def test_ticket_says_who_asks_for_a_grant(self):
        granted = self.far_proven("alice").command(issue())["done"]["_0"]
        self.assertEqual((granted["user"], granted["principal"]), ("alice", "alice@EXAMPLE.COM"))
        refused = self.far_proven("bob").command(issue("alice@EXAMPLE.COM"))["refused"]["_0"]["message"]
        self.assertIn("alice@EXAMPLE.COM", refused)
        (grant,) = self.sidecar.json("grant", "list")
        self.assertEqual(grant["user"], "alice")

    def test_command_line_goes_the_same_way(self):
        self.far_proven("alice").command(issue())
        done = self.sidecar.run(
            "grant", "list", "--json", "--kerberos", SERVICE, user="nobody", environment=self.kdc.ticket("alice"),
            socket=self.relay.socket)
        self.assertEqual([grant["user"] for grant in json.loads(done.stdout)], ["alice"], done)

    def test_nobody_has_the_standing_of_the_relay_or_of_an_account_of_the_other_host(self):
        # Root here; the service sees the relay's account.
        wire = self.far()
        self.assertIn("a uid proves nothing here", wire.command(issue())["error"][1])
        self.assertIn("needs the role", wire.command({"status": {}})["error"][1])
        refusals = [r["detail"] for r in self.sidecar.audit() if r["kind"] == "refusal"]
        self.assertEqual(len(refusals), 2, refusals)

    def test_host_without_a_certificate_does_not_get_through(self):
        context = ssl.create_default_context(cafile=str(self.relay.authority))
        # The refusal may come with the handshake, or instead of the first answer.
        with self.assertRaises((ssl.SSLError, OSError)):
            with socket.create_connection(("127.0.0.1", self.relay.port), timeout=30) as raw:
                with context.wrap_socket(raw, server_hostname="localhost") as tls:
                    tls.sendall(b"\0")
                    if not tls.recv(1):
                        raise OSError("the connection was ended")

    def test_service_that_is_started_anew_is_reached_again(self):
        self.far_proven("alice").command(issue())
        self.sidecar.stop()
        self.sidecar.start()
        answer = self.far_proven("alice").command(LIST)
        self.assertEqual([grant["user"] for grant in answer["done"]["_0"]], ["alice"])
