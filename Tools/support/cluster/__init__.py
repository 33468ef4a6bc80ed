"""A throw-away Kerberized HDFS on loopback, for tests and for trying things out.

    from cluster import Cluster

    with Cluster.up(hadoop="2.7.4") as cluster:
        cluster.shell("hdfs")("-put", "-", "/tmp/x", stdin=b"hello")
        assert cluster.go_client("alice", "cat", "/tmp/x").stdout == "hello"

`Tools/cluster` is the same for a shell. Debian's packages have to be there already: see
`require_cluster_packages` in `prerequisites.sh`.
"""

from .clients import FsShell, HttpResult, Result
from .cluster import Cluster
from .errors import ClusterError
from .pair import Pair

__all__ = ["Cluster", "ClusterError", "FsShell", "HttpResult", "Pair", "Result"]
