#!/bin/busybox sh
# The first and only program of the Linux guest: checks the sums of files in its memory for ever, each after it
# was copied, and says so on the console, with one line for each check:
#
#   check NUMBER ok|BAD UPTIME_SECONDS REAL_TIME_SECONDS
#
# With "load" on the kernel's command line others work beside it: they write to memory, check sums, write to the disk
# and read it again, send packets, and read the random number generator. They say something only if it is wrong.
/bin/busybox mkdir -p /proc /dev /tmp
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs devtmpfs /dev
/bin/busybox mount -t tmpfs tmpfs /tmp
/bin/busybox --install -s /bin
export PATH=/bin
echo 1 >/proc/sys/kernel/printk

# A quarter of the memory, in files of 1 MiB.
files=$(awk '/^MemFree/ { print int($2 / 1024 / 4) }' /proc/meminfo)
file=0
while [ "$file" -lt "$files" ]; do
  dd if=/dev/urandom of=/tmp/$file bs=1M count=1 2>/dev/null
  file=$((file + 1))
done
md5sum /tmp/* >/sums
echo "ready $files"

for module in /modules/*; do
  insmod "$module"
done

write_memory() {
  while :; do
    dd if=/dev/urandom of=/tmp/written bs=64k count=32 2>/dev/null
    cat /tmp/written /tmp/written >/tmp/written.twice
  done
}

# Its own files, which nobody else touches.
check_sums() {
  mkdir "/tmp/of-$1"
  for file in 1 2 3 4; do
    dd if=/dev/urandom of="/tmp/of-$1/$file" bs=256k count=1 2>/dev/null
  done
  md5sum "/tmp/of-$1"/* >"/sums-$1"
  while :; do
    md5sum -c -s "/sums-$1" || echo "BAD sums of $1"
  done
}

check_disk() {
  while :; do
    dd if=/dev/urandom of=/tmp/block bs=64k count=8 2>/dev/null
    dd if=/tmp/block of=/dev/vda bs=64k conv=fsync 2>/dev/null || echo "BAD write to the disk"
    echo 1 >/proc/sys/vm/drop_caches
    dd if=/dev/vda bs=64k count=8 2>/dev/null | cmp -s - /tmp/block || echo "BAD contents of the disk"
  done
}

use_devices() {
  ip link set eth0 up && ip address add 10.0.2.15/24 dev eth0
  while :; do
    ping -c 1 -W 1 10.0.2.2 >/dev/null 2>&1 # there is no answer, but a packet
    dd if=/dev/hwrng of=/dev/null bs=64 count=1 2>/dev/null || echo "BAD random number generator"
  done
}

if grep -qw load /proc/cmdline; then
  write_memory &
  check_sums 1 &
  check_sums 2 &
  check_disk &
  use_devices &
fi

number=0
while :; do
  file=$((number % files))
  cp /tmp/$file /tmp/new && mv /tmp/new /tmp/$file
  if grep "/tmp/$file\$" /sums | md5sum -c -s; then verdict=ok; else verdict=BAD; fi
  read -r uptime rest </proc/uptime
  echo "check $number $verdict $uptime $(date +%s)"
  number=$((number + 1))
done
