"""What a result was measured on, and how."""

import datetime
import os
import pathlib
import platform
import subprocess

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]


def describe(command):
    """The circumstances of a run, as plain values: figures without them say little."""
    return {
        "command": command,
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "commit": _output("git", "-C", str(REPOSITORY), "describe", "--always", "--dirty", "--abbrev=12"),
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "load_average": round(os.getloadavg()[0], 2),
        "swift": _first_line(_output("swift", "--version")),
        "gcc": _first_line(_output("gcc", "--version")),
        "java": _first_line(_output("java", "--version")),
    }


def in_words(machine, result):
    """One paragraph for the head of a result."""
    length = f" of {result['seconds']:g} s each" if result["seconds"] else ""
    return (
        f"`{machine['command']}` on {machine['date'][:10]}, commit {machine['commit']}: {result['rounds']} "
        f"rounds{length}. {machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
        f"{machine['kernel']}; {machine['swift']}; {machine['gcc']}; {machine['java']}. Load average at the start: "
        f"{machine['load_average']}."
    )


def _cpu_model():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _output(*command):
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return done.stdout.strip() or None


def _first_line(text):
    return text.splitlines()[0] if text else None
