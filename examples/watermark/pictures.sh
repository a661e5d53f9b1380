#!/bin/bash
# pictures.sh DIRECTORY: fills DIRECTORY with more than 1,000 real pictures: photographs of Debian's
# mate-backgrounds and icons of oxygen-icon-theme. The packages are unpacked, not installed.
set -euo pipefail
target=$1
[ -f "$target/../pictures.txt" ] && { cat "$target/../pictures.txt"; exit 0; }

mkdir -p "$target"
target=$(realpath "$target")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"

fetch() {  # fetch PACKAGE: unpacks it below $work/PACKAGE
  local package=$1
  (cd "$work" && apt-get download "$package" >download.log 2>&1) || {
    if [ "$(id -u)" = 0 ]; then apt-get update -q >/dev/null 2>&1; else sudo apt-get update -q >/dev/null 2>&1; fi
    (cd "$work" && apt-get download "$package" >download.log 2>&1) || { cat "$work/download.log" >&2; exit 1; }
  }
  dpkg -x "$work/$package"_*.deb "$work/$package"
}

version() { dpkg-deb -f "$work/$1"_*.deb Version; }

echo "Fetching pictures from the Debian packages mate-backgrounds and oxygen-icon-theme (about 80 MB) ..."
fetch mate-backgrounds
fetch oxygen-icon-theme

mkdir -p "$target/photographs"
find "$work/mate-backgrounds" -type f -iname '*.jpg' -exec cp {} "$target/photographs/" \;

# Icons from 64 pixels on; files with the same content once.
cd "$work/oxygen-icon-theme/usr/share/icons/oxygen/base"
find 64x64 128x128 256x256 -type f -name '*.png' -exec sha1sum {} + | sort | awk '!seen[$1]++ { print $2 }' |
  while read -r icon; do
    mkdir -p "$target/icons/$(dirname "$icon")"
    cp "$icon" "$target/icons/$icon"
  done

count=$(find "$target" -type f | wc -l)
[ "$count" -ge 1000 ] || { echo "Only $count pictures found, 1,000 are needed." >&2; exit 1; }
printf '%s pictures, %s MB: %s photographs of mate-backgrounds %s, icons of oxygen-icon-theme %s\n' \
  "$count" "$(du -sm "$target" | cut -f1)" "$(find "$target/photographs" -type f | wc -l)" \
  "$(version mate-backgrounds)" "$(version oxygen-icon-theme)" | tee "$target/../pictures.txt"
