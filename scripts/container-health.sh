#!/bin/sh
# Ends with 0 when the gateway accepts requests.
exec node -e '
fetch(`http://127.0.0.1:${process.env.CARVOS_LISTEN_PORT ?? 4010}/readyz`).then(
  (answer) => process.exit(answer.ok ? 0 : 1),
  () => process.exit(1),
);'
