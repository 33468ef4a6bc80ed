"""The NameNode and the DataNode: their configuration and their command lines."""

import secrets
from xml.sax.saxutils import escape

from . import java
from .layout import HTTP, REALM, SUPERUSER, short_name
from .packages import class_path

PROVIDER = "authorizer.namenode.AuthorizerAttributeProvider"

NAMENODE_CLASS = "org.apache.hadoop.hdfs.server.namenode.NameNode"
DATANODE_CLASS = "org.apache.hadoop.hdfs.server.datanode.DataNode"

# What `Tools/cluster hdfs USER` calls by the names of Hadoop's own `hdfs` script.
TOOLS = {
    "dfs": "org.apache.hadoop.fs.FsShell",
    "dfsadmin": "org.apache.hadoop.hdfs.tools.DFSAdmin",
    "fetchdt": "org.apache.hadoop.hdfs.tools.DelegationTokenFetcher",
    "fsck": "org.apache.hadoop.hdfs.tools.DFSck",
    "getconf": "org.apache.hadoop.hdfs.tools.GetConf",
    "haadmin": "org.apache.hadoop.hdfs.tools.DFSHAAdmin",
    "groups": "org.apache.hadoop.hdfs.tools.GetGroups",
    "lsSnapshottableDir": "org.apache.hadoop.hdfs.tools.snapshot.LsSnapshottableDir",
    "snapshotDiff": "org.apache.hadoop.hdfs.tools.snapshot.SnapshotDiff",
}

# The name service of a pair of NameNodes, and the names of the two in it.
NAME_SERVICE = "pair"
FIRST, SECOND = "first", "second"

# A daemon's console is its log file; the audit log is the NameNode's alone.
DAEMON_LOG4J = """\
log4j.rootLogger=INFO,console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %-5p %c: %m%n
log4j.logger.org.apache.hadoop.hdfs.server.namenode.FSNamesystem.audit=INFO,audit
log4j.additivity.org.apache.hadoop.hdfs.server.namenode.FSNamesystem.audit=false
log4j.appender.audit=org.apache.log4j.FileAppender
log4j.appender.audit.File=${cluster.logs}/hdfs-audit.log
log4j.appender.audit.layout=org.apache.log4j.PatternLayout
log4j.appender.audit.layout.ConversionPattern=%d{ISO8601} %m%n
"""

# JMX shows metrics this fresh, in seconds.
METRICS = "*.period=1\n"

CLIENT_LOG4J = """\
log4j.rootLogger=WARN,console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.target=System.err
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %-5p %c{2}: %m%n
log4j.logger.org.apache.hadoop.util.NativeCodeLoader=ERROR
"""


