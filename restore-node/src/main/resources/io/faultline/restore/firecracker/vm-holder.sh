# Keeps the userfaultfd of a VM open, as descriptor 3, for the next handler; ends soon after the VM has.
#
#   $1, $2   the VM's process, and its start time
PATH=/usr/sbin:/usr/bin:/sbin:/bin

runs() {
  stat=
  { while read -r line; do stat=$line; done < "/proc/$1/stat"; } 2>/dev/null
  vm=$2
  set -- ${stat##*) }
  # it has exited when its last thread has, not when its first one has (a zombie then)
  [ $# -ge 20 ] && [ "${20}" = "$vm" ] && { [ "$1" != Z ] || [ "${18}" -gt 1 ]; }
}

# A redirection of the command itself would move descriptor 3 of this shell meanwhile (dash).
while runs "$1" "$2"; do
  (
    exec 3<&-
    exec sleep 2
  )
done
