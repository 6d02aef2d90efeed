# shellcheck shell=bash
# What the suite needs beside Rust and a C compiler, installed once and pinned. Sourced by tests/run.
#
# Debian's packages are asked for only where something is missing; Python and Node.js packages go into git-ignored
# folders and are left alone until the file that pins them changes.

CACHE=$REPOSITORY/tests/.cache
VENV=$CACHE/venv

need_rust() {
    local component
    for component in cargo rustfmt cargo-clippy cc; do
        command -v "$component" >/dev/null || die "$component is missing: install Rust (rustup.rs) and a C compiler first"
    done
}

# Python with every tool in requirements.txt, Node.js among them, at the head of PATH.
need_python() {
    local pins=$REPOSITORY/tests/lib/requirements.txt
    if ! pinned_by "$pins" "$VENV/pins"; then
        python3 -c 'import ensurepip, venv' 2>/dev/null || need_debian python3 python3-venv
        rm -rf "$VENV"
        python3 -m venv "$VENV"
        rm -f "$VENV/lib64" # a link to a folder, at which tools that walk the tree stumble
        "$VENV/bin/pip" install --quiet --disable-pip-version-check --requirement "$pins"
        record_pins "$pins" "$VENV/pins"
    fi
    export PATH=$VENV/bin:$PATH
}

# The Node.js packages of one folder, which is named as it is seen from tests/, exactly as its lock file has them.
need_node_modules() {
    local folder=$REPOSITORY/tests/$1
    need_python
    if ! pinned_by "$folder/package-lock.json" "$folder/node_modules/.pins"; then
        npm ci --prefix "$folder" --no-audit --no-fund --no-update-notifier
        record_pins "$folder/package-lock.json" "$folder/node_modules/.pins"
    fi
}

need_chromium() {
    [[ -x /usr/bin/chromium ]] || need_debian chromium fonts-liberation
}

need_debian() {
    command -v apt-get >/dev/null || die "missing: $*; only Debian and its descendants are served by themselves"
    [[ $EUID -eq 0 ]] || die "missing: $*; run as root: apt-get install $*"
    echo "Installing from Debian: $*"
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq install --no-install-recommends "$@" >/dev/null
}

pinned_by() { # file stamp: is what the stamp stands beside made from this very file?
    cmp --silent "$1" "$2"
}

record_pins() { # file stamp
    cp "$1" "$2"
}
