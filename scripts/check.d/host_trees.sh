#!/usr/bin/env bash
# The browser's bindings stay out of everything that is built for a server.
set -euo pipefail
for package in waxseal-protocol waxseal-verifier waxseal-demo; do
  names=$(cargo tree --locked --quiet --package "$package" --edges normal,build,dev \
    --prefix none --format '{lib}')
  for forbidden in wasm_bindgen web_sys js_sys waxseal_sdk; do
    if grep -qx "$forbidden" <<<"$names"; then
      echo "$package depends on $forbidden on the host" >&2
      exit 1
    fi
  done
done
