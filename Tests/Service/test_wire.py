"""Every malformed frame has a defined answer, and none harms another connection."""

import struct
import subprocess

from . import wire
from .fixture import ServiceTest
from .wire import ASK, PING, PONG, Wire, ask, frame, hello, question, text


class MalformedFrames(ServiceTest):
    def setUp(self):
        super().setUp()
        self.start()
        self.bystander = Wire(self.sidecar.socket)
        self.addCleanup(self.bystander.close)

    def tearDown(self):
        self.assertEqual(self.bystander.decide("alice@EXAMPLE.COM", "/data/sales/f")[0], "allow")
        self.assertIsNotNone(self.sidecar.pid)

    def connect(self, greet=True):
        connection = Wire(self.sidecar.socket, greet)
        self.addCleanup(connection.close)
        return connection

    def assert_ends(self, connection, code, words):
        found, ends, message = connection.error()
        self.assertEqual((found, ends), (code, True), message)
        self.assertIn(words, message)
        self.assertEqual(connection.receive(), Wire.closed)

    def assert_goes_on(self, connection, code, words):
        found, ends, message = connection.error()
        self.assertEqual((found, ends), (code, False), message)
        self.assertIn(words, message)
        self.assertEqual(connection.decide("alice@EXAMPLE.COM", "/data/sales/f")[0], "allow")

    def test_hello_of_version_99_is_refused_in_words(self):
        connection = self.connect(greet=False)
        connection.send(hello(99, 99))
        self.assert_ends(connection, 1, "versions 99 to 99")

    def test_hello_of_versions_around_ours_is_welcome(self):
        connection = self.connect(greet=False)
        connection.send(hello(0, 99))
        kind, _, body = connection.receive()
        self.assertEqual((kind, struct.unpack(">H", body[:2])[0]), (wire.WELCOME, 1))

    def test_wrong_magic(self):
        connection = self.connect(greet=False)
        connection.send(hello(magic=0x47455420))
        self.assert_ends(connection, 2, "magic")

    def test_question_before_hello(self):
        connection = self.connect(greet=False)
        connection.send(ask(1, question("alice@EXAMPLE.COM", "/data/sales/f")))
        self.assert_ends(connection, 5, "hello")

    def test_second_hello(self):
        connection = self.connect()
        connection.send(hello())
        self.assert_ends(connection, 5, "second")

    def test_silence_instead_of_hello(self):
        self.assert_ends(self.connect(greet=False), 5, "5 seconds")

    def test_stream_that_ends_inside_a_frame(self):
        connection = self.connect()
        connection.send(ask(1, question("alice@EXAMPLE.COM", "/data/sales/f"))[:-3])
        connection.end_input()
        self.assert_ends(connection, 2, "ends inside a frame")

    def test_oversized_frame(self):
        connection = self.connect()
        connection.send(struct.pack(">IBI", (1 << 20) + 1, ASK, 1))
        self.assert_ends(connection, 3, "1048576")

    def test_frame_without_a_type(self):
        connection = self.connect()
        connection.send(struct.pack(">I", 4) + b"abcd")
        self.assert_ends(connection, 2, "at least 5")

    def test_unknown_type(self):
        connection = self.connect()
        connection.send(frame(0x7F, 3))
        self.assert_goes_on(connection, 4, "127")

    def test_type_that_only_the_service_sends(self):
        connection = self.connect()
        connection.send(frame(wire.ANSWERS, 3))
        self.assert_goes_on(connection, 4, "service")

    def test_malformed_bodies(self):
        whole = ask(1, question("alice@EXAMPLE.COM", "/data/sales/f"))
        bodies = {
            "a field runs past the end": whole[9:-1],
            "bytes are left over": whole[9:] + b"x",
            "1 to 1024 questions, not 0": struct.pack(">H", 0),
            "1 to 1024 questions, not 1025": struct.pack(">H", 1025),
            "is no operation": struct.pack(">HBB", 1, 9, 0) + text("a") + text("/b"),
            "flags of a question": struct.pack(">HBB", 1, 1, 128) + text("a") + text("/b"),
            "1 to 8 handles, not 0": struct.pack(">HBB", 1, 1, 64) + text("a") + text("/b") + b"\0",
            "1 to 8 handles, not 9": struct.pack(">HBB", 1, 1, 64) + text("a") + text("/b") + b"\x09" + bytes(9 * 32),
            "do not belong to a move": struct.pack(">HBB", 1, wire.MOVE, 66) + text("a") + text("/b") + text("/c"),
            "a move has one": struct.pack(">HBB", 1, wire.MOVE, 0) + text("a") + text("/b"),
        }
        for words, body in bodies.items():
            with self.subTest(words=words):
                connection = self.connect()
                connection.send(frame(ASK, 1, body))
                self.assert_goes_on(connection, 7, words)

    def test_principal_of_10000_bytes(self):
        decision, reason, message = self.connect().decide("a" * 10_000 + "@EXAMPLE.COM", "/data/sales/f")
        self.assertEqual((decision, reason), ("deny", 19))
        self.assertIn("bad-principal", message)

    def test_paths_that_are_none(self):
        connection = self.connect()
        for path in ("data/sales/f", "", "/data/../data/sales/f", "/data/sales/\0", b"/data/\xff/f"):
            with self.subTest(path=path):
                self.assertEqual(connection.decide("alice@EXAMPLE.COM", path)[:2], ("deny", 2))

    def test_frame_in_single_bytes(self):
        connection = self.connect()
        for byte in ask(9, question("alice@EXAMPLE.COM", "/data/sales/f")):
            connection.send(bytes([byte]))
        kind, request, body = connection.receive()
        self.assertEqual((kind, request, wire.answers(body)[0][0]), (wire.ANSWERS, 9, "allow"))

    def test_many_requests_on_one_connection(self):
        connection = self.connect()
        batch = [question("alice@EXAMPLE.COM", "/data/sales/f"), question("bob@EXAMPLE.COM", "/data/sales/f"),
                 question("bob@EXAMPLE.COM", "/elsewhere")]
        connection.send(b"".join(ask(n, *batch) for n in range(500)) + frame(PING, 4711, b"hi"))
        seen = set()
        for _ in range(500):
            kind, request, body = connection.receive()
            self.assertEqual(kind, wire.ANSWERS)
            self.assertEqual([a[0] for a in wire.answers(body)], ["allow", "deny", "native"])
            seen.add(request)
        self.assertEqual(seen, set(range(500)))
        self.assertEqual(connection.receive(), (PONG, 4711, b"hi"))

    def test_command_that_is_no_json(self):
        connection = self.connect()
        connection.send(frame(wire.COMMAND, 5, b"\0{nonsense"))
        kind, request, body = connection.receive()
        self.assertEqual((kind, request), (0x41, 5))
        self.assertIn(b"refused", body)


