#!/bin/sh
# Installs the program that needs no Node. A release fills in where its files are.
#   sh install.sh
# CARVOS_INSTALL_DIR says where to (default: ~/.local/bin), CARVOS_DOWNLOAD_URL where from.
set -eu

fail() {
  echo "carvos is not installed: $1" >&2
  exit 1
}

from=${CARVOS_DOWNLOAD_URL:-@DOWNLOAD_URL@}
to=${CARVOS_INSTALL_DIR:-$HOME/.local/bin}
case $from in
  https://* | http://127.0.0.1:*) ;;
  *) fail "CARVOS_DOWNLOAD_URL must be an https:// address" ;;
esac

case $(uname -s) in
  Linux) system=linux ;;
  Darwin) system=darwin ;;
  *) fail "there is no program for $(uname -s); on Windows download carvos-win32-x64.zip" ;;
esac
case $(uname -m) in
  x86_64 | amd64) machine=x64 ;;
  aarch64 | arm64) machine=arm64 ;;
  *) fail "there is no program for $(uname -m): install Node and the package" ;;
esac
# Node's own programs need glibc.
if [ $system = linux ] && ldd --version 2>&1 | grep -qi musl; then
  fail 'this system has musl, as Alpine does: install Node and the package'
fi

name=carvos-$system-$machine
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
get() {
  curl -fsSL "$from/$1" -o "$folder/$1" || fail "$from/$1 could not be downloaded"
}
get SHA256SUMS
get "$name.gz"

expected=$(sed -n "s/^\([0-9a-f]\{64\}\)  $name\.gz\$/\1/p" "$folder/SHA256SUMS")
[ -n "$expected" ] || fail "SHA256SUMS does not name $name.gz"
if command -v sha256sum >/dev/null; then
  actual=$(sha256sum "$folder/$name.gz")
else
  actual=$(shasum -a 256 "$folder/$name.gz")
fi
[ "${actual%% *}" = "$expected" ] || fail "$name.gz is not the file that SHA256SUMS names"

gzip -d "$folder/$name.gz"
chmod 755 "$folder/$name"
version=$("$folder/$name" --version) || fail "the program does not run here"
mkdir -p "$to"
# Beside its place first, so that a carvos that runs is never half replaced.
cp "$folder/$name" "$to/.carvos.$$"
mv "$to/.carvos.$$" "$to/carvos"
echo "carvos $version is in $to"
case :$PATH: in
  *":$to:"*) ;;
  *) echo "Put it on your PATH: export PATH=\"$to:\$PATH\"" ;;
esac
