"""What the service takes for a policy set: time to apply, to start again, to change one user, to decide; memory."""

import concurrent.futures
import os
import pathlib
import random
import tempfile
import time
from dataclasses import dataclass

from Service.wire import ANSWERS, READ, Wire, answers, ask, question
from sidecar import Sidecar, SidecarError

from .generation import REALM, TAGGED

# Of the users on the list of each data source that is asked about.
NAMED = 5
TURNS = 3
# Of a frame.
BATCH = 500
CHANGES = 9
# Seconds.
LONGEST_APPLY = 3_600
SUBSCRIBED = 14


@dataclass(frozen=True)
class Asked:
    """How many questions, and about how many different users and data sources: the same for policies of any size."""

    questions: int = 200_000
    users: int = 5_000
    data_sources: int = 500


def measure(generator, files, say, asked=Asked()):
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
            result.update(_decisions(service, generator, asked))
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


def _questions(generator, asked):
    """The questions, half of them by somebody on the list, and which are to be allowed. What differs between policies of
    different sizes is how much there is that nobody asks about."""
    chance = random.Random(1)
    sources = sorted(chance.sample(range(generator.size.data_sources), asked.data_sources))
    lists = {source: generator.entries(source) for source in sources}
    named = {source: chance.sample(users, NAMED) for source, (users, _) in lists.items()}
    users = {number for numbers in named.values() for number in numbers}
    while len(users) < asked.users:
        users.add(chance.randrange(generator.size.users))
    users = sorted(users)
    questions, expected = [], []
    while len(questions) < asked.questions:
        source = chance.choice(sources)
        number = chance.choice(named[source] if len(questions) % 2 else users)
        listed, groups = lists[source]
        mine = generator.groups_of(number)
        subscribed = number in listed or not set(mine).isdisjoint(groups)
        questions.append(question(generator.user(number), generator.path(source), READ, None))
        expected.append(subscribed and not (source % TAGGED == 0 and 0 in mine))
    return questions, expected


def _decisions(service, generator, asked):
    """CPU of the service per decision, in microseconds: decided anew, and from the cache. The least of a few turns."""
    questions, expected = _questions(generator, asked)
    frames = [ask(1, *questions[i:i + BATCH]) for i in range(0, len(questions), BATCH)]
    result = {"allowed": sum(expected)}
    with Wire(service.socket) as connection:
        for _ in range(TURNS):
            service.json("cache", "flush")
            for name in ("decide_anew_us", "decide_cached_us"):
                spent = _asked(service, connection, frames, expected) / len(questions) * 1e6
                result[name] = min(round(spent, 2), result.get(name, spent))
    return result


def _asked(service, connection, frames, expected):
    """Asks; returns the CPU of the service in seconds. Every answer is looked at."""
    before = _cpu(service.pid)
    got = []
    for frame in frames:
        connection.send(frame)
        kind, _, body = connection.receive()
        assert kind == ANSWERS, (kind, body)
        got.append(body)
    spent = _cpu(service.pid) - before
    allowed = [answer[1] == SUBSCRIBED for body in got for answer in answers(body)]
    wrong = sum(one != other for one, other in zip(allowed, expected, strict=True))
    if wrong:
        raise SidecarError(f"{wrong} of {len(expected)} answers are wrong")
    return spent


def _cpu(pid):
    """Of all threads of a process, in seconds."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