class Roles(ServiceTest):
    """What a uid without a role may not do; asked by a process of another uid."""

    NOBODY = """
import sys
sys.path.insert(0, sys.argv[1])
from Service import wire
connection = wire.Wire(sys.argv[2])
body = {"ask": wire.ask(1, wire.question("alice@EXAMPLE.COM", "/data/sales/f")),
        "watch": wire.frame(wire.WATCH, 1), "report": wire.frame(wire.REPORT, 1, bytes(26)),
        "command": wire.frame(wire.COMMAND, 1, b'\\0{"status":{}}')}[sys.argv[3]]
connection.send(body)
print(*connection.error())
"""

    def test_peer_without_the_role_is_refused_and_the_refusal_is_recorded(self):
        self.start()
        self.directory.chmod(0o755)
        self.sidecar.socket.chmod(0o666)
        tests = __file__.rpartition("/Service/")[0]
        for what in ("ask", "watch", "report", "command"):
            with self.subTest(what=what):
                done = subprocess.run(
                    ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/python3", "-B", "-c",
                     self.NOBODY, tests, str(self.sidecar.socket), what],
                    capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertTrue(done.stdout.startswith("6 False"), done.stdout)
                self.assertIn("uid 65534", done.stdout)
        refusals = [r for r in self.sidecar.audit() if r["kind"] == "refusal"]
        self.assertEqual(len(refusals), 4)
        self.assertIn("uid 65534", refusals[0]["detail"])
