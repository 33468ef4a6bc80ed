"""A policy set of any size, the same for the same numbers and seed.

Every user is in two groups; every second one has a principal. A data source is subscribed to by users by name and by
groups, nine entries by name for one by group. One in twenty is tagged, and a global policy asks a condition of those.
"""

import random
from dataclasses import dataclass

SEED = 20_261_121
REALM = "EXAMPLE.COM"
GROUPS = 1_000
TAGGED = 20
# By group, of the subscriptions.
BY_GROUP = 0.1
# Of a file: what one apply takes, less room for the last object.
GREATEST_FILE = 14 << 20


@dataclass(frozen=True)
class Size:
    """How much of everything. `subscriptions` are entries of data sources' lists, of users and groups."""

    data_sources: int = 100_000
    users: int = 1_000_000
    subscriptions: int = 10_000_000


class Generator:
    """Makes the policies, and knows who may read what."""

    def __init__(self, size, seed=SEED):
        self.size = size
        self._seed = seed
        self._per_source = max(1, size.subscriptions // size.data_sources)

    def user(self, number):
        """The name of a user, which is the short name too."""
        return f"u{number:07}"

    def groups_of(self, number):
        """The two groups of a user."""
        return number % GROUPS, number * 7 // GROUPS % GROUPS

    def path(self, source):
        """A file of a data source."""
        return f"/warehouse/z{source % 97}/d{source:06}/part-0"

    def entries(self, source):
        """Who is on the list of a data source: (numbers of users, numbers of groups), each ascending."""
        chance = random.Random(self._seed * 1_000_003 + source)
        groups = min(GROUPS, max(1, round(self._per_source * BY_GROUP)))
        users = min(self.size.users, self._per_source - groups)
        return sorted(chance.sample(range(self.size.users), users)), sorted(chance.sample(range(GROUPS), groups))

    def write(self, directory):
        """Writes the files into a directory, to be applied in the order of their names. Returns their paths."""
        directory.mkdir(parents=True, exist_ok=True)
        files = _Files(directory)
        files.begin("tags: [{name: personal}]\ngroups:\n")
        for number in range(GROUPS):
            files.write(f"- {{name: g{number:03}}}\n")
        files.section("users:\n")
        for number in range(self.size.users):
            one, other = self.groups_of(number)
            name = self.user(number)
            principal = f", principal: {name}@{REALM}" if number % 2 else ""
            groups = f"g{one:03}" if one == other else f"g{one:03}, g{other:03}"
            files.write(f"- {{name: {name}{principal}, groups: [{groups}]}}\n")
        files.section("data-sources:\n")
        for source in range(self.size.data_sources):
            users, groups = self.entries(source)
            tags = ", tags: [personal]" if source % TAGGED == 0 else ""
            files.write(
                f"- {{name: d{source:06}, kind: files, directories: [{self.path(source)[:-7]}]{tags}, subscription: "
                f"{{users: [{','.join(map(self.user, users))}], groups: [{','.join(f'g{g:03}' for g in groups)}]}}}}\n")
        files.section(
            "global-policies:\n- {name: not-for-the-first-group, tags: [personal], "
            "subscription: {condition: {not: {group: g000}}}}\n")
        return files.finish()


class _Files:
    """Lines that go into files of a bounded size, each beginning with the section that it is in."""

    def __init__(self, directory):
        self._directory = directory
        self._paths = []
        self._file = None
        self._size = 0
        self._section = ""

    def begin(self, text):
        if self._file:
            self._file.close()
        path = self._directory / f"policies-{len(self._paths) + 1:03}.yaml"
        self._paths.append(path)
        self._file = open(path, "w", encoding="ascii")
        self._file.write(text)
        self._size = len(text)

    def section(self, head):
        """Begins a list, in a file of its own: what a file names has been applied before."""
        self._section = head
        self.begin(head)

    def write(self, line):
        if self._size + len(line) > GREATEST_FILE:
            self.begin(self._section)
        self._file.write(line)
        self._size += len(line)

    def finish(self):
        self._file.close()
        return self._paths
