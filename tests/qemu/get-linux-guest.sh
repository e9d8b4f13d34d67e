#!/bin/bash
# Puts a small Linux guest into target/qemu-guest: vmlinuz, the cloud kernel of this machine's Debian, and initrd,
# with busybox, linux-guest-init.sh, and the kernel's modules for virtio devices. Nothing is installed. Quick if they are there already.
#
#   tests/qemu/get-linux-guest.sh [DIRECTORY]    (default: target/qemu-guest of the project)
#
# Exits with 1, after one line with the reason, where this machine's apt sources have no Debian mirror.
set -uo pipefail

KERNEL=linux-image-cloud-amd64

# Each after those that it needs.
MODULES=(virtio/virtio_ring virtio/virtio virtio/virtio_pci_legacy_dev virtio/virtio_pci_modern_dev virtio/virtio_pci
  block/virtio_blk net/core/failover net/net_failover net/virtio_net char/hw_random/virtio-rng)

here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$here/../../target/qemu-guest}

# The reason is kept, so that a test can be skipped with it.
refuse() {
  echo "no Linux guest: $1" >&2
  echo "$1" >"$folder.reason"
  exit 1
}

fetch() {
  (cd "$new" && apt-get download -q -o APT::Sandbox::User=root -o Acquire::Retries=3 "$1" >>log 2>&1) ||
    refuse "apt-get download $1: $(grep '^[EW]:' "$new/log" | tail -n 1)"
  dpkg-deb -x "$new/$1"_*.deb "$new/root" || refuse "package $1 cannot be unpacked"
  rm -f "$new/$1"_*.deb
}

# Their names say the order, as some of them need others.
pack_modules() {
  local number=10 module file
  mkdir "$new/initrd.root/modules"
  for module in "${MODULES[@]}"; do
    file=$(find "$new/root/lib/modules" -path "*/$module.ko" -print -quit)
    [ -n "$file" ] || refuse "package $image has no module $module"
    cp "$file" "$new/initrd.root/modules/$number-$(basename "$file")"
    number=$((number + 1))
  done
}

pack_initrd() {
  mkdir -p "$new/initrd.root/bin"
  cp "$new/root/bin/busybox" "$new/initrd.root/bin/busybox" || refuse "the packages have no busybox"
  cp "$here/linux-guest-init.sh" "$new/initrd.root/init"
  chmod 755 "$new/initrd.root/init"
  pack_modules
  (cd "$new/initrd.root" && find . | bin/busybox cpio -o -H newc 2>/dev/null | gzip) >"$new/initrd"
}

mkdir -p "$(dirname "$folder")" || exit 1
exec 9>"$folder.lock"
flock 9 # two builds may start at the same time
[ "$folder/initrd" -nt "$here/linux-guest-init.sh" ] && [ "$folder/initrd" -nt "$here/get-linux-guest.sh" ] &&
  [ -r "$folder/vmlinuz" ] && exit 0
rm -f "$folder.reason"
[ "$(uname -m)" = x86_64 ] || refuse "only x86-64 is supported, and this is $(uname -m)"
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || refuse "this machine has no apt"
image=$(apt-cache depends "$KERNEL" 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[^ ]*\)$/\1/p' | head -n 1)
[ -n "$image" ] || refuse "the apt sources of this machine have no $KERNEL; run apt-get update first"
new=$folder.new
rm -rf "$new" "$folder"
trap 'rm -rf "$new"' EXIT
mkdir -p "$new/root"
fetch "$image"
fetch busybox-static
pack_initrd
cp "$new"/root/boot/vmlinuz-* "$new/vmlinuz" || refuse "package $image has no kernel"
rm -rf "$new/root" "$new/initrd.root" "$new/log"
mv "$new" "$folder"
echo "$image"
