# shellcheck shell=sh
# What scripts/try and scripts/test share: a Python, an environment, programs from the system's packages.

: "${root:?the script that reads this sets it to the absolute path of the repository}"

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "$*"
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# Run a command; show what it wrote only when it fails.
quietly() {
    output=$("$@" 2>&1 </dev/null) && return
    say "$output"
    say "This failed: $*"
    return 1
}

# prepare PROGRAM... : the programs, and a Python that can make environments, are there afterwards.
prepare() {
    find_manager
    missing=
    for program; do
        has "$program" || missing="$missing $(package_of "$program")"
    done
    find_python || missing="$missing $(package_of python)"
    can_make_environments || missing="$missing $(package_of venv)"
    # shellcheck disable=SC2086  # one word for each package
    [ -z "$missing" ] || install $missing
    find_python || fail "No Python 3.11 or newer was found after the installation."
}

find_manager() {
    for manager in apt-get dnf pacman zypper brew; do
        has "$manager" && return
    done
    manager=none
}

# Sets $python; on failure it is empty.
find_python() {
    for python in python3 python3.14 python3.13 python3.12 python3.11; do
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && return
    done
    python=
    # macOS brings an old one, and Homebrew puts a new one before it; elsewhere a package would change nothing.
    if has python3 && [ "$manager" != brew ]; then
        fail "mpv-simkl needs Python 3.11 or newer, and this is $(python3 --version 2>&1). Please install a newer" \
            "one beside it, for example python3.12, then run this again."
    fi
    return 1
}

# Debian keeps a part of the standard library in a package of its own.
can_make_environments() {
    [ -z "$python" ] || [ "$manager" != apt-get ] || "$python" -c 'import ensurepip, venv' 2>/dev/null
}

package_of() {
    case $manager:$1 in
    apt-get:python) echo python3 python3-venv ;;
    apt-get:venv) echo "$python-venv" ;;
    dnf:python | zypper:python) echo python3 ;;
    apt-get:Xvfb) echo xvfb ;;
    dnf:Xvfb | zypper:Xvfb) echo xorg-x11-server-Xvfb ;;
    pacman:Xvfb) echo xorg-server-xvfb ;;
    dnf:ffmpeg) echo /usr/bin/ffmpeg ;; # in Fedora's ffmpeg-free, or in RPM Fusion's ffmpeg
    *) echo "$1" ;;
    esac
}

# install PACKAGE... : say so, then do it; without the right to, print the line to run and stop.
install() {
    packages=$*
    case $manager in
    apt-get) set -- apt-get install -y --no-install-recommends "$@" ;;
    dnf) set -- dnf install -y "$@" ;;
    pacman) set -- pacman -S --needed --noconfirm "$@" ;;
    zypper) set -- zypper --non-interactive install "$@" ;;
    brew) set -- brew install "$@" ;;
    none) fail "Please install $packages, then run this again." ;;
    esac
    become=
    if [ "$manager" != brew ] && [ "$(id -u)" != 0 ]; then
        may_become_root || fail_with_line "$*"
        become=yes
    fi
    say "Installing $packages, with: ${become:+sudo }$*"
    refresh
    quietly ${become:+sudo} env DEBIAN_FRONTEND=noninteractive "$@"
}

fail_with_line() {
    if has sudo; then line="sudo $1"; else line="su -c '$1'"; fi
    say "Missing: $packages. Please run this line, then try again:"
    fail "    $line"
}

may_become_root() { has sudo && { sudo -n true 2>/dev/null || [ -t 0 ]; }; }

# A fresh machine has no package lists; old lists name files that are gone. A failure here may not matter.
refresh() {
    case $manager in
    apt-get) quietly ${become:+sudo} apt-get update || say "Going on with the package lists of before." ;;
    pacman) [ -n "$(ls /var/lib/pacman/sync 2>/dev/null)" ] || quietly ${become:+sudo} pacman -Sy ;;
    esac
}

# environment run|dev : .venv holds mpv-simkl, for `dev` with the tools; at once when nothing has changed.
environment() {
    wanted="$(cksum <"$root/pyproject.toml") $root"
    for stamp in "$root/.venv/mpv-simkl-$1" "$root/.venv/mpv-simkl-dev"; do
        [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && "$root/.venv/bin/python" -c '' 2>/dev/null && return
    done
    say "Making the Python environment in $root/.venv"
    "$root/.venv/bin/python" -m pip --version >/dev/null 2>&1 || quietly "$python" -m venv --clear "$root/.venv"
    extra=
    [ "$1" = run ] || extra="[$1]"
    quietly "$root/.venv/bin/python" -m pip install --disable-pip-version-check -q -e "$root$extra"
    printf '%s\n' "$wanted" >"$root/.venv/mpv-simkl-$1"
}
