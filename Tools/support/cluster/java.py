"""Which Java runs Hadoop, and with which flags."""

import functools
import os
import pathlib
import shutil

from .errors import ClusterError

DEBIAN_JVMS = pathlib.Path("/usr/lib/jvm")

# Hadoop 2.7 and 3.3 reach into the JDK in places that Java 17 closed.
OPENED = (
    "--add-exports=java.security.jgss/sun.security.jgss=ALL-UNNAMED",
    "--add-exports=java.security.jgss/sun.security.krb5=ALL-UNNAMED",
    "--add-opens=java.security.jgss/sun.security.krb5=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.net=ALL-UNNAMED",
    "--add-opens=java.base/java.util=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
)

# For processes that live too short for the optimising compiler to pay.
SHORT_LIVED = ("-XX:TieredStopAtLevel=1",)


@functools.lru_cache(maxsize=None)
def java_home():
    """The home of a JDK 17: of `$JAVA_HOME`, the `javac` on `PATH`, Debian's package, the first.

    Raises ClusterError when none of them is a JDK 17.
    """
    candidates = []
    if os.environ.get("JAVA_HOME"):
        candidates.append(pathlib.Path(os.environ["JAVA_HOME"]))
    javac = shutil.which("javac")
    if javac:
        candidates.append(pathlib.Path(javac).resolve().parent.parent)
    candidates += sorted(DEBIAN_JVMS.glob("java-17-openjdk-*"))
    for home in candidates:
        if _is_jdk_17(home):
            return home
    looked_at = ", ".join(map(str, candidates)) or "nothing"
    raise ClusterError(
        f"no JDK 17 found (looked at {looked_at}): "
        "install openjdk-17-jdk-headless or set JAVA_HOME",
        69,
    )


def _is_jdk_17(home):
    try:
        release = (home / "release").read_text()
    except OSError:
        return False
    return 'JAVA_VERSION="17.' in release and (home / "bin" / "javac").exists()
