#!/usr/bin/env bash
# A Docker engine for tests and for machines without systemd, and the base image kernels are built on.
#
#   tools/docker-engine.sh start     reuse the engine that answers, else start a private one; print its socket
#   tools/docker-engine.sh base      make the base image exist (registry, else mmdebstrap + docker import)
#   tools/docker-engine.sh status    say whether the engine answers; exit code 1 when it does not
#   tools/docker-engine.sh stop      end the private engine, and only what `start` started
#
# HUB_CACHE           where state and images are kept (default ~/.cache/notebook-hub)
# HUB_DOCKER_PRIVATE  1: never reuse an engine that already runs
# HUB_BASE_IMAGE      name of the base image (default debian:bookworm-slim)
#
# The private engine has no bridge and touches no firewall rule: kernels run with network "none" and
# talk over Unix sockets, builds use the host's network. Kernels outlive it (live-restore).
set -euo pipefail

state=${HUB_CACHE:-$HOME/.cache/notebook-hub}/docker
base=${HUB_BASE_IMAGE:-debian:bookworm-slim}
private_socket=$state/docker.sock

say() { echo "docker-engine: $*" >&2; }
fail() { say "$*"; exit 1; }
answers() {
  if command -v curl >/dev/null; then curl -sf --max-time 3 --unix-socket "$1" http://docker/_ping >/dev/null 2>&1
  else [ -S "$1" ] && timeout 3 docker --host "unix://$1" version >/dev/null 2>&1; fi
}

# The socket of the engine to use: our own when it runs, else one that somebody else runs.
find_socket() {
  if answers "$private_socket"; then echo "$private_socket"; return; fi
  [ "${HUB_DOCKER_PRIVATE:-0}" = 1 ] && return 1
  local candidate
  for candidate in "${DOCKER_HOST:-}" /var/run/docker.sock; do
    candidate=${candidate#unix://}
    if [ -S "$candidate" ] && answers "$candidate"; then echo "$candidate"; return; fi
  done
  return 1
}

# wait_for_socket SECONDS: as find_socket, for an engine that is being started by somebody else.
wait_for_socket() {
  local until=$((SECONDS + $1))
  while [ "$SECONDS" -lt "$until" ]; do
    find_socket && return
    systemctl is-failed --quiet docker 2>/dev/null && return 1
    sleep 0.2
  done
  return 1
}

# Installs Debian packages whose command is missing: need COMMAND PACKAGE...
need() {
  local command=$1; shift
  command -v "$command" >/dev/null && return
  [ "$(id -u)" = 0 ] || fail "\"$command\" is missing; install: $*"
  command -v apt-get >/dev/null || fail "\"$command\" is missing and this is no Debian; install: $*"
  say "installing $*"
  apt-get -o DPkg::Lock::Timeout=600 update -qq >&2 || true
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends "$@" >&2
}

start() {
  local socket
  if socket=$(find_socket); then echo "$socket"; return; fi
  [ "$(id -u)" = 0 ] || fail "no Docker engine answers, and only root can start one"
  if ! command -v dockerd >/dev/null; then
    need dockerd docker.io
    # Where systemd rules, installing the engine starts it: that one is the machine's own, and a second would only be in its way.
    if [ -d /run/systemd/system ] && socket=$(wait_for_socket 15); then echo "$socket"; return; fi
  fi
  need curl curl ca-certificates
  mkdir -p "$state"; chmod 0700 "$state"
  exec 8>"$state/lock"; flock 8
  if answers "$private_socket"; then echo "$private_socket"; return; fi
  if ! mountpoint -q /sys/fs/cgroup; then need cgroupfs-mount cgroupfs-mount; cgroupfs-mount; fi

  # After a crash the old containerd lives on for a moment and the new engine would time out on it.
  local old; old=$(cat "$state/exec/containerd/containerd.pid" 2>/dev/null || true)
  if [ -n "$old" ] && [ "$(cat "/proc/$old/comm" 2>/dev/null)" = containerd ]; then
    timeout 10 tail --pid="$old" -f /dev/null || say "containerd $old of an earlier engine still runs"
  fi
  rm -f "$state/pid"

  # 8>&- : the engine must not hold the lock for as long as it lives.
  setsid dockerd --data-root "$state/data" --exec-root "$state/exec" --pidfile "$state/pid" \
    --host "unix://$private_socket" --live-restore --bridge=none --iptables=false --ip6tables=false \
    >>"$state/log" 2>&1 </dev/null 8>&- &
  local engine=$! tries
  for tries in $(seq 600); do
    answers "$private_socket" && break
    [ -e "/proc/$engine" ] || break
    sleep 0.05
  done
  if ! answers "$private_socket"; then
    tail -n 5 "$state/log" >&2
    fail "the engine did not come up; its log is $state/log"
  fi
  say "started, pid $(cat "$state/pid")"
  echo "$private_socket"
}

# Debian's package sources for the base image: the machine's own where it is the same release
# (they may name a mirror), else nothing, and mmdebstrap takes its own.
sources() {
  local file
  if (. /etc/os-release && [ "$ID $VERSION_CODENAME" = "debian bookworm" ]) 2>/dev/null; then
    for file in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list; do
      if [ -s "$file" ]; then cat "$file"; return; fi
    done
  fi
}

make_base() {
  local socket; socket=$(find_socket) || fail "no Docker engine answers; run \"$0 start\" first"
  export DOCKER_HOST=unix://$socket
  need docker docker.io
  mkdir -p "$state"
  exec 9>"$state/base.lock"; flock 9
  docker image inspect "$base" >/dev/null 2>&1 && return
  if timeout 120 docker pull -q "$base" >/dev/null 2>&1; then say "pulled $base"; return; fi
  [ "$(id -u)" = 0 ] || fail "no registry answers, and only root can make $base from packages"
  need mmdebstrap mmdebstrap debian-archive-keyring
  say "no registry answers: making $base from Debian packages"
  sources | mmdebstrap --quiet --mode=root --variant=minbase \
      --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
      --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
      --customize-hook='rm -rf "$1"/var/lib/apt/lists/*' bookworm - 2>"$state/mmdebstrap.log" \
    | docker import -c 'CMD ["bash"]' - "$base" >/dev/null \
    || { tail -n 5 "$state/mmdebstrap.log" >&2; docker image rm -f "$base" >/dev/null 2>&1 || true; fail "$base could not be made"; }
  say "made $base"
}

status() {
  local socket
  socket=$(find_socket) || { say "no engine answers"; return 1; }
  echo "$socket"
}

stop() {
  local engine; engine=$(cat "$state/pid" 2>/dev/null || true)
  if [ -z "$engine" ] || [ "$(cat "/proc/$engine/comm" 2>/dev/null)" != dockerd ]; then say "no engine of ours runs"; return; fi
  # With live-restore the engine leaves its containers running; what was started through it ends with it.
  docker --host "unix://$private_socket" ps -q | xargs -r docker --host "unix://$private_socket" rm -f >/dev/null || true
  kill -TERM "$engine"
  timeout 30 tail --pid="$engine" -f /dev/null || fail "pid $engine does not end"
  rm -f "$state/pid" "$private_socket"
  say "ended pid $engine"
}

case ${1:-} in
  start) start ;;
  base) make_base ;;
  status) status ;;
  stop) stop ;;
  *) sed -n '2,13p' "$0" | sed 's/^# \{0,1\}//' >&2; exit 2 ;;
esac
