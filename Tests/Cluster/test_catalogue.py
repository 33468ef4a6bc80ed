"""The catalogue is what HDFS would say: file by file, name by name, change by change."""

import os
import random
import re
import threading
import unittest

from .crawled import POLICIES, decisions, source
from .installation import Installation, contents, eventually, must, on_each_hadoop

OWNERS = ("hdfs", "hdfs", "dave", "etl")
GROUPS = ("supergroup", "users", "etl", "dave")
FILE_MODES = ("600", "640", "644", "604", "664", "400", "040", "004", "000", "660", "444")
DIRECTORY_MODES = ("755", "755", "755", "711", "750", "700", "1777", "751", "744", "770")
ENTRIES = (
    "user:etl:r-x", "user:etl:r-x,mask::--x", "user:etl:---", "group:users:r-x", "group:users:-wx,user:alice:rwx",
    "group:etl:---,group:users:r-x", "user:bob:rwx", "user:etl:r-x,mask::---", "group::r-x,user:bob:---",
)
DIRECTORIES = 260
FILES = 12
# Files in a directory with default entries that came after those, and have inherited them.
HEIRS = 4
# Files in one directory, of those with hostile names.
WIDE = int(os.environ.get("AUTHORIZER_WIDE", 20_000))


def random_tree(root, numbers):
    """Steps that make directories and files with modes, owners and ACLs of all kinds; and the files, by directory."""
    directories, steps, heirs = [root], [("dir", root, "755")], []
    for number in range(DIRECTORIES):
        # Deep enough for closed directories within open ones, and not so that nothing can be reached.
        parent = numbers.choice(directories[:60])
        path = f"{parent}/d{number}"
        directories.append(path)
        steps += [("dir", path), ("done",)]
    files = {directory: [f"{directory}/f{number}" for number in range(FILES)] for directory in directories}
    for directory in directories:
        for path in files[directory]:
            acl = numbers.choice(ENTRIES) if numbers.random() < 0.3 else ""
            steps.append(("file", path, numbers.choice(FILE_MODES), numbers.choice(OWNERS), numbers.choice(GROUPS), acl))
    steps.append(("done",))
    for directory in directories[1:]:
        acl = ""
        if numbers.random() < 0.2:
            acl = numbers.choice(ENTRIES)
            acl += "," + ",".join(f"default:{entry}" for entry in acl.split(","))
            heirs += [f"{directory}/heir{number}" for number in range(HEIRS)]
            files[directory] += heirs[-HEIRS:]
        steps.append(
            ("perm", directory, numbers.choice(DIRECTORY_MODES), numbers.choice(OWNERS), numbers.choice(GROUPS), acl)
        )
    return [*steps, ("done",), *(("file", path, numbers.choice((*FILE_MODES, "-", "-", "-"))) for path in heirs)], files


