# Kills VMs if the handler of their page faults was killed: it waits for the end of the pipe that is
# descriptor 3. On it come lines:
#
#   add PID START    kill this process if it still has this start time
#   drop PID START   no more
#   done             the handler has ended, and nothing is to be done
PATH=/usr/sbin:/usr/bin:/sbin:/bin
vms=

while read -r verb pid start <&3; do
  case $verb in
    add) vms="$vms $pid:$start" ;;
    drop)
      left=
      for vm in $vms; do
        [ "$vm" = "$pid:$start" ] || left="$left $vm"
      done
      vms=$left
      ;;
    done) exit 0 ;;
  esac
done

for vm in $vms; do
  pid=${vm%:*}
  stat=
  { while read -r line; do stat=$line; done < "/proc/$pid/stat"; } 2>/dev/null
  set -- ${stat##*) }
  if [ $# -ge 20 ] && [ "${20}" = "${vm#*:}" ]; then
    kill -9 "$pid"
  fi
done
