# Shared by ./start, ./test and the scripts beside this file; sourced, never run.
# shellcheck shell=bash

HUB_CACHE=${HUB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/notebook-hub}
export HUB_CACHE
mkdir -p "$HUB_CACHE"

say() { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# True when nobody has to be asked: no terminal, or --yes was given.
unattended() { [ "${HUB_YES:-0}" = 1 ] || [ ! -t 0 ]; }

# ask QUESTION: yes at once when nobody is there.
ask() {
  unattended && return 0
  local answer
  read -r -p "$1 [Y/n] " answer
  case $answer in [nN]*) return 1 ;; *) return 0 ;; esac
}

# as_root COMMAND…: directly, or through sudo.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else fail "Needs root or sudo: $*"; fi
}

# missing_packages NAME…: those that dpkg does not have.
missing_packages() {
  local name
  for name in "$@"; do
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'install ok installed' || printf '%s\n' "$name"
  done
}

# install_packages NAME…: from the system's packages, when missing; asks first when a person is there.
install_packages() {
  command -v dpkg-query >/dev/null || { say "This is not a Debian or Ubuntu machine; please install: $*"; return 1; }
  local missing
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  ask "Install from the system's packages: ${missing[*]}?" || return 1
  say "Installing ${missing[*]} …"
  local options=(-qq -y --no-install-recommends -o DPkg::Lock::Timeout=900)
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >"$HUB_CACHE/apt.log" 2>&1 || true
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install "${options[@]}" "${missing[@]}" >>"$HUB_CACHE/apt.log" 2>&1 ||
    { tail -n 20 "$HUB_CACHE/apt.log" >&2; return 1; }
}

# version_at_least HAVE WANT
version_at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# The three things nobody can install for you.
check_toolchain() {
  command -v git >/dev/null || fail "git is missing. On Debian or Ubuntu: apt-get install git"
  command -v dotnet >/dev/null || fail "The .NET 10 SDK is missing. See https://dotnet.microsoft.com/download"
  dotnet --list-sdks | grep -q '^10\.' || fail "The .NET 10 SDK is missing (found: $(dotnet --list-sdks | cut -d' ' -f1 | tr '\n' ' '))."
  command -v node >/dev/null || fail "Node.js 20 or newer is missing. See https://nodejs.org"
  version_at_least "$(node --version | tr -d v)" 20.0.0 || fail "Node.js 20 or newer is needed, found $(node --version)."
  command -v npm >/dev/null || fail "npm is missing; it comes with Node.js."
}

# docker_answers SOCKET: asks with node, since a fresh machine may lack curl.
docker_answers() {
  [ -S "$1" ] && node -e '
    const request = require("http").get({ socketPath: process.argv[1], path: "/_ping", timeout: 3000 }, r => process.exit(r.statusCode === 200 ? 0 : 1));
    request.on("error", () => process.exit(1)).on("timeout", () => process.exit(1));' "$1" >/dev/null 2>&1
}
