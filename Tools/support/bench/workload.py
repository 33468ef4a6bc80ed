"""The work that is measured: policies, requests, and what is to be answered to each. The same for the same seed.

1,000 data sources in 40 domains, of 100 files each; 10,000 users, half of whose about 50 subscriptions come by two of
100 groups and half by name. A request is of a user by Zipf's law. One in five is for a path that nothing covers, half
of those beside covered directories; 65 in 100 of the rest are for a file of a data source that the user is subscribed
to, and the others for any file, all by Zipf's law.
"""

import bisect
import itertools
import pathlib
import random
import struct
from dataclasses import asdict, dataclass

SEED = 20_240_601
REALM = "EXAMPLE.COM"
USERS = 10_000
GROUPS = 100
GROUPS_OF_USER = 2
SOURCES = 1_000
DOMAINS = 40
FILES = 100
SOURCES_OF_GROUP = 13
SOURCES_OF_USER = 24
UNPROTECTED = 0.2
OWN = 0.65
REQUESTS = 1_000_000

READ = 1
ALLOW, DENY, NATIVE = 1, 2, 3
SUBSCRIBED, NOT_SUBSCRIBED, NOT_PROTECTED = 14, 10, 1


@dataclass
class Summary:
    """What a workload came to. `pairs` are the different pairs of a user and a data source in it."""

    requests: int
    allow: int
    deny: int
    native: int
    pairs: int
    subscriptions: int
    mean_request_bytes: float
    seed: int = SEED


class Workload:
    """Files of the work in a directory: `policies` to apply, `work` to send, as `c/work.h` describes it."""

    def __init__(self, directory, requests=REQUESTS):
        self.policies = pathlib.Path(directory) / "policies"
        self.work = pathlib.Path(directory) / "work"
        self._random = random.Random(SEED)
        self._subscribe()
        self._write_policies()
        self.summary = asdict(self._write_requests(requests))

    def _subscribe(self):
        draw = self._random
        self._groups_of_user = [draw.sample(range(GROUPS), GROUPS_OF_USER) for _ in range(USERS)]
        sources_of_group = [draw.sample(range(SOURCES), SOURCES_OF_GROUP) for _ in range(GROUPS)]
        self._groups_of_source = [[] for _ in range(SOURCES)]
        for group, sources in enumerate(sources_of_group):
            for source in sources:
                self._groups_of_source[source].append(group)
        self._users_of_source = [[] for _ in range(SOURCES)]
        self._sources_of_user = []
        for user, groups in enumerate(self._groups_of_user):
            named = draw.sample(range(SOURCES), SOURCES_OF_USER)
            for source in named:
                self._users_of_source[source].append(user)
            sources = {*named, *itertools.chain.from_iterable(sources_of_group[g] for g in groups)}
            self._sources_of_user.append(sorted(sources))
        for sources in self._sources_of_user:
            draw.shuffle(sources)

    def _write_policies(self):
        self.policies.mkdir()
        with open(self.policies / "people.yaml", "w") as file:
            file.write("groups:\n")
            file.writelines(f"  - name: {_group(g)}\n" for g in range(GROUPS))
            file.write("users:\n")
            for user, groups in enumerate(self._groups_of_user):
                names = ", ".join(map(_group, groups))
                file.write(f"  - {{name: {_user(user)}, principal: {principal(user)}, groups: [{names}]}}\n")
        with open(self.policies / "data-sources.yaml", "w") as file:
            file.write("data-sources:\n")
            for source in range(SOURCES):
                groups = ", ".join(map(_group, self._groups_of_source[source]))
                users = ", ".join(map(_user, self._users_of_source[source]))
                file.write(
                    f"  - name: {_source(source)}\n    kind: files\n    directories: [{_directory(source)}]\n"
                    f"    subscription:\n      groups: [{groups}]\n      users: [{users}]\n"
                )

    def _write_requests(self, requests):
        draw = self._random
        users = _zipf(draw, USERS, requests)
        files = _Popularity(SOURCES * FILES, draw)
        of_source = _Popularity(FILES, draw)
        of_user = [_Popularity(count, draw) for count in range(1 + max(map(len, self._sources_of_user)))]
        subscribed = [set(sources) for sources in self._sources_of_user]
        outcomes = {ALLOW: 0, DENY: 0, NATIVE: 0}
        pairs = set()
        length = 0
        with open(self.work, "wb", buffering=1 << 20) as out:
            out.write(struct.pack(">4sI", b"AZBW", requests))
            for user in users:
                if draw.random() < UNPROTECTED:
                    path, decision, reason = self._unprotected(user), NATIVE, NOT_PROTECTED
                else:
                    if draw.random() < OWN:
                        own = self._sources_of_user[user]
                        source, file = own[of_user[len(own)].draw()], of_source.draw()
                    else:
                        source, file = divmod(files.draw() * 7919 % (SOURCES * FILES), FILES)
                    path = _path(source, file)
                    pairs.add((user, source))
                    may = source in subscribed[user]
                    decision, reason = (ALLOW, SUBSCRIBED) if may else (DENY, NOT_SUBSCRIBED)
                outcomes[decision] += 1
                question = encode_question(principal(user), path)
                length += len(question)
                out.write(struct.pack(">BBH", decision, reason, len(question)) + question)
        return Summary(
            requests,
            *(outcomes[decision] for decision in (ALLOW, DENY, NATIVE)),
            pairs=len(pairs),
            subscriptions=sum(map(len, subscribed)),
            mean_request_bytes=round(11 + length / requests, 1),
        )

    def _unprotected(self, user):
        number = self._random.randrange(1_000)
        if number % 2:
            return f"/data/domain-{number % DOMAINS:02}/scratch-{number:03}/{_file(number % FILES)}"
        return f"/user/{_user(user)}/.sparkStaging/application_1717200000000_{number:04}/{_file(0)}"


class _Popularity:
    """Draws numbers from 0 to count - 1: the number n, by Zipf's law, with a weight of 1 / (n + 1)."""

    def __init__(self, count, source_of_chance):
        self._weights = _cumulative(count)
        self._random = source_of_chance.random

    def draw(self):
        return bisect.bisect_right(self._weights, self._random() * self._weights[-1])


def _cumulative(count):
    return list(itertools.accumulate(1 / (number + 1) for number in range(count)))


def _zipf(draw, count, times):
    return draw.choices(range(count), cum_weights=_cumulative(count), k=times)


def principal(user):
    return f"{_user(user)}@{REALM}"


def encode_question(name, path):
    """A `read` as docs/wire.md has it, without optional fields."""
    name, path = name.encode(), path.encode()
    return struct.pack(f">BBH{len(name)}sH{len(path)}s", READ, 0, len(name), name, len(path), path)


def _user(number):
    return f"u{number:05}"


def _group(number):
    return f"group-{number:02}"


def _source(number):
    return f"source-{number:04}"


def _directory(source):
    return f"/data/domain-{source % DOMAINS:02}/{_source(source)}"


def _path(source, file):
    return f"{_directory(source)}/day=2024-06-{1 + file % 30:02}/{_file(file)}"


def _file(number):
    return f"part-{number:05}-c000.snappy.parquet"
