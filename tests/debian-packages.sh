# For scripts that unpack programs of a Debian suite without installing them; to be sourced.
#
# They define refuse REASON, which exits, and set suite, packages (an array), new (the folder to unpack into)
# and apt (a folder for apt's own files).
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# Sets site to a Debian mirror, as this machine's apt sources have it.
find_mirror() {
  [ "$(uname -m)" = x86_64 ] || refuse "only x86-64 is supported, and this is $(uname -m)"
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || refuse "this machine has no apt"
  site=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' \
    2>/dev/null | sort -u | head -n 1)
  [ -n "$site" ] || refuse "no Debian mirror in the apt sources of this machine; run apt-get update first"
}

# apt with directories of its own: it sees no installed packages, and so fetches all dependencies.
private_apt() {
  apt-get -o Dir::State="$apt/state" -o Dir::State::status="$apt/status" -o Dir::Cache="$apt/cache" \
    -o Dir::Etc="$apt/etc" -o Dir::Etc::sourceparts=- -o Dir::Etc::parts=- -o Dir::Etc::preferencesparts=- \
    -o APT::Install-Recommends=false -o APT::Sandbox::User=root -o Acquire::Languages=none \
    -o Acquire::Retries=3 -q -y "$@" >>"$apt/log" 2>&1 ||
    refuse "apt-get $1 from $site $suite: $(grep '^[EW]:' "$apt/log" | tail -n 1)"
}

# Downloads the packages with all that they depend on.
fetch() {
  mkdir -p "$apt"/{state/lists/partial,cache/archives/partial,etc}
  : >"$apt/status"
  local signed=
  [ -r "$KEYRING" ] && signed="[signed-by=$KEYRING] "
  echo "deb $signed$site $suite main" >"$apt/etc/sources.list"
  private_apt update
  private_apt --download-only install "${packages[@]}"
}

# Unpacks what was downloaded.
unpack() {
  local package
  for package in "$apt"/cache/archives/*.deb; do
    dpkg-deb -x "$package" "$new" || refuse "$(basename "$package") cannot be unpacked"
  done
}
