"""The command line of `Tools/cluster`."""

import argparse
import json
import os
import shlex
import signal
import sys

from .cluster import Cluster
from .errors import ClusterError
from .layout import SUPERUSER, USERS, CurrentCluster
from .packages import DEFAULT_VERSION, VERSIONS, fetch_hadoop, fetch_native_client

DESCRIPTION = """\
A throw-away HDFS on 127.0.0.1 with everything a real one has: an MIT KDC, a NameNode and a
DataNode, Kerberos, block tokens, ACLs, snapshots, WebHDFS. Everything lives in one directory and is
gone after `down`; several clusters may run side by side, each in a directory of its own.
"""

EXAMPLES = f"""examples:
  Tools/cluster up                                    start Hadoop {DEFAULT_VERSION}
  Tools/cluster hdfs hdfs dfs -put README.md /tmp/    as the superuser
  Tools/cluster hdfs alice dfs -cat /tmp/README.md    as alice
  eval "$(Tools/cluster kinit alice)"                 be alice in this shell ...
  hdfs cat /tmp/README.md                             ... with Debian's hdfs-cli
  Tools/cluster down

users: {SUPERUSER} (the superuser) and {', '.join(USERS)}

exit codes:
  0    done
  1    something went wrong; the message says what and where
  2    wrong arguments
  3    `status`: not everything is running
  66   there is no such cluster, user, or plug-in jar
  69   a package is missing and cannot be had
  70   a daemon did not start; the end of its log is shown
  73   the cluster's directory cannot be used
  130  interrupted; nothing is left running
  `hdfs` leaves with the exit code of Hadoop's tool.
"""

NOT_RUNNING = 3
INTERRUPTED = 130


def main():
    """Runs the command line; returns the exit code."""
    arguments = _parser().parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    try:
        return arguments.run(arguments) or 0
    except ClusterError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED


def _up(arguments):
    current = CurrentCluster()
    if arguments.dir is None and current.get() is not None:
        raise ClusterError(
            f"a cluster is there already, in {current.get()}: end it with `Tools/cluster down`, "
            "or give the new one a --dir of its own",
            73,
        )
    cluster = Cluster.up(
        arguments.hadoop,
        directory=arguments.dir,
        plugin=arguments.plugin,
        conf=dict(arguments.conf),
        core_site=dict(arguments.core_site_conf),
        keep=arguments.keep,
        remember=arguments.dir is None,
        say=_progress,
    )
    _print_status(cluster.status())


def _down(arguments):
    _cluster(arguments).down(keep=arguments.keep)


def _status(arguments):
    status = _cluster(arguments).status()
    if arguments.json:
        print(json.dumps(status, indent=2))
    else:
        _print_status(status)
    return 0 if status["running"] else NOT_RUNNING


def _kinit(arguments):
    cluster = _cluster(arguments)
    cluster.kinit(arguments.user)
    _print_exports(cluster.exports(arguments.user))


def _env(arguments):
    cluster = _cluster(arguments)
    cluster.environment(arguments.user)
    _print_exports(cluster.exports(arguments.user))


def _hdfs(arguments):
    cluster = _cluster(arguments)
    command = cluster.hdfs_command(arguments.tool) + arguments.arguments
    os.execve(command[0], command, cluster.environment(arguments.user))


def _start(arguments):
    _cluster(arguments).start(arguments.daemon, **_changes(arguments))


def _restart(arguments):
    _cluster(arguments).restart(arguments.daemon, **_changes(arguments))


def _stop(arguments):
    _cluster(arguments).stop(arguments.daemon)


def _kill(arguments):
    _cluster(arguments).kill(arguments.daemon)


def _logs(arguments):
    log = _cluster(arguments).daemon(arguments.daemon).log
    follow = ["--follow"] if arguments.follow else []
    os.execvp("tail", ["tail", "--lines", str(arguments.lines), *follow, log])


def _principal_add(arguments):
    cluster = _cluster(arguments)
    for name in arguments.name:
        cluster.add_principal(name)
        print(cluster.layout.keytab(name))


def _fetch(arguments):
    for version in arguments.hadoop or VERSIONS:
        print(fetch_hadoop(version, _progress))
    if arguments.clients:
        print(fetch_native_client(_progress))


def _cluster(arguments):
    """The cluster in `--dir`, or the current one."""
    directory = arguments.dir or CurrentCluster().get()
    if directory is None:
        raise ClusterError("no cluster is up: start one with `Tools/cluster up`, or give --dir", 66)
    return Cluster(directory)


def _changes(arguments):
    return {
        "plugin": arguments.plugin,
        "conf": dict(arguments.conf),
        "core_site": dict(arguments.core_site_conf),
    }


