"""Starting, stopping, and what keeps the service from starting."""

import os
import signal
import socket
import sqlite3
import subprocess

from .fixture import PROGRAM, ServiceTest, SidecarError
from .wire import ERROR, Wire, ask, question


class Configuration(ServiceTest):
    def check(self, text):
        file = self.directory / "c.yaml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return subprocess.run(
            [PROGRAM, "serve", "--check-config", "--config", file], capture_output=True, text=True)

    def assert_refused(self, text, *words):
        done = self.check(text)
        self.assertEqual(done.returncode, 78, done)
        for word in words:
            self.assertIn(word, done.stderr)

    def test_valid_one(self):
        done = self.check(self.sidecar.configuration.read_text())
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_unknown_key(self):
        self.assert_refused("socket:\n  pth: /x\n", "c.yaml:2:3", "pth", "did you mean `path`")

    def test_several_problems_at_once(self):
        self.assert_refused(
            "socket: {mode: rw}\ndecisions: {cache-seconds: -1, unmapped: perhaps}\nstore: here\n",
            "c.yaml:1:", "mode", "c.yaml:2:", "cache-seconds", "unmapped", "c.yaml:3:", "relative")

    def test_user_that_the_system_does_not_know(self):
        self.assert_refused("roles: {namenode: {users: [no-such-user]}}\n", "no-such-user", "namenode")

    def test_no_yaml(self):
        self.assert_refused("socket: [", "c.yaml:")
        self.assert_refused(b"socket: \xff\xfe\n", "c.yaml:1:", "UTF-8")

    def test_missing_file(self):
        done = subprocess.run([PROGRAM, "serve", "--config", self.directory / "none.yaml"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 78)
        self.assertIn("none.yaml", done.stderr)

    def test_core_site_that_cannot_be_read(self):
        self.assert_refused(f"identity: {{core-site: {self.directory}/none.xml}}\n", "none.xml")

    def test_rules_that_are_none(self):
        self.assert_refused("identity: {auth-to-local: 'RULE:[1:$1](*)s/a/b/'}\n", "RULE:[1:$1](*)")


class Socket(ServiceTest):
    def setUp(self):
        super().setUp()
        self.sidecar.initialise()

    def start_refused(self):
        done = subprocess.run(
            [PROGRAM, "serve", "--config", self.sidecar.configuration], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 1, done)
        return done.stderr

    def test_stale_socket_is_replaced(self):
        self.start()
        self.sidecar.kill()
        self.assertTrue(self.sidecar.socket.exists())
        self.sidecar.start()
        self.assertEqual(self.sidecar.json("status")["policyVersion"], 1)

    def test_live_socket_is_an_error(self):
        other = socket.socket(socket.AF_UNIX)
        self.addCleanup(other.close)
        other.bind(str(self.sidecar.socket))
        other.listen()
        self.assertIn("is listening", self.start_refused())
        self.assertTrue(self.sidecar.socket.exists())

    def test_second_service_is_an_error(self):
        self.start()
        self.assertIn("another service", self.start_refused())
        self.assertEqual(self.sidecar.json("status")["policyVersion"], 1)

    def test_directory_in_the_place_of_the_socket(self):
        self.sidecar.socket.mkdir()
        self.assertIn("is a directory", self.start_refused())
        self.assertTrue(self.sidecar.socket.is_dir())

    def test_file_in_the_place_of_the_socket(self):
        self.sidecar.socket.write_text("precious")
        self.assertIn("no socket", self.start_refused())
        self.assertEqual(self.sidecar.socket.read_text(), "precious")

    def test_mode_of_the_socket(self):
        self.start()
        self.assertEqual(self.sidecar.socket.stat().st_mode & 0o777, 0o660)

    def test_socket_passed_by_systemd_is_taken_over(self):
        passed = socket.socket(socket.AF_UNIX)
        path = self.directory / "passed.sock"
        passed.bind(str(path))
        passed.listen()
        process = subprocess.Popen(
            ["/bin/sh", "-c", 'exec 3<&"$FD" && LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" serve --config "$1"',
             PROGRAM, self.sidecar.configuration],
            env=dict(os.environ, FD=str(passed.fileno())), pass_fds=[passed.fileno()], stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        with Wire(path) as connection:
            self.assertEqual(connection.decide("alice@EXAMPLE.COM", "/data/sales/f")[0], "native")
        self.assertFalse(self.sidecar.socket.exists())
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(30), 0)
        self.assertTrue(path.exists(), "a socket of systemd's is not ours to remove")


class Store(ServiceTest):
    def test_store_of_a_newer_version_is_refused_and_untouched(self):
        self.start()
        self.sidecar.stop()
        store = self.directory / "policy.sqlite"
        with sqlite3.connect(store) as database:
            database.execute("PRAGMA user_version = 999")
        database.close()
        before = store.read_bytes()
        with self.assertRaisesRegex(SidecarError, "999"):
            self.sidecar.start()
        self.assertEqual(store.read_bytes(), before)

    def test_store_that_is_something_else_is_refused_and_untouched(self):
        store = self.directory / "policy.sqlite"
        store.write_text("a letter to my aunt\n" * 100)
        with self.assertRaisesRegex(SidecarError, "policy.sqlite"):
            self.sidecar.start()
        self.assertTrue(store.read_text().startswith("a letter"))

    def test_store_that_is_missing_is_not_made_empty(self):
        """A disk that is not mounted must not take all protection away."""
        self.start()
        self.sidecar.stop()
        for file in self.directory.glob("policy.sqlite*"):
            file.unlink()
        done = subprocess.run(
            [PROGRAM, "serve", "--config", self.sidecar.configuration], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 1)
        self.assertIn("authorizer init", done.stderr)
        self.assertFalse((self.directory / "policy.sqlite").exists())

    def test_init_leaves_a_store_that_is_there(self):
        self.start()
        done = subprocess.run(
            [PROGRAM, "init", "--config", self.sidecar.configuration], capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(self.sidecar.json("status")["policyVersion"], 1)

    def test_policies_survive_a_crash(self):
        self.start()
        self.sidecar.kill()
        self.sidecar.start()
        with Wire(self.sidecar.socket) as connection:
            self.assertEqual(connection.decide("alice@EXAMPLE.COM", "/data/sales/f")[0], "allow")


class Shutdown(ServiceTest):
    def test_questions_asked_before_it_are_answered_and_recorded(self):
        self.start()
        with Wire(self.sidecar.socket) as connection:
            connection.send(b"".join(ask(n, question("alice@EXAMPLE.COM", "/data/sales/f")) for n in range(2_000)))
            # The service has begun on them when the first is answered.
            self.assertEqual(connection.receive()[1], 0)
            self.sidecar.signal(signal.SIGTERM)
            answered = 1
            while True:
                kind, _, _ = connection.receive()
                if kind in (None, ERROR):
                    break
                answered += 1
        self.assertEqual(self.sidecar.stop(), 0)
        self.assertFalse(self.sidecar.socket.exists())
        self.sidecar.start()
        records = self.sidecar.audit(path="/data/sales/f", limit=5_000)
        self.assertEqual(len(records), answered)
