#!/bin/sh
# Starts the gateway in a container, with further flags of `carvos dev`. The process is replaced, so that
# the signal of `docker stop` reaches it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
exec node "$here/bin/carvos.cjs" dev --host "${CARVOS_LISTEN_HOST:-0.0.0.0}" --port "${CARVOS_LISTEN_PORT:-4010}" "$@"