def _progress(line):
    print(f"cluster: {line}", file=sys.stderr, flush=True)


def _print_status(status):
    for name, daemon in status["daemons"].items():
        pid = f"process {daemon['pid']}" if daemon["pid"] else "not running"
        print(f"{name:<10} {pid:<16} {daemon['log']}")
    print(f"{'hadoop':<10} {status['hadoop']}")
    print(f"{'namenode':<10} {status['namenode_url']}")
    print(f"{'http':<10} {status['namenode_http']}")
    print(f"{'directory':<10} {status['directory']}")
    print(f"{'plug-in':<10} {status['plugin'] or 'none'}")


def _print_exports(variables):
    for name, value in variables.items():
        print(f"export {name}={shlex.quote(value)}")


def _property(text):
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"`{text}` is not KEY=VALUE")
    return name, value


def _parser():
    parser = argparse.ArgumentParser(
        prog="Tools/cluster",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    up = _command(commands, "up", _up, "start a cluster and wait until it serves reads and writes")
    up.add_argument(
        "--hadoop",
        choices=sorted(VERSIONS),
        default=DEFAULT_VERSION,
        help="the Hadoop version (default: %(default)s)",
    )
    up.add_argument(
        "--keep", action="store_true", help="keep the directory if the cluster does not come up"
    )
    _add_changes(up)

    down = _command(commands, "down", _down, "end every process, remove the directory")
    down.add_argument("--keep", action="store_true", help="leave the directory, with its logs")

    status = _command(commands, "status", _status, "what runs where")
    status.add_argument("--json", action="store_true", help="everything, for a script")

    kinit = _command(commands, "kinit", _kinit, "get a user a new ticket, print its environment")
    env = _command(commands, "env", _env, "like kinit, but keep a ticket that is still valid")
    for command in (kinit, env):
        command.add_argument("user", metavar="USER")

    hdfs = _command(commands, "hdfs", _hdfs, "run one of Hadoop's own tools as a user")
    hdfs.add_argument("user", metavar="USER")
    hdfs.add_argument("tool", metavar="TOOL", help="dfs, dfsadmin, fsck, ... or a class name")
    hdfs.add_argument("arguments", metavar="ARGUMENT", nargs=argparse.REMAINDER)

    for name, run, text in (
        ("start", _start, "start a daemon, with changed properties if wanted"),
        ("restart", _restart, "stop a daemon and start it"),
        ("stop", _stop, "ask a daemon to end (SIGTERM)"),
        ("kill", _kill, "end a daemon as a crash would (SIGKILL)"),
    ):
        command = _command(commands, name, run, text)
        command.add_argument("daemon", metavar="DAEMON", choices=Cluster.daemons, help=", ".join(Cluster.daemons))
        if run in (_start, _restart):
            _add_changes(command)

    logs = _command(commands, "logs", _logs, "show the end of a daemon's log")
    logs.add_argument("daemon", metavar="DAEMON", choices=Cluster.daemons, help=", ".join(Cluster.daemons))
    logs.add_argument("-n", "--lines", type=int, default=40, help="how many (default: 40)")
    logs.add_argument("-f", "--follow", action="store_true", help="and go on with what is added")

    principal = commands.add_parser("principal", help="add users").add_subparsers(
        metavar="COMMAND", required=True
    )
    add = _command(
        principal, "add", _principal_add, "add a principal, its keytab and home directory"
    )
    add.add_argument("name", metavar="NAME", nargs="+", help="without the realm")

    fetch = commands.add_parser("fetch", help="download what `up` needs, and print where it is")
    fetch.set_defaults(run=_fetch)
    fetch.add_argument(
        "--hadoop",
        action="append",
        choices=sorted(VERSIONS),
        help="this Hadoop version; may be repeated (default: all)",
    )
    fetch.add_argument("--clients", action="store_true", help="and PyPI's hdfs-native")
    return parser


def _command(commands, name, run, text):
    command = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    default = "a new one" if run is _up else "the one `up` without --dir made"
    command.add_argument(
        "--dir", metavar="DIR", help=f"the cluster's directory (default: {default})"
    )
    command.set_defaults(run=run)
    return command


def _add_changes(command):
    command.add_argument("--plugin", metavar="JAR", help="load the NameNode plug-in from this jar")
    command.add_argument(
        "--conf",
        metavar="KEY=VALUE",
        type=_property,
        action="append",
        default=[],
        help="add or override a property of hdfs-site.xml; may be repeated",
    )
    command.add_argument(
        "--core-site-conf",
        metavar="KEY=VALUE",
        type=_property,
        action="append",
        default=[],
        help="the same for core-site.xml",
    )
