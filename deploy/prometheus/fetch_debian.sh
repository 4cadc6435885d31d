#!/usr/bin/env bash
# Debian's prometheus and promtool, unpacked into the folder $1 for the tests: nothing is installed into the system and
# no service is started. Root is needed only where apt has no package lists yet.
set -euo pipefail

target=$1
[[ -x $target/usr/bin/promtool ]] && exit 0

fail() {
  echo "promtool is missing: put Debian's package prometheus (or its two programs) on the PATH ($1)" >&2
  exit 1
}
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || fail "no apt-get and dpkg-deb here to fetch it with"

mkdir -p "$(dirname "$target")"
fresh=$(mktemp -d "$target.XXXXXX")
trap 'rm -rf "$fresh"' EXIT
download() { (cd "$fresh" && apt-get -qq download prometheus) &>"$fresh/log"; }
echo "fetching Debian's prometheus for the tests …"
if ! download; then
  [[ $EUID == 0 ]] || fail "apt-get download: $(tail -n 1 "$fresh/log"); apt-get update needs root"
  apt-get -qq -o DPkg::Lock::Timeout=120 update &>"$fresh/log" || fail "apt-get update: $(tail -n 1 "$fresh/log")"
  download || fail "apt-get download: $(tail -n 1 "$fresh/log")"
fi
dpkg-deb --extract "$fresh"/prometheus_*.deb "$fresh/unpacked"
# Of two that do this at once the first wins; the other finds what it wanted.
mv --no-target-directory "$fresh/unpacked" "$target" 2>/dev/null || [[ -x $target/usr/bin/promtool ]]
