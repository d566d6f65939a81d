#!/bin/sh
# Builds carvos and puts what it needs to run, and nothing else, into a folder:
#   sh scripts/container-build.sh /opt/carvos
set -eu
target=${1:?the folder to write to}
cd "$(dirname "$0")/.."

# The build is the next line, so that nothing is built twice.
[ -d node_modules ] || CARVOS_SKIP_PREPARE=1 npm ci
CARVOS_BUILD_TYPES=0 node scripts/build.mjs

mkdir -p "$target"
cp -R bin dist package.json LICENSE "$target/"
cp scripts/container-start.sh scripts/container-health.sh "$target/"
# Only what package.json lists under "dependencies", with what that needs.
npm ls --omit=dev --all --parseable | sed -n 's|^.*/node_modules/\(.*\)$|\1|p' | sort -u |
  while read -r package; do
    mkdir -p "$target/node_modules/$(dirname "$package")"
    cp -R "node_modules/$package" "$target/node_modules/$package"
  done

node "$target/bin/carvos.cjs" --version
