"""Records are sent on to a file, a syslog collector and a webhook: each at least once, and nobody waits for them."""

import http.server
import json
import re
import socket
import socketserver
import ssl
import subprocess
import threading

from cluster.processes import wait_until

from .fixture import PROGRAM, ServiceTest
from .wire import Wire

DEADLINE = 60


class Collector:
    """A server on loopback that can go away and come back on the same port. `records` is what it has taken.

    - security: its ssl.SSLContext, where it speaks TLS.
    """

    def __init__(self, security=None):
        self.security = security
        self.records = []
        self.connections = []
        self._server = None
        self.port = 0

    def open(self):
        self._server = self.server()
        if self.security:
            # Hands are shaken by the thread of the connection, at its first read.
            self._server.socket = self.security.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False)
            # Of hands that are not shaken, which some tests are about.
            self._server.handle_error = lambda *connection: None
        self._server.collector = self
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def close(self):
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        for connection in self.connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # It has ended by itself.
        self.connections = []

    def await_all(self, last):
        return wait_until(lambda: set(self.sequences()) >= set(range(1, last + 1)), DEADLINE, 0.05)

    def sequences(self):
        return [record["sequence"] for record in self.records]


class Syslog(Collector):
    def server(self):
        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        return Server(("127.0.0.1", self.port), SyslogConnection)


class SyslogConnection(socketserver.StreamRequestHandler):
    def handle(self):
        self.server.collector.connections.append(self.request)
        while True:
            length = b""
            while not length.endswith(b" "):
                byte = self.rfile.read(1)
                if not byte:
                    return
                length += byte
            message = self.rfile.read(int(length)).decode()
            match = re.fullmatch(r"<(\d+)>1 (\S+) \S+ authorizer \d+ (\S+) - (\{.*\})", message)
            assert match, message
            record = json.loads(match[4])
            assert (record["time"], record["kind"]) == (match[2], match[3])
            assert match[1] == ("109" if record.get("decision") == "deny" else "110")
            self.server.collector.records.append(record)


class Webhook(Collector):
    """Answers with the statuses that it is given first, then with 200."""

    def __init__(self, security=None):
        super().__init__(security)
        self.statuses = []
        self.tokens = set()

    def server(self):
        return http.server.ThreadingHTTPServer(("127.0.0.1", self.port), WebhookRequest)


