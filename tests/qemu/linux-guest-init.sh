#!/bin/busybox sh
# The first and only program of the Linux guest: checks the sums of files in its memory for ever, each after it
# was copied, and says so on the console, with one line for each check:
#
#   check NUMBER ok|BAD UPTIME_SECONDS REAL_TIME_SECONDS
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

number=0
while :; do
  file=$((number % files))
  cp /tmp/$file /tmp/new && mv /tmp/new /tmp/$file
  if grep "/tmp/$file\$" /sums | md5sum -c -s; then verdict=ok; else verdict=BAD; fi
  read -r uptime rest </proc/uptime
  echo "check $number $verdict $uptime $(date +%s)"
  number=$((number + 1))
done
