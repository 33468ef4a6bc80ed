"""The show that Tools/quickstart gives, once everything is built."""

import contextlib
import pathlib
import shlex
import signal
import sys
import tempfile

from cluster import Cluster, ClusterError
from sidecar import PLUGIN, PROGRAM, REPOSITORY, Sidecar, SidecarError, crawler_of

POLICIES = """\
groups:
  - name: analysts
users:
  - {name: alice, principal: alice@EXAMPLE.COM, groups: [analysts]}
  - {name: bob, principal: bob@EXAMPLE.COM}
ignored-users: [carol]
data-sources:
  - name: sales
    kind: files
    directories: [/data/sales]
    contact: sales-team@example.com
    credential: {principal: etl@EXAMPLE.COM, keytab: KEYTAB}
    subscription: {groups: [analysts]}
"""

# Files, as name: (owner, mode).
FILES = {"private.csv": ("etl", "600"), "open.csv": ("etl", "644"), "secret.csv": ("hdfs", "600")}

# Who reads what, what is said of it, and whether they may.
READS = (
    ("alice", "/data/sales/private.csv", "in the group analysts; HDFS's mode bits give her nothing", True),
    ("bob", "/data/sales/open.csv", "not subscribed; HDFS's mode bits would let him", False),
    ("carol", "/data/sales/open.csv", "an ignored user: HDFS's own permissions decide", True),
    ("alice", "/data/sales/secret.csv", "which the data source's own credential, etl, cannot read", False),
)


def say(text=""):
    print(text, flush=True)


def put_files(cluster):
    shell = cluster.shell("hdfs")
    commands = [("-mkdir", "-p", "/data/sales")]
    for name, (owner, mode) in FILES.items():
        path = f"/data/sales/{name}"
        commands += [("-put", "-", path), ("-chmod", mode, path), ("-chown", owner, path)]
    for command in commands:
        done = shell(*command, stdin=f"the bytes of {command[-1].rpartition('/')[2]}\n".encode())
        if done.returncode != 0:
            raise ClusterError(f"hdfs dfs {' '.join(command)}: {done.stderr}")


def show(sidecar, *arguments):
    """Runs a command of the service, and shows it with what it says."""
    say(f"  $ authorizer {' '.join(arguments)}")
    say("  " + sidecar.run(*arguments).stdout.strip().replace("\n", "\n  "))


def show_reads(cluster):
    """Reads as each user; returns whether all of them came out as they should."""
    as_expected = True
    for user, path, who, may in READS:
        say(f"\n{user} ({who})")
        say(f"  $ hdfs dfs -cat {path}")
        result = cluster.shell(user)("-cat", path)
        say("  " + (result.stdout or result.stderr).strip().replace("\n", "\n  "))
        as_expected &= (result.returncode == 0) == may
    return as_expected


def show_audit(sidecar):
    say("\n== the audit of all four")
    show(sidecar, "audit", "query", "--path", "/data/sales")
    say("\n== and why bob was refused")
    show(sidecar, "check", "bob@EXAMPLE.COM", "/data/sales/open.csv")


def stay(cluster, sidecar):
    """Leaves everything running until Enter, the end of input, or an interrupt."""
    say("\n== everything is running; in another shell:")
    say(f"  export AUTHORIZER_SOCKET={shlex.quote(str(sidecar.socket))}")
    say(f"  {PROGRAM.relative_to(REPOSITORY)} audit follow")
    say(f"  $EDITOR {sidecar.directory}/policies.yaml   # let bob in, or alice out")
    say(f"  {PROGRAM.relative_to(REPOSITORY)} policy apply {sidecar.directory}/policies.yaml")
    say(f"  Tools/cluster hdfs --dir {cluster.layout.root} bob dfs -cat /data/sales/open.csv")
    say("\nEnter or Ctrl-C takes it all down.")
    with contextlib.suppress(KeyboardInterrupt):
        sys.stdin.readline()


def next_steps():
    say("\n== what to try next")
    say("  Tools/quickstart --stay       the same, left running, to change policies and read again")
    say("  docs/install.md               how to put it beside a NameNode of yours")
    say("  docs/policy.md                what policies can say")


def main():
    with contextlib.ExitStack() as stack:
        directory = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="authorizer-")))
        say("== bringing up a Kerberized HDFS 3.3.6 on loopback, with the plug-in in its NameNode")
        cluster = stack.enter_context(
            Cluster.up(
                plugin=PLUGIN,
                conf={
                    "authorizer.socket.path": str(directory / "authorizer.sock"),
                    "authorizer.cover.file": str(directory / "cover"),
                    # A busy laptop is no NameNode's host; the default is 20.
                    "authorizer.deadline.ms": "500",
                },
                say=lambda line: say(f"  {line}"),
            )
        )
        put_files(cluster)
        say("== starting the service and putting the policies in force")
        sidecar = stack.enter_context(
            Sidecar(directory, cluster.layout.core_site, cluster.layout.krb5_conf, crawl=crawler_of(cluster))
        )
        sidecar.await_watcher()
        policies = POLICIES.replace("KEYTAB", str(cluster.layout.keytab("etl")))
        say("  " + sidecar.apply_in_words(policies).strip().replace("\n", "\n  "))
        say("\n== crawling the data source as its own credential, to know which files that can read")
        show(sidecar, "recrawl", "sales", "--wait")
        as_expected = show_reads(cluster)
        show_audit(sidecar)
        if "--stay" in sys.argv[1:]:
            stay(cluster, sidecar)
        else:
            next_steps()
    say("\n== everything is down again")
    return 0 if as_expected else 1


def interrupted(*_):
    raise KeyboardInterrupt


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        say("\ninterrupted; everything is down again")
        sys.exit(130)
    except (ClusterError, SidecarError) as error:
        print(f"Tools/quickstart: {error}", file=sys.stderr)
        sys.exit(1)