class Hadoop:
    """Hadoop as one cluster runs it."""

    def __init__(self, layout, state):
        self._layout = layout
        self._state = state

    def write_configuration(self):
        """Writes everything under `conf` and `webapps` that follows from the state."""
        layout = self._layout
        layout.core_site.write_text(_site(self.core_site()))
        layout.hdfs_site.write_text(_site(self.hdfs_site()))
        layout.daemon_log4j.write_text(DAEMON_LOG4J)
        (layout.conf / "log4j.properties").write_text(CLIENT_LOG4J)
        (layout.conf / "hadoop-metrics2.properties").write_text(METRICS)
        if not layout.http_secret.exists():
            layout.http_secret.write_text(secrets.token_hex(32))
        for application in ("hdfs", "datanode"):
            descriptor = layout.webapps / application / "WEB-INF" / "web.xml"
            descriptor.parent.mkdir(parents=True, exist_ok=True)
            descriptor.write_text("<web-app/>\n")

    def core_site(self):
        """The properties of core-site.xml, overrides included."""
        http_keytab = str(self._layout.keytab(HTTP))
        groups = [f"{user}={user},users" for user in map(short_name, self._state.users)]
        groups.append(f"{SUPERUSER}=supergroup")
        properties = {
            "fs.defaultFS": f"hdfs://{NAME_SERVICE if self._state.is_pair else self._address('namenode')}",
            "hadoop.security.authentication": "kerberos",
            "hadoop.security.authorization": "true",
            "hadoop.security.auth_to_local": (
                f"RULE:[2:$1@$0]({SUPERUSER}@{REALM})s/.*/{SUPERUSER}/\nDEFAULT"
            ),
            "hadoop.user.group.static.mapping.overrides": ";".join(groups),
            # `etl` may act for anybody.
            "hadoop.proxyuser.etl.hosts": "*",
            "hadoop.proxyuser.etl.groups": "*",
            "hadoop.caller.context.enabled": "true",
            "hadoop.http.authentication.type": "kerberos",
            "hadoop.http.authentication.kerberos.principal": f"{HTTP}/localhost@{REALM}",
            "hadoop.http.authentication.kerberos.keytab": http_keytab,
            "hadoop.http.authentication.signature.secret.file": str(self._layout.http_secret),
        }
        if self._state.hadoop.startswith("2."):
            # As is the default since Hadoop 2.8: else each call waits 40 ms for a packet that is held back.
            properties.update({"ipc.client.tcpnodelay": "true", "ipc.server.tcpnodelay": "true"})
        if self._state.hadoop.startswith("3."):
            properties["hadoop.http.filter.initializers"] = (
                "org.apache.hadoop.hdfs.web.AuthFilterInitializer"
            )
        properties.update(self._state.core_site)
        return properties

    def hdfs_site(self):
        """The properties of hdfs-site.xml, overrides included."""
        layout = self._layout
        service = f"hdfs/localhost@{REALM}"
        keytab = str(layout.keytab(SUPERUSER))
        properties = {
            "dfs.namenode.rpc-address": self._address("namenode"),
            "dfs.namenode.http-address": self._address("namenode_http"),
            "dfs.namenode.name.dir": layout.name.as_uri(),
            "dfs.namenode.kerberos.principal": service,
            "dfs.namenode.keytab.file": keytab,
            "dfs.namenode.kerberos.internal.spnego.principal": f"{HTTP}/localhost@{REALM}",
            "dfs.namenode.acls.enabled": "true",
            "dfs.namenode.safemode.extension": "0",
            "dfs.namenode.datanode.registration.ip-hostname-check": "false",
            "dfs.datanode.address": self._address("datanode"),
            "dfs.datanode.ipc.address": self._address("datanode_ipc"),
            "dfs.datanode.http.address": self._address("datanode_http"),
            "dfs.datanode.hostname": "localhost",
            "dfs.datanode.data.dir": layout.data.as_uri(),
            "dfs.datanode.kerberos.principal": service,
            "dfs.datanode.keytab.file": keytab,
            "dfs.heartbeat.interval": "1",
            "dfs.replication": "1",
            "dfs.block.access.token.enable": "true",
            # A client asks whether its file is whole before the DataNode has said so, and asks again after 400 ms, for
            # which each small file would wait. The same 20 seconds in all, in more steps.
            "dfs.client.block.write.locateFollowingBlock.initial.delay.ms": "10",
            "dfs.client.block.write.locateFollowingBlock.retries": "11",
            "dfs.permissions.superusergroup": "supergroup",
            "dfs.web.authentication.kerberos.principal": f"{HTTP}/localhost@{REALM}",
            "dfs.web.authentication.kerberos.keytab": str(layout.keytab(HTTP)),
            # A secure DataNode on an unprivileged port, without jsvc.
            "ignore.secure.ports.for.testing": "true",
        }
        if self._state.is_pair:
            properties.update(self._pair())
            del properties["dfs.namenode.rpc-address"]
            del properties["dfs.namenode.http-address"]
            del properties["dfs.namenode.name.dir"]
        if self._state.plugin:
            properties["dfs.namenode.inode.attributes.provider.class"] = PROVIDER
        properties.update(self._state.hdfs_site)
        return properties

    def _pair(self):
        """The properties of two NameNodes, with their edits in a directory that both see."""
        properties = {
            "dfs.nameservices": NAME_SERVICE,
            f"dfs.ha.namenodes.{NAME_SERVICE}": f"{FIRST},{SECOND}",
            f"dfs.client.failover.proxy.provider.{NAME_SERVICE}":
                "org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider",
            "dfs.namenode.shared.edits.dir": self._layout.shared_edits.as_uri(),
            # Only one of them writes, since nobody but the tests tells them to.
            "dfs.ha.fencing.methods": "shell(/bin/true)",
            "dfs.ha.standby.checkpoints": "false",
            "dfs.ha.tail-edits.period": "1",
        }
        for name, daemon, directory in (
            (FIRST, "namenode", self._layout.name), (SECOND, "standby", self._layout.standby_name),
        ):
            properties[f"dfs.namenode.rpc-address.{NAME_SERVICE}.{name}"] = self._address(daemon)
            properties[f"dfs.namenode.http-address.{NAME_SERVICE}.{name}"] = self._address(f"{daemon}_http")
            properties[f"dfs.namenode.name.dir.{NAME_SERVICE}.{name}"] = directory.as_uri()
        return properties

    def format_command(self):
        """The command that makes an empty namespace; it needs the KDC."""
        command = self._java("-Xmx256m", *java.SHORT_LIVED)
        return command + [NAMENODE_CLASS, *self._which(FIRST), "-format", "-force", "-nonInteractive"]

    def namenode_command(self):
        # At its start it descends the namespace by recursion: of a path of 1,000 components, sometimes in one stack.
        return self._java("-Xmx1g", "-Xss8m") + [NAMENODE_CLASS, *self._which(FIRST)]

    def standby_command(self):
        return self._java("-Xmx512m") + [NAMENODE_CLASS, *self._which(SECOND)]

    def _which(self, name):
        """Says which of a pair a NameNode is: both have the same address."""
        return [f"-Ddfs.ha.namenode.id={name}"] if self._state.is_pair else []

    def datanode_command(self):
        return self._java("-Xmx256m", *java.SHORT_LIVED) + [DATANODE_CLASS]

    def client_command(self, main_class, *more_class_path):
        """The command that runs a class as a client; the environment carries whose."""
        entries = [self._layout.conf, *more_class_path] + class_path(self._state.hadoop)
        return self._java_with(entries, "-Xmx256m", *java.SHORT_LIVED) + [main_class]

    def tool_command(self, tool, *more_class_path):
        """The command of one of Hadoop's tools: a key of `TOOLS`, or a class name."""
        return self.client_command(TOOLS.get(tool, tool), *more_class_path)

    def _java(self, *flags):
        entries = [self._layout.conf, self._layout.root] + class_path(self._state.hadoop)
        if self._state.plugin:
            entries.append(self._state.plugin)
        return self._java_with(
            entries,
            f"-Dlog4j.configuration={self._layout.daemon_log4j.as_uri()}",
            f"-Dcluster.logs={self._layout.logs}",
            *flags,
        )

    def _java_with(self, entries, *flags):
        return [
            str(java.java_home() / "bin" / "java"),
            *java.OPENED,
            "-XX:+UseSerialGC",
            "-Djava.net.preferIPv4Stack=true",
            f"-Djava.security.krb5.conf={self._layout.krb5_conf}",
            *flags,
            "-cp",
            ":".join(map(str, entries)),
        ]

    def _address(self, port):
        return f"localhost:{self._state.ports[port]}"


def _site(properties):
    lines = ['<?xml version="1.0"?>', "<configuration>"]
    for name, value in sorted(properties.items()):
        lines.append(
            f"  <property><name>{escape(name)}</name><value>{escape(value)}</value></property>"
        )
    return "\n".join(lines + ["</configuration>", ""])
