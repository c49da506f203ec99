# Runs one kernel and outlives the hub: keeps the kernel's log within bounds and notes how it ended.
# Arguments: state directory, KiB per log file, then the command that becomes the kernel.
# Runs with the hub's rights, so nothing of the user's (environment, working directory) reaches this shell.
state=$1
kilobytes=$2
shift 2
exec </dev/null >/dev/null 2>&1
{
  # Not the leader of a group here, so setsid execs in place: the kernel keeps the pid that launch.sh writes down.
  setsid "$@" 2>&1
  echo "$?" >"$state/exit.new"
  mv "$state/exit.new" "$state/exit"
} | {
  while :; do
    # dd copies what a read gives at once, so the last line is there while the kernel runs. Two files, each at most
    # kilobytes KiB: the older one is overwritten when the newer is full.
    if [ -e "$state/log" ]; then mv -f "$state/log" "$state/log.old"; fi
    dd of="$state/log" bs=1024 count="$kilobytes" 2>"$state/dd"
    # "63+1 records in": whole and partial reads. Fewer than asked for means the end; warnings may come before.
    records=0
    while read -r count word direction; do
      if [ "$word $direction" = "records in" ]; then records=$(($count)); fi
    done <"$state/dd"
    if [ "$records" -lt "$kilobytes" ]; then break; fi
  done
  # Should dd ever fail (a full disk), the kernel must not die of a broken pipe.
  cat >/dev/null
}
