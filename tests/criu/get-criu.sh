#!/bin/bash
# Puts stock CRIU of a Debian suite into target/criu-SUITE. That of sid, with a redis to migrate, goes to
# target/criu, which tests and "./faultline bench --only criu" use: Debian 12 has none, and Debian 13 an older
# one (trixie: 4.1.1). Nothing is installed: the programs in target/criu/bin run with libraries of
# target/criu. Quick if they are there already.
#
#   tests/criu/get-criu.sh [SUITE [DIRECTORY]]
#
# Exits with 1, after one line with the reason, where this machine's apt sources have no Debian mirror.
set -uo pipefail

suite=${1:-sid}
packages=(criu)
programs=(criu)
name=criu-$suite
if [ "$suite" = sid ]; then
  packages+=(redis-server redis-tools)
  programs+=(redis-server redis-cli redis-benchmark)
  name=criu
fi

project=$(cd "$(dirname "$0")/../.." && pwd)
folder=${2:-$project/target/$name}

# The reason is kept, so that a test can be skipped with it.
refuse() {
  echo "no stock CRIU: $1" >&2
  mkdir -p "$(dirname "$folder")" && echo "$1" >"$folder.reason"
  exit 1
}

. "$(dirname "$0")/../debian-packages.sh"

# CRIU cannot restore a program that runs through the same loader file as CRIU itself ("Device or resource
# busy"), so the other programs get a copy.
write_programs() {
  local loader libraries program file
  loader=$(find "$new" -name 'ld-linux-*.so.*' -print -quit)
  libraries=$(dirname "$(find "$new" -name libc.so.6 -print -quit)")
  [ -n "$loader" ] && [ -n "$libraries" ] || refuse "the packages have no loader"
  mkdir "$new/bin.new"
  cp "$loader" "$new/bin.new/ld-criu.so"
  cp "$loader" "$new/bin.new/ld-application.so"
  for program in "${programs[@]}"; do
    file=$(find "$new/usr/sbin" "$new/usr/bin" -name "$program" \( -type f -o -type l \) -print -quit)
    [ -n "$file" ] || refuse "the packages have no $program"
    [ "$program" = criu ] && loader=ld-criu.so || loader=ld-application.so
    cat >"$new/bin.new/$program" <<WRAPPER
#!/bin/sh
here=\$(dirname "\$(readlink -f "\$0")")
exec "\$here/$loader" --library-path "\$here/..${libraries#"$new"}" "\$here/..${file#"$new"}" "\$@"
WRAPPER
    chmod +x "$new/bin.new/$program"
  done
  rm -rf "$new/bin" && mv "$new/bin.new" "$new/bin"
}

mkdir -p "$(dirname "$folder")" || exit 1
exec 9>"$folder.lock"
flock 9 # two builds may start at the same time
[ -x "$folder/bin/criu" ] && exit 0
rm -f "$folder.reason"
find_mirror
new=$folder.new apt=$folder.new/apt
rm -rf "$new" "$folder"
trap 'rm -rf "$new"' EXIT
fetch
unpack
write_programs
rm -rf "$apt"
"$new/bin/criu" --version >/dev/null || refuse "criu of $suite does not start here"
mv "$new" "$folder"
"$folder/bin/criu" --version | head -n 1