class WebhookRequest(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        collector = self.server.collector
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        status = collector.statuses.pop(0) if collector.statuses else 200
        if status == 200:
            records = [json.loads(line) for line in body.splitlines()]
            assert self.headers["Authorizer-Records"] == f"{records[0]['sequence']}-{records[-1]['sequence']}"
            collector.records += records
            collector.tokens.add(self.headers["Authorization"])
        self.send_response(status)
        self.end_headers()

    def log_message(self, *arguments):
        pass


class ShippingTest(ServiceTest):
    def ship(self, section):
        file = self.sidecar.configuration
        file.write_text(file.read_text().replace("audit:\n", f"audit:\n  ship: {section}\n"))

    def read(self, count, path="/data/sales/f"):
        with Wire(self.sidecar.socket) as connection:
            for _ in range(count):
                self.assertEqual(connection.decide("alice@EXAMPLE.COM", path)[0], "allow")
            connection.decide("bob@EXAMPLE.COM", path)

    def sink(self):
        return self.sidecar.json("status")["audit"]["sinks"][0]

    def await_shipped(self):
        """Returns when the sink has everything that was recorded."""
        last = self.sidecar.json("status")["audit"]["lastRecord"]
        self.assertTrue(wait_until(lambda: self.sink()["shipped"] >= last, DEADLINE, 0.05), self.sink())
        return last

    def assert_all(self, sequences, last):
        """Everything at least once, and in order but for what came again."""
        self.assertEqual(sorted(set(sequences)), list(range(1, last + 1)))


class ToFile(ShippingTest):
    def test_every_record_at_least_once_also_after_kill_9(self):
        file = self.directory / "audit.jsonl"
        self.ship(f"{{file: {{path: {file}}}}}")
        self.start()
        for _ in range(5):
            self.read(50)
            self.sidecar.kill()
            self.sidecar.start()
        last = self.await_shipped()
        records = [json.loads(line) for line in file.read_text().splitlines()]
        self.assert_all([record["sequence"] for record in records], last)
        # What a query says, word for word; it leaves a record of its own.
        queried = {r["sequence"]: r for r in self.sidecar.audit(limit=1_000) if r["sequence"] <= last}
        self.assertEqual({r["sequence"]: r for r in records}, queried)
        self.assertEqual(self.sink()["state"], "works")

    def test_nothing_comes_twice_where_the_service_ends_by_itself(self):
        file = self.directory / "audit.jsonl"
        self.ship(f"{{file: {{path: {file}}}}}")
        self.start()
        for _ in range(3):
            self.read(20)
            self.assertEqual(self.sidecar.stop(), 0)
            self.sidecar.start()
        sequences = [json.loads(line)["sequence"] for line in file.read_text().splitlines()]
        self.assertEqual(sequences, list(range(1, self.await_shipped() + 1)))


class ToSyslog(ShippingTest):
    def test_collector_that_goes_away_and_comes_back(self):
        collector = Syslog().open()
        self.addCleanup(collector.close)
        self.ship(f"{{syslog: {{address: '127.0.0.1:{collector.port}'}}}}")
        self.start()
        self.read(10)
        # It goes away with nothing unread.
        self.assertTrue(collector.await_all(self.await_shipped()))
        collector.close()
        self.read(10)
        collector.open()
        self.read(10)
        last = self.await_shipped()
        self.assertTrue(collector.await_all(last))
        self.assert_all(collector.sequences(), last)

    def test_collector_that_never_was_is_told_and_answers_go_on(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.ship(f"{{syslog: {{address: '127.0.0.1:{free.getsockname()[1]}'}}}}")
            self.start()
            self.read(100)
            self.assertTrue(wait_until(lambda: self.sink()["state"] == "fails", DEADLINE, 0.05), self.sink())
        self.assertIn("Connection refused", self.sink()["failure"])
        self.assertIn('authorizer_sink_failing{sink="syslog"} 1\n', self.sidecar.run("status", "--metrics").stdout)
        self.assertGreater(self.sink()["waiting"], 100)


    def test_collector_that_does_not_read_is_told_from_one_that_is_not_there(self):
        with socket.socket() as lazy:
            # So little that not even the other machine's kernel takes all of it.
            lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            lazy.bind(("127.0.0.1", 0))
            lazy.listen()
            self.ship(f"{{syslog: {{address: '127.0.0.1:{lazy.getsockname()[1]}'}}}}")
            self.start()
            self.read(500)
            self.assertTrue(wait_until(lambda: self.sink()["state"] == "hangs", DEADLINE, 0.1), self.sink())
            self.read(500)
            self.assertEqual(self.sink()["shipped"], 0)
            self.assertEqual(self.sidecar.stop(), 0)


class ToWebhook(ShippingTest):
    def test_batches_until_they_are_taken_with_a_token(self):
        token = self.directory / "token"
        token.write_text("secret-of-the-test\n")
        hook = Webhook().open()
        self.addCleanup(hook.close)
        hook.statuses = [500, 503, 302]
        self.ship(f"{{webhook: {{url: 'http://127.0.0.1:{hook.port}/audit', token-file: {token}}}}}")
        self.start()
        self.read(300)
        last = self.await_shipped()
        self.assertEqual(hook.sequences(), list(range(1, last + 1)))
        self.assertEqual(hook.tokens, {"Bearer secret-of-the-test"})
        self.assertIn("answered with status 500", self.sidecar.log.read_text())
        self.assertNotIn("secret-of-the-test", self.sidecar.log.read_text())

    def test_hook_that_hangs_is_told_from_one_that_fails_and_nobody_waits(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            self.ship(f"{{webhook: {{url: 'http://127.0.0.1:{silent.getsockname()[1]}/'}}}}")
            self.start()
            self.read(500)
            self.assertTrue(wait_until(lambda: self.sink()["state"] == "hangs", DEADLINE, 0.1), self.sink())
            self.read(500)
            self.assertEqual(self.sidecar.stop(), 0)

    def test_slips_are_refused(self):
        for section, word in (
            ("{webhook: {url: 'ftp://siem.example.com/'}}", "is no URL"),
            ("{webhook: {url: 'http://siem.example.com/', tls: {}}}", "https://"),
            ("{webhook: {url: 'https://siem.example.com/', tls: {key-file: /k}}}", "both or neither"),
            ("{syslog: {address: 'siem:6514', tls: {verify: false}}}", "verify"),
            ("{syslog: {address: somewhere}}", "HOST:PORT"),
            ("{file: {path: here}}", "relative"),
            ("{webhook: {}}", "url"),
        ):
            original = self.sidecar.configuration.read_text()
            self.ship(section)
            done = subprocess.run(
                [PROGRAM, "serve", "--check-config", "--config", self.sidecar.configuration],
                capture_output=True, text=True)
            self.assertEqual(done.returncode, 78, section)
            self.assertIn(word, done.stderr)
            self.sidecar.configuration.write_text(original)


class OverTLS(ShippingTest):
    """Each side has a certificate of an authority of the test's own."""

    def setUp(self):
        super().setUp()
        self.authority = self.authority_named("authority")
        self.certificate("server", "DNS:localhost,IP:127.0.0.1")
        self.certificate("client", "DNS:authorizer")

    def openssl(self, *words):
        subprocess.run(["openssl", *words], cwd=self.directory, check=True, capture_output=True)

    def authority_named(self, name):
        self.openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem")
        return self.directory / f"{name}.pem"

    def certificate(self, name, names, days=2):
        self.openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-addext",
            f"subjectAltName={names}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        self.openssl(
            "x509", "-req", "-in", f"{name}.csr", "-CA", "authority.pem", "-CAkey", "authority.key", "-copy_extensions",
            "copy", "-days", str(days), "-out", f"{name}.pem")

    def security(self, name="server", version=None, asks_for_certificate=False):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.directory / f"{name}.pem", self.directory / f"{name}.key")
        if version:
            context.minimum_version = context.maximum_version = version
        if asks_for_certificate:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.authority)
        return context

    def own_certificate(self):
        return f"certificate-file: {self.directory}/client.pem, key-file: {self.directory}/client.key"

    def hook(self, security):
        hook = Webhook(security).open()
        self.addCleanup(hook.close)
        return hook

    def syslog(self, security):
        collector = Syslog(security).open()
        self.addCleanup(collector.close)
        return collector

    def await_failure(self, words):
        self.assertTrue(
            wait_until(lambda: words in self.sink().get("failure", ""), DEADLINE, 0.05), (words, self.sink()))
        self.assertEqual((self.sink()["state"], self.sink()["shipped"]), ("fails", 0))

    def test_webhook(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.subTest(version):
                hook = self.hook(self.security(version=version))
                original = self.sidecar.configuration.read_text()
                self.ship(f"{{webhook: {{url: 'https://localhost:{hook.port}/a', tls: {{ca-file: {self.authority}}}}}}}")
                self.start()
                self.read(300)
                last = self.await_shipped()
                self.assert_all(hook.sequences(), last)
                self.sidecar.stop()
                (self.directory / "audit" / "shipped-webhook").unlink()
                self.sidecar.configuration.write_text(original)

    def test_syslog_that_goes_away_and_comes_back_and_wants_a_certificate(self):
        collector = self.syslog(self.security(asks_for_certificate=True))
        self.ship(f"{{syslog: {{address: '127.0.0.1:{collector.port}', "
                  f"tls: {{ca-file: {self.authority}, {self.own_certificate()}}}}}}}")
        self.start()
        self.read(10)
        self.assertTrue(collector.await_all(self.await_shipped()))
        collector.close()
        self.read(10)
        collector.open()
        self.read(2_000)
        last = self.await_shipped()
        self.assertTrue(collector.await_all(last))
        self.assert_all(collector.sequences(), last)

    def test_nothing_is_sent_to_a_stranger(self):
        other = self.authority_named("other")
        hook = self.hook(self.security())
        self.ship(f"{{webhook: {{url: 'https://localhost:{hook.port}/', tls: {{ca-file: {other}}}}}}}")
        self.start()
        self.await_failure("does not count: unable to get local issuer certificate")
        self.assertEqual(hook.records, [])

    def test_nothing_is_sent_where_the_system_knows_no_such_authority(self):
        hook = self.hook(self.security())
        self.ship(f"{{webhook: {{url: 'https://localhost:{hook.port}/'}}}}")
        self.start()
        self.await_failure("does not count")
        self.assertEqual(hook.records, [])

    def test_nothing_is_sent_to_another_name(self):
        for host in ("localhost", "127.0.0.1"):
            with self.subTest(host):
                self.certificate("elsewhere", "DNS:siem.example.com,IP:127.0.0.2")
                collector = self.syslog(self.security("elsewhere"))
                original = self.sidecar.configuration.read_text()
                self.ship(f"{{syslog: {{address: '{host}:{collector.port}', tls: {{ca-file: {self.authority}}}}}}}")
                self.start()
                self.await_failure("hostname mismatch" if host == "localhost" else "IP address mismatch")
                self.assertEqual(collector.records, [])
                self.sidecar.stop()
                self.sidecar.configuration.write_text(original)

    def test_nothing_is_sent_where_a_certificate_has_expired(self):
        self.certificate("server", "DNS:localhost", days=-1)
        hook = self.hook(self.security())
        self.ship(f"{{webhook: {{url: 'https://localhost:{hook.port}/', tls: {{ca-file: {self.authority}}}}}}}")
        self.start()
        self.await_failure("certificate has expired")

    def test_collector_that_wants_a_certificate_and_gets_none_has_nothing(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.subTest(version):
                collector = self.syslog(self.security(version=version, asks_for_certificate=True))
                original = self.sidecar.configuration.read_text()
                self.ship(f"{{syslog: {{address: 'localhost:{collector.port}', tls: {{ca-file: {self.authority}}}}}}}")
                self.start()
                self.read(100)
                self.assertTrue(wait_until(lambda: self.sink()["state"] == "fails", DEADLINE, 0.05), self.sink())
                self.assertEqual((self.sink()["shipped"], collector.records), (0, []))
                self.sidecar.stop()
                self.sidecar.configuration.write_text(original)

    def test_collector_that_speaks_no_tls_has_nothing(self):
        collector = self.hook(None)
        self.ship(f"{{syslog: {{address: 'localhost:{collector.port}', tls: {{ca-file: {self.authority}}}}}}}")
        self.start()
        self.await_failure("no TLS")

    def test_collector_that_shakes_no_hands_hangs(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            self.ship(f"{{syslog: {{address: '127.0.0.1:{port}', tls: {{ca-file: {self.authority}}}}}}}")
            self.start()
            self.assertTrue(wait_until(lambda: self.sink()["state"] == "hangs", DEADLINE, 0.1), self.sink())

    def test_files_that_cannot_be_used_are_named(self):
        hook = self.hook(self.security())
        self.ship(f"{{webhook: {{url: 'https://localhost:{hook.port}/', tls: {{ca-file: {self.directory}/none.pem}}}}}}")
        self.start()
        self.await_failure(f"the authorities in `{self.directory}/none.pem` cannot be used: ")
