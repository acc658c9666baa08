#!/usr/bin/env bash
# Known vulnerabilities of dependencies. The database is a git repository: where it cannot be
# reached, and no young copy of it is there, nothing can be said, and that is said (exit status 75).
set -euo pipefail
deny=${CARGO_DENY:-.tools/bin/cargo-deny}
[ -x "$deny" ] || { echo "*** NOT CHECKED: $deny is missing: scripts/setup test" >&2; exit 75; }
databases=${CARGO_HOME:-$HOME/.cargo}/advisory-dbs
# Days after which a copy says nothing of what has become known since.
fresh_days=7
if ! reason=$(timeout 60 "$deny" --color never fetch db 2>&1); then
  if [ -z "$(find "$databases"/*/.git -maxdepth 1 -name FETCH_HEAD -mtime "-$fresh_days" 2>/dev/null)" ]; then
    echo "*** NOT CHECKED: the advisory database cannot be reached from here, and no copy is younger than $fresh_days days:" >&2
    echo "*** $(grep -m1 '^fatal' <<<"$reason" || head -n 1 <<<"$reason")" >&2
    exit 75
  fi
  echo "*** the advisory database cannot be reached: an older copy of it is used" >&2
fi
"$deny" --log-level error --offline check advisories