@on_each_hadoop
class Catalogue(unittest.TestCase):
    def setUp(self):
        self.installation = Installation.of(self.hadoop)
        self.cluster = self.installation.cluster
        self.sidecar = self.installation.sidecar

    def register(self, name, directory):
        self.addCleanup(self.installation.apply, POLICIES, "--prune")
        self.installation.apply(POLICIES + source(name, directory))
        self.installation.await_cover()

    def make(self, *steps):
        return self.cluster.make_tree("hdfs", steps)

    def recrawl(self, name, *arguments):
        """Crawls one data source; returns the crawl, which has to be done."""
        (crawl,) = self.sidecar.recrawl(name, *arguments)
        self.assertEqual(crawl["state"], "done", crawl)
        return crawl

    def counts(self, crawl):
        return {name: said["count"] for name, said in crawl["change"].items() if isinstance(said, dict) and said["count"]}

    def test_generated_tree_agrees_with_what_the_credential_can_cat(self):
        # Now and then a tree is nearly all closed or open, and shows little.
        if not any(self.assert_generated_tree_agrees(f"/generated{number}") for number in range(4)):
            self.fail("four trees without all kinds of files in them")

    def assert_generated_tree_agrees(self, top):
        """Crawls a random tree, compares, and says whether it had all kinds of files and directories."""
        seed = random.randrange(1 << 32)
        steps, files = random_tree(top, random.Random(seed))
        self.make(*steps)
        self.register(top[1:], top)
        etl = self.cluster.shell("etl")
        opens = set()
        for paths in files.values():
            done = etl("-cat", *paths)
            # Each file that is refused has its line, which names what closed it: the file, or a directory on the way.
            refused = set(re.findall(r'^cat: Permission denied: .* inode="([^"]*)"', done.stderr, re.MULTILINE))
            self.assertEqual(done.returncode == 0, not refused, done.stderr)
            if refused <= set(paths):
                opens |= set(paths) - refused
        listed = {path for path in files if etl("-ls", path).returncode == 0}

        def is_found(path):
            while path != top:
                path = path.rpartition("/")[0]
                if path not in listed:
                    return False
            return True

        all_files = [path for paths in files.values() for path in paths]
        expected = {path: "allow" if path in opens and is_found(path) else "native" for path in all_files}
        found = decisions(self.sidecar, all_files)
        different = [path for path in all_files if found[path] != expected[path]]
        self.assertEqual(different, [], f"seed {seed}: {[(p, found[p], expected[p]) for p in different[:20]]}")
        self.assertGreater(len(all_files), 3000)

        def has_both(paths, most):
            answers = [expected[path] for path in paths]
            return min(map(answers.count, ("allow", "native"))) > most

        heirs = [path for path in all_files if "/heir" in path]
        return has_both(all_files, 150) and has_both(heirs, 5) and len(files) - len(listed) > 20

    def test_catalogue_and_decisions_follow_a_recrawl(self):
        names = ("e/stays", "goes", "moves", "closes", "opens", "by-acl", "d/far")
        paths = {name: f"/moving/{name}" for name in (*names, "moved", "comes")}
        closed = ("opens", "by-acl")
        self.make(("dir", "/moving/d", "755"), ("dir", "/moving/e", "755"), ("done",),
                  *(("file", paths[name], "600" if name in closed else "644") for name in names))
        self.register("moving", "/moving")
        self.assertEqual(
            decisions(self.sidecar, [paths[name] for name in names]),
            {paths[name]: "native" if name in closed else "allow" for name in names})
        nothing = self.recrawl("moving")
        self.assertEqual((nothing["files"], nothing["readable"], self.counts(nothing)), (7, 5, {}))

        self.make(("rm", paths["goes"]), ("mv", paths["moves"], paths["moved"]), ("perm", paths["closes"], "600"),
                  ("perm", paths["opens"], "604"), ("perm", paths["by-acl"], "-", "", "", "user:etl:r--"),
                  ("file", paths["comes"], "644"))
        crawl = self.recrawl("moving")
        self.assertEqual(
            self.counts(crawl), {"added": 2, "gone": 2, "changed": 3, "newlyReadable": 2, "noLongerReadable": 1})
        self.assertEqual(sorted(crawl["change"]["gone"]["examples"]), [paths["goes"], paths["moves"]])
        self.assertEqual(crawl["change"]["noLongerReadable"]["examples"], [paths["closes"]])
        gone = ("goes", "moves")
        expected = {path: "native" if name in (*gone, "closes") else "allow" for name, path in paths.items()}
        self.assertEqual(decisions(self.sidecar, paths.values()), expected)
        # And at the NameNode.
        self.assertEqual(self.installation.read("alice", paths["opens"]).returncode, 0)
        self.assertIn("Permission denied", self.installation.read("alice", paths["closes"]).stderr)

        # A part of it leaves the rest as it was.
        self.make(("rm", paths["d/far"]), ("rm", paths["e/stays"]))
        part = self.recrawl("moving", "--path", "/moving/d")
        self.assertEqual(self.counts(part), {"gone": 1})
        after = decisions(self.sidecar, [paths["d/far"], paths["e/stays"]])
        self.assertEqual(after, {paths["d/far"]: "native", paths["e/stays"]: "allow"})
        recorded = [r["detail"] for r in self.sidecar.audit() if r["kind"] == "administration"]
        self.assertTrue(any(f"crawl {part['id']} of `moving`" in detail for detail in recorded), recorded[-5:])

    def test_crawl_that_hdfs_contradicts_fails_and_the_catalogue_stays(self):
        """As where another attribute provider decides: here, ours refuses the credential what its permissions give."""
        path = "/contradicted/f"
        self.make(("dir", "/contradicted", "755"), ("done",), ("file", path, "644"))
        self.register("contradicted", "/contradicted")
        policies = POLICIES + source("contradicted", "/contradicted")
        etl = "{name: etl, principal: etl@EXAMPLE.COM}"
        self.assertIn(etl, policies)
        self.installation.apply(policies.replace(etl, etl.replace("}", ", enabled: false}")))
        before = self.listed("contradicted")
        said = self.sidecar.run("recrawl", "contradicted", "--wait")
        self.assertEqual(said.returncode, 1)
        self.assertIn(f"etl may read {path}, and HDFS says the opposite", said.stdout + said.stderr)
        after = self.listed("contradicted")
        self.assertIn("HDFS says the opposite", after["unhealthy"])
        self.assertEqual((after["crawlInForce"], after["files"]), (before["crawlInForce"], 1))
        self.assertEqual(decisions(self.sidecar, [path]), {path: "allow"})
        self.installation.apply(policies)
        self.recrawl("contradicted")
        self.assertNotIn("unhealthy", self.listed("contradicted"))

    def listed(self, name):
        (found,) = [s for s in self.sidecar.json("datasource", "list") if s["name"] == name]
        return found

    def test_new_partition_is_readable_at_once_and_crawled_soon(self):
        self.make(("dir", "/hourly/00", "700", "etl"), ("done",), ("file", "/hourly/00/part", "600", "etl"))
        self.register("hourly", "/hourly")
        shell = self.cluster.shell("hdfs")
        mine, closed, acl = (f"/hourly/01/{name}" for name in ("mine", "closed", "by-acl"))
        self.make(("dir", "/hourly/01", "750", "hdfs", "etl"))
        for path in (mine, closed, acl):
            must(shell("-put", "-", path, stdin=contents(path).encode()))
            must(shell("-chmod", "600", path))
        must(shell("-chown", "etl", mine))
        must(shell("-setfacl", "-m", "user:etl:r--", acl))
        before = self.installation.last_record()
        for path in (mine, acl):
            self.assertEqual(must(self.installation.read("alice", path)).stdout, contents(path))
        self.assertIn("Permission denied", self.installation.read("alice", closed).stderr)
        self.assertIn("not-subscribed", self.installation.read("bob", mine).stderr)
        self.assert_reasons(before, {mine: "subscribed-uncrawled", acl: "subscribed-uncrawled",
                                     closed: "not-in-catalogue"}, user="alice")

        def crawled():
            return any(
                (crawl["cause"], crawl["state"], crawl["files"]) == ("miss", "done", 3)
                for crawl in self.sidecar.json("crawl", "history", "hourly"))

        eventually(crawled, "the directory of a miss was not crawled")
        before = self.installation.last_record()
        self.assertEqual(must(self.installation.read("alice", mine)).stdout, contents(mine))
        self.assertIn("Permission denied", self.installation.read("alice", closed).stderr)
        self.assert_reasons(before, {mine: "subscribed", closed: "not-in-catalogue"}, user="alice")

    def assert_reasons(self, before, expected, **filters):
        records = self.installation.records_since(before, **filters)
        found = {r["path"]: r["reason"] for r in records if r["path"] in expected}
        self.assertEqual(found, expected)

    def test_reads_go_on_while_everything_is_crawled_again_and_again(self):
        paths = [f"/busy/d{number}/f{file}" for number in range(10) for file in range(50)]
        self.make(*(("dir", f"/busy/d{number}", "755") for number in range(10)), ("done",),
                  *(("files", f"/busy/d{number}", 50) for number in range(10)))
        self.register("busy", "/busy")
        is_over, refused, rounds = threading.Event(), [], []

        def read():
            while not is_over.is_set():
                found = decisions(self.sidecar, paths)
                refused.extend(path for path, said in found.items() if said != "allow")
                rounds.append(len(found))

        reader = threading.Thread(target=read)
        reader.start()
        try:
            for number in range(3):
                self.make(("file", f"/busy/d0/new{number}"), ("perm", f"/busy/d1/f{number}", "640"))
                self.recrawl("busy")
        finally:
            is_over.set()
            reader.join()
        # Mode 640 of hdfs:supergroup closes three of them, one in each round.
        self.assertEqual(set(refused) - {f"/busy/d1/f{number}" for number in range(3)}, set())
        self.assertGreater(len(rounds), 3)

    def test_hostile_names(self):
        names = [
            "new\nline", "carriage\rreturn", "tab\t", "quote'", 'double"', "back\\slash", "percent%20", "a b", " ", "*",
            "?", "[x]", "{a,b}", "#hash", "semi;colon", "$HOME", "`id`", "-rf", "~", "\x1b[31mred", "\x7f", "\u202eright",
            "caf\u00e9", "cafe\u0301", "\u6f22\u5b57", "\U0001f600", "\U00020000",
            "\U000323af", "\U000e0100", "\U000fffff", "\U0010fffd", "e" * 255, "\u00e9" * 127, "...",
            ".hidden", "+plus+", "a&b=c", "<tag>", "SELECT", "x'; DROP TABLE files; --",
        ]
        paths = [f"/hostile/{name}/{name}" for name in names]
        # HDFS takes 8,000 characters and 1,000 components.
        deep = "/hostile" + "/d" * 998
        long = "/hostile/long" + ("/" + "l" * 250) * 31
        wide = "/hostile/wide"
        steps = [("dir", path.rpartition("/")[0]) for path in paths] + [("dir", deep), ("dir", long), ("dir", wide)]
        paths += [f"{deep}/f", f"{long}/{'f' * 200}"]
        self.make(*steps, ("done",), *(("file", path) for path in paths), ("files", wide, WIDE))
        self.register("hostile", "/hostile")
        found = self.listed("hostile")
        self.assertEqual((found["files"], found["readable"]), (len(paths) + WIDE, len(paths) + WIDE), found)
        wide_paths = [f"{wide}/f{number}" for number in range(0, WIDE, 997)]
        said = decisions(self.sidecar, [*paths, *wide_paths, "/hostile/cafe", f"{wide}/f{WIDE}"])
        self.assertEqual([path for path in [*paths, *wide_paths] if said[path] != "allow"], [])
        self.assertEqual((said["/hostile/cafe"], said[f"{wide}/f{WIDE}"]), ("native", "native"))
        # And through the NameNode, where mode bits would not let her.
        self.make(*(("perm", path, "600", "etl") for path in paths))
        self.assertEqual(self.cluster.make_tree("alice", [("open", path) for path in paths]), ["yes"] * len(paths))
        self.assertEqual(self.counts(self.recrawl("hostile")), {"changed": len(paths)})
        shown = self.sidecar.run("crawl", "show", str(self.sidecar.json("crawl", "history", "hostile")[0]["id"]))
        self.assertNotIn("\x1b", shown.stdout)
