"""What the service takes for a policy set: time to apply, to start again, to change one user, to decide; memory."""

import concurrent.futures
import os
import pathlib
import random
import tempfile
import time

from Service.wire import ANSWERS, READ, Wire, answers, ask, question
from sidecar import Sidecar, SidecarError

from .generation import REALM, TAGGED

QUESTIONS = 200_000
# Of a frame.
BATCH = 500
CHANGES = 9
# Seconds.
LONGEST_APPLY = 3_600
SUBSCRIBED = 14


def measure(generator, files, say, questions=QUESTIONS):
    """Applies the files to a fresh service, one after the other; returns what was seen, in plain values."""
    with tempfile.TemporaryDirectory(prefix="authorizer-scale-") as directory:
        decisions = {"cache-entries": 1 << 20, "catalogue": "none"}
        with Sidecar(directory, decisions=decisions) as service:
            result = {"policies_mib": round(sum(f.stat().st_size for f in files) / 2**20, 1), "files": len(files)}
            begin = time.monotonic()
            for file in files:
                start = time.monotonic()
                _must(service.run("policy", "apply", str(file), "--json", timeout=LONGEST_APPLY), file)
                say(f"{file.name}: {time.monotonic() - start:.1f} s, {_memory(service.pid)['VmRSS']} MiB")
            result["apply_s"] = round(time.monotonic() - begin, 1)
            result["apply_peak_mib"] = _memory(service.pid)["VmHWM"]
            result["store_mib"] = round((pathlib.Path(directory) / "policy.sqlite").stat().st_size / 2**20)
            result["change_one_user_ms"] = _one_user(service, generator, directory)
            result.update(_revocation(service, generator, directory))

            service.stop()
            begin = time.monotonic()
            service.start(deadline=LONGEST_APPLY)
            result["restart_s"] = round(time.monotonic() - begin, 1)
            result["restart_peak_mib"] = _memory(service.pid)["VmHWM"]
            result["memory_mib"] = _memory(service.pid)["VmRSS"]
            say(f"started again in {result['restart_s']} s, {result['memory_mib']} MiB")
            result.update(_decisions(service, generator, questions))
            return result


def _must(done, file):
    if done.returncode != 0:
        raise SidecarError(f"policy apply {file}: {done.stderr[-2000:]}")


def _memory(pid):
    """Of a process, in MiB."""
    fields = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return {name: round(int(fields[name].split()[0]) / 1024) for name in ("VmRSS", "VmHWM")}


def _one_user(service, generator, directory):
    """How long one user's change takes to be in force, as an administrator sees it: the median, milliseconds."""
    file = pathlib.Path(directory) / "one.yaml"
    times = []
    for turn in range(CHANGES):
        file.write_text(f"users: [{{name: somebody-else, groups: [g{turn:03}]}}]\n")
        start = time.monotonic()
        _must(service.run("policy", "apply", str(file), "--json"), file)
        times.append(time.monotonic() - start)
    return round(sorted(times)[len(times) // 2] * 1_000, 1)


def _revocation(service, generator, directory):
    """From when an administrator gives the command that disables a user until the first read that is denied: the median
    and the greatest, milliseconds. The user reads all the while. No read after the command's end may be allowed."""
    number = generator.entries(1)[0][0]
    name, path = generator.user(number), generator.path(1)
    files = {word: pathlib.Path(directory) / f"{word}.yaml" for word in ("true", "false")}
    for word, file in files.items():
        file.write_text(f"users: [{{name: {name}, enabled: {word}}}]\n")
    times = []
    with Wire(service.socket) as connection, concurrent.futures.ThreadPoolExecutor(1) as administrator:
        for _ in range(CHANGES):
            _must(service.run("policy", "apply", str(files["true"]), "--json"), files["true"])
            start = time.monotonic()
            command = administrator.submit(service.run, "policy", "apply", str(files["false"]), "--json")
            while True:
                has_ended = command.done()
                if connection.decide(name, path)[0] == "deny":
                    break
                if has_ended:
                    raise SidecarError("a read was allowed after the command that disables the user had ended")
            times.append(time.monotonic() - start)
            _must(command.result(), files["false"])
    # As it was generated.
    principal = f", principal: {name}@{REALM}" if number % 2 else ""
    groups = ", ".join(f"g{group:03}" for group in sorted(set(generator.groups_of(number))))
    files["true"].write_text(f"users: [{{name: {name}{principal}, groups: [{groups}]}}]\n")
    _must(service.run("policy", "apply", str(files["true"]), "--json"), files["true"])
    milliseconds = [round(time * 1_000, 1) for time in sorted(times)]
    return {"revocation_ms": milliseconds[CHANGES // 2], "revocation_most_ms": milliseconds[-1]}


def _decisions(service, generator, questions):
    """CPU of the service per decision, in microseconds: decided anew, and from the cache."""
    chance = random.Random(1)
    asked, expected = [], []
    while len(asked) < questions:
        source = chance.randrange(generator.size.data_sources)
        users, groups = generator.entries(source)
        named = set(users)
        for number in [*chance.sample(users, min(5, len(users))), *chance.choices(range(generator.size.users), k=5)]:
            mine = generator.groups_of(number)
            subscribed = number in named or not set(mine).isdisjoint(groups)
            asked.append(question(generator.user(number), generator.path(source), READ, None))
            expected.append(subscribed and not (source % TAGGED == 0 and 0 in mine))
    frames = [ask(1, *asked[i:i + BATCH]) for i in range(0, len(asked), BATCH)]
    result = {}
    for name in ("decide_anew_us", "decide_cached_us"):
        before = _cpu(service.pid)
        got = []
        with Wire(service.socket) as connection:
            for frame in frames:
                connection.send(frame)
                kind, _, body = connection.receive()
                assert kind == ANSWERS, (kind, body)
                got.append(body)
        result[name] = round((_cpu(service.pid) - before) / len(asked) * 1e6, 2)
        allowed = [answer[1] == SUBSCRIBED for body in got for answer in answers(body)]
        wrong = sum(one != other for one, other in zip(allowed, expected, strict=True))
        if wrong:
            raise SidecarError(f"{wrong} of {len(asked)} answers are wrong")
    return result


def _cpu(pid):
    """Of all threads of a process, in seconds."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
