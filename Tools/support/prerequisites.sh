# shellcheck shell=bash
# What the scripts under Tools need of Debian, installed when it is missing. To be sourced.
#
#   require_packages PKG...      any Debian packages
#   require_cluster_packages     what Tools/cluster needs
#   require_build_packages       what `swift build` needs besides the toolchain
#
# Each costs one dpkg-query when everything is there. What is missing is installed with apt-get, by
# root or with sudo; someone who has neither is told the command, and the script exits 69.

# require_packages PKG... - returns when every package is installed.
require_packages() {
    local missing
    mapfile -t missing < <(_missing_packages "$@")
    if ((${#missing[@]} == 0)); then
        return
    fi

    if ((EUID != 0)) && ! command -v sudo >/dev/null; then
        echo "these packages are missing; as root, run:" >&2
        echo "    apt-get update && apt-get install --no-install-recommends ${missing[*]}" >&2
        exit 69
    fi

    # One at a time, with this file as the lock: apt-get update gives up when another one runs.
    local lock
    exec {lock}<"${BASH_SOURCE[0]}"
    flock "$lock"
    mapfile -t missing < <(_missing_packages "$@")
    if ((${#missing[@]} > 0)); then
        _install_packages "${missing[@]}"
    fi
    exec {lock}<&-
}

# require_cluster_packages - Python with pip, a JDK 17, the KDC, the clients, and the part of
# Hadoop's web server that does not come from PyPI.
require_cluster_packages() {
    local packages=(
        ca-certificates curl hdfs-cli krb5-admin-server krb5-kdc krb5-user libasm-java
        libjersey1-core-java libjersey1-server-java libjersey1-servlet-java libjetty9-java
        libjsr311-api-java libservlet-api-java python3 python3-pip util-linux
    )
    if ! _has_jdk_17; then
        packages+=(openjdk-17-jdk-headless)
    fi
    require_packages "${packages[@]}"
}

# require_build_packages - the C libraries that the Swift package links with.
require_build_packages() {
    require_packages libkrb5-dev libsqlite3-dev libssl-dev libzstd-dev
}

_missing_packages() {
    local known package
    known=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
    for package in "$@"; do
        if [[ $'\n'"$known"$'\n' != *$'\n'"installed $package"$'\n'* ]]; then
            echo "$package"
        fi
    done
}

_install_packages() {
    echo "installing $*" >&2
    local as_root=()
    if ((EUID != 0)); then
        as_root=(sudo)
    fi
    local apt_get=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y
        -o DPkg::Lock::Timeout=600)
    local output
    if ! output=$({ "${apt_get[@]}" update &&
        "${apt_get[@]}" install --no-install-recommends "$@"; } </dev/null 2>&1); then
        printf '%s\n' "$output" >&2
        echo "apt-get could not install: $*" >&2
        exit 69
    fi
}

# A JDK 17 that is not Debian's counts when JAVA_HOME names it.
_has_jdk_17() {
    [[ -n "${JAVA_HOME:-}" && -x "$JAVA_HOME/bin/javac" ]] &&
        grep -q '^JAVA_VERSION="17[.]' "$JAVA_HOME/release" 2>/dev/null
}
