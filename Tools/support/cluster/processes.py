"""Background processes that are found again, and ended exactly, by any later process.

A daemon writes its own record (its line of `/proc/PID/stat`) before it becomes the program it is to
run. So there is no moment at which it runs unrecorded, whatever happens to the process that started
it. The record holds the start time besides the pid: a pid that was given to another process since
is never taken for the daemon.
"""

import os
import select
import signal
import subprocess
import threading
import time
from contextlib import contextmanager

from .errors import ClusterError

# Arguments: the record, the log, the command. The caller's pipe on stdout closes once the record is
# there and the log is open; that is how the caller knows.
_BECOME = """
set -e
cat "/proc/$$/stat" >"$1.partial"
mv "$1.partial" "$1"
log=$2
shift 2
exec "$@" >>"$log" 2>&1
"""


class Daemon:
    """One background process, known by the record it left at `record`."""

    def __init__(self, name, record, log):
        self.name = name
        self.record = record
        self.log = log

    def start(self, command, environment):
        """Runs the command in a session of its own, with its output appended to the log.

        Returns once the record is written. Raises ClusterError if the daemon runs already.
        """
        self.expect_stopped()
        with interrupts_deferred():
            subprocess.run(
                ["setsid", "--fork", "/bin/sh", "-c", _BECOME, "sh", self.record, self.log]
                + [str(word) for word in command],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                check=True,
            )

    def expect_stopped(self):
        """Raises ClusterError if the daemon runs."""
        pid = self.pid()
        if pid is not None:
            raise ClusterError(f"the {self.name} runs already, as process {pid}")

    def pid(self):
        """The pid of the running daemon, or None when it is not running."""
        handle = self._open()
        if handle is None:
            return None
        os.close(handle)
        return self._recorded()[0]

    def stop(self, grace):
        """Asks the daemon to end, and makes it end after `grace` seconds. Returns when it is gone.

        A daemon that does not run is no error.
        """
        self._end([(signal.SIGTERM, grace), (signal.SIGKILL, 10)])

    def kill(self):
        """Ends the daemon as a crash would (SIGKILL). Returns when it is gone."""
        self._end([(signal.SIGKILL, 10)])

    def _end(self, steps):
        handle = self._open()
        if handle is None:
            return
        try:
            for number, grace in steps:
                _send(handle, number)
                if _ended(handle, grace):
                    return
        finally:
            os.close(handle)
        raise ClusterError(
            f"process {self._recorded()[0]} ({self.name}) does not end, not even by SIGKILL"
        )

    def _open(self):
        """A pidfd of the running daemon, or None. It cannot come to mean another process."""
        recorded = self._recorded()
        if recorded is None:
            return None
        try:
            handle = os.pidfd_open(recorded[0])
        except ProcessLookupError:
            return None
        if _start_time(recorded[0]) == recorded[1] and not _ended(handle, 0):
            return handle
        os.close(handle)
        return None

    def _recorded(self):
        try:
            with open(self.record) as file:
                return _parse(file.read())
        except FileNotFoundError:
            return None


@contextmanager
def interrupts_deferred():
    """Lets SIGINT, SIGTERM and SIGHUP wait until the block is through.

    Only the main thread can: on another one the block runs as it is.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived = []
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    previous = [signal.signal(number, lambda n, frame: arrived.append(n)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, previous):
            signal.signal(number, handler)
        for number in arrived:
            signal.raise_signal(number)


def wait_until(ready, deadline, interval=0.1):
    """Calls `ready()` every `interval` seconds until it is true; False once `deadline` is over.

    `deadline` is seconds from now. What `ready` raises goes through.
    """
    end = time.monotonic() + deadline
    while True:
        if ready():
            return True
        if time.monotonic() >= end:
            return False
        time.sleep(interval)


def tail(path, lines):
    """The last lines of a text file, as one string; empty when there is no such file."""
    try:
        with open(path, errors="replace") as file:
            return "".join(file.readlines()[-lines:])
    except FileNotFoundError:
        return ""


def complaints(path, most=12):
    """The last lines of a Java log that say why a daemon ended, each cut to 300 characters, as one string."""
    telling = (" ERROR ", " FATAL ", "Exception", "Exiting with status", "RECEIVED SIGNAL")
    try:
        with open(path, errors="replace") as file:
            found = [line.rstrip()[:300] for line in file if any(word in line for word in telling)]
    except FileNotFoundError:
        return ""
    return "\n".join(found[-most:])


def _send(handle, number):
    try:
        signal.pidfd_send_signal(handle, number)
    except ProcessLookupError:
        pass


def _ended(handle, grace):
    """Whether the process of a pidfd is gone, or goes within `grace` seconds. Zombies are gone."""
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(grace * 1000))


def _start_time(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return _parse(file.read())[1]
    except (FileNotFoundError, ProcessLookupError):
        return None


def _parse(stat):
    """(pid, start time in clock ticks since boot) of a `/proc/PID/stat` line; see proc(5)."""
    pid, rest = stat.split(" ", 1)
    fields = rest.rpartition(")")[2].split()
    return int(pid), int(fields[19])
