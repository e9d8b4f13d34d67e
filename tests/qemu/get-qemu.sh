#!/bin/bash
# Puts stock QEMU into target/qemu, twice: the one of this machine's Debian (own), and that of Debian sid (sid),
# which is the newest that packages have. Nothing is installed: the programs in target/qemu/own/bin and
# target/qemu/sid/bin run with libraries beside them. Quick if they are there already.
#
#   tests/qemu/get-qemu.sh [DIRECTORY]    (default: target/qemu of the project)
#
# Exits with 1, after one line with the reason, where this machine's apt sources have no Debian mirror.
set -uo pipefail

packages=(qemu-system-x86)
PROGRAM=qemu-system-x86_64

project=$(cd "$(dirname "$0")/../.." && pwd)
folder=${1:-$project/target/qemu}

# The reason is kept, so that a test can be skipped with it.
refuse() {
  echo "no stock QEMU: $1" >&2
  mkdir -p "$folder" && echo "$1" >"$folder/reason"
  exit 1
}

. "$(dirname "$0")/../debian-packages.sh"

# QEMU looks for its modules and its firmware in directories of the system, unless it is told.
write_program() {
  local loader libraries
  loader=$(find "$new" -name 'ld-linux-*.so.*' -print -quit)
  libraries=$(dirname "$(find "$new" -name libc.so.6 -print -quit)")
  [ -n "$loader" ] && [ -n "$libraries" ] || refuse "the packages have no loader"
  mkdir "$new/bin.new"
  cat >"$new/bin.new/$PROGRAM" <<WRAPPER
#!/bin/sh
here=\$(dirname "\$(readlink -f "\$0")")/..
export QEMU_MODULE_DIR="\$here/usr/lib/$(basename "$libraries")/qemu"
exec "\$here/${loader#"$new"/}" --library-path "\$here${libraries#"$new"}:\$here/usr/lib/$(basename "$libraries")" \\
  "\$here/usr/bin/$PROGRAM" -L "\$here/usr/share/qemu" -L "\$here/usr/share/seabios" "\$@"
WRAPPER
  chmod +x "$new/bin.new/$PROGRAM"
  rm -rf "$new/bin" && mv "$new/bin.new" "$new/bin"
}

# Unpacks the QEMU of a suite into a folder.
get() {
  suite=$1
  local target=$folder/$2
  [ -x "$target/bin/$PROGRAM" ] && return 0
  new=$target.new apt=$target.new/apt
  rm -rf "$new" "$target"
  trap 'rm -rf "$new"' EXIT
  fetch
  unpack
  write_program
  rm -rf "$apt"
  "$new/bin/$PROGRAM" --version >/dev/null || refuse "the QEMU of $suite does not start here"
  mv "$new" "$target"
  "$target/bin/$PROGRAM" --version | head -n 1
}

mkdir -p "$folder" || exit 1
exec 9>"$folder/lock"
flock 9 # two builds may start at the same time
rm -f "$folder/reason"
find_mirror
get "$(. /etc/os-release && echo "${VERSION_CODENAME:-stable}")" own
get sid sid
