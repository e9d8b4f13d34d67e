# Waits for the end of the lazy-pages daemon. If that ended without a word, kills the processes that it
# restored, waits until they have exited, and then ends the processes that hold their userfaultfds. So
# none of them ever reads a page of zeros that should have other contents.
#
# It leaves them if they wait for another daemon, until the source may have its processes back; and if
# they are the only ones, because the source was told so or may have been.
#
#   sh -c SCRIPT guard STATE_DIRECTORY LOG_FILE    with the reading end of a pipe as descriptor 3
#
# STATE_DIRECTORY/processes   a line for each: pid, start time, pid namespace, program
# STATE_DIRECTORY/holders     a line for each: pid, start time
# STATE_DIRECTORY/guards      a line for each: pid, start time; the last one acts
# STATE_DIRECTORY/restored    exists if the processes shall wait for another daemon
# STATE_DIRECTORY/lease       the second of the uptime until which the source keeps its own, or none
# STATE_DIRECTORY/owned       exists if they are the only ones
PATH=/usr/sbin:/usr/bin:/sbin:/bin
state=$1
log=$2
tab=$(printf '\t')

# Sets start to the start time of a process; fails if it has exited, even if its parent has not reaped
# it. A process whose first thread has exited may still have others. The name of a process may contain
# the end of a line: what is needed is in the last one.
look() {
  stat=
  { while read -r line; do stat=$line; done < "/proc/$1/stat"; } 2>/dev/null
  [ -n "$stat" ] || return 1
  pid=$1
  set -- ${stat##*) }
  start=${20}
  case $1 in
    Z | X)
      set -- "/proc/$pid/task/"*
      [ $# -gt 1 ]
      ;;
  esac
}

# Adds a process to those to kill, as PID:START.
add() {
  case " $found " in
    *" $1 "*) ;;
    *) found="$found $1" ;;
  esac
}

addListed() {
  while IFS=$tab read -r id began namespace program; do
    if look "$id" && [ "$start" = "$began" ]; then
      add "$id:$start"
    fi
    known="$known|$namespace $program|"
    if [ -z "$first" ] || [ "$began" -lt "$first" ]; then
      first=$began
    fi
  done <&4
}

addDescendants() {
  before=
  while [ "$found" != "$before" ]; do
    before=$found
    for each in $before; do
      id=${each%:*}
      if look "$id" && [ "$start" = "${each#*:}" ]; then
        for child in $(cat "/proc/$id/task/"*/children 2>/dev/null); do
          if look "$child"; then
            add "$child:$start"
          fi
        done
      fi
    done
  done
}

# Forked children that have another parent now: of the same program and pid namespace, started later,
# with memory that is registered with a userfaultfd.
addOrphans() {
  for process in /proc/[1-9]*; do
    id=${process#/proc/}
    if look "$id" && [ -n "$first" ] && [ "$start" -ge "$first" ]; then
      is="$(readlink "$process/ns/pid") $(readlink "$process/exe")"
      case $known in
        *"|$is|"*)
          if grep -q '^VmFlags:.* u[mwi]\( \|$\)' "$process/smaps" 2>/dev/null; then
            add "$id:$start"
          fi
          ;;
      esac
    fi
  done
}

# Whether another guard has taken the place of this one.
isReplaced() {
  last=
  if [ -e "$state/guards" ]; then
    while IFS=$tab read -r id began; do
      last=$id
    done < "$state/guards"
  fi
  [ -n "$last" ] && [ "$last" != $$ ]
}

# Returns once the processes have waited for too long.
waitForDaemon() {
  while [ -e "$state/restored" ] && [ -e "$state/lease" ]; do
    read -r until < "$state/lease"
    isReplaced && exit 0
    [ "$until" != none ] || exit 0
    read -r now idle < /proc/uptime
    [ "${now%.*}" -lt "$until" ] || return 0
    sleep 0.5
  done
}

# Kills what was found, until all have exited.
end() {
  living=1
  while [ -n "$living" ]; do
    living=
    for each in $found; do
      id=${each%:*}
      if look "$id" && [ "$start" = "${each#*:}" ]; then
        kill -9 "$id" 2>/dev/null
        living=1
      fi
    done
    [ -z "$living" ] || sleep 0.005
  done
}

# Opened now: the directory may be deleted before they are read.
exec 4< "$state/processes" 5< "$state/holders"
read -r word <&3
[ -z "$word" ] || exit 0
isReplaced && exit 0
if [ -e "$state/owned" ]; then
  echo "lazy-pages was killed when all pages had arrived; tell the source with lazy-pages --take-over" >> "$log"
  exit 0
fi
waitForDaemon
echo >> "$state/killing"

found=
first=
known=
ended=none
while [ "$ended" != "$found" ]; do
  ended=$found
  addListed
  addDescendants
  end
  addOrphans
done
echo "lazy-pages was killed before all pages had arrived; killed the restored processes:$found" >> "$log"

while IFS=$tab read -r id began; do
  if look "$id" && [ "$start" = "$began" ]; then
    kill -9 "$id"
  fi
done <&5
rm -f "$state"/*
rmdir "$state"
