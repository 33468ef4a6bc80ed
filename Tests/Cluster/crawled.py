"""What the tests of crawls share: data sources of their own, trees, and questions as the NameNode asks them."""

import contextlib
import pathlib
import tempfile

from Service.wire import Wire

from .installation import POLICIES, Sidecar, crawler_of

USERS = """\
users:
  - {name: alice, principal: alice@EXAMPLE.COM}
data-sources:
"""


def source(name, directory, keytab="KEYTABS/etl.keytab", principal="etl@EXAMPLE.COM"):
    """A data source of raw files that alice is subscribed to, as a line of policies."""
    return (
        f"  - {{name: {name}, kind: files, directories: [{directory}], subscription: {{users: [alice]}}, "
        f"credential: {{principal: {principal}, keytab: {keytab}}}}}\n"
    )


@contextlib.contextmanager
def beside(installation, policies, **crawl):
    """A second service that crawls the installation's cluster by itself. No NameNode asks it.

    `crawl` is what `crawler_of` takes.
    """
    cluster = installation.cluster
    with tempfile.TemporaryDirectory(prefix="azc-") as directory:
        section = crawler_of(cluster, **crawl)
        with Sidecar(directory, cluster.layout.core_site, cluster.layout.krb5_conf, crawl=section) as sidecar:
            sidecar.apply(installation.with_keytabs(USERS + policies))
            yield sidecar


def decisions(sidecar, paths, principal="alice@EXAMPLE.COM"):
    """What the service answers to a read of each path, with nothing said of permissions: a dictionary."""
    with Wire(sidecar.socket) as wire:
        return {path: wire.decide(principal, path)[0] for path in paths}


def crawlers(sidecar):
    """The process ids of the crawlers that a service runs."""
    threads = pathlib.Path(f"/proc/{sidecar.pid}/task").glob("*/children")
    return [int(pid) for children in threads for pid in children.read_text().split()]


__all__ = ["POLICIES", "beside", "crawlers", "decisions", "source"]
