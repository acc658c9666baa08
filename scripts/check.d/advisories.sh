#!/usr/bin/env bash
# Known vulnerabilities of dependencies. The database is a git repository: where it cannot be
# reached, and no copy of it is there, nothing can be said, and that is said (exit status 75).
set -euo pipefail
deny=.tools/bin/cargo-deny
if ! reason=$(timeout 60 "$deny" --color never fetch db 2>&1); then
  if ! compgen -G "${CARGO_HOME:-$HOME/.cargo}/advisory-dbs/*/crates" >/dev/null; then
    echo "*** NOT CHECKED: the advisory database cannot be reached from here:" >&2
    echo "*** $(grep -m1 '^fatal' <<<"$reason" || head -n 1 <<<"$reason")" >&2
    exit 75
  fi
  echo "*** the advisory database cannot be reached: an older copy of it is used" >&2
fi
"$deny" --log-level error --offline check advisories
