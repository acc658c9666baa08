"""The project's files, for the checks beside this one."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def paths():
    """Files that git tracks or would track, relative to the root, sorted."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout
    found = (pathlib.PurePosixPath(name) for name in listed.split("\0") if name)
    return sorted({path for path in found if (ROOT / path).is_file()})


def text(path):
    """A file's text; None when it is not UTF-8."""
    try:
        return (ROOT / path).read_text("utf-8")
    except UnicodeDecodeError:
        return None


def without_inline_tests(rust):
    """Rust source up to its inline tests, which stand last."""
    return re.split(r"^#\[cfg\(test\)\]\n(?:#\[.*\]\n)*mod \w+ \{", rust, maxsplit=1, flags=re.M)[0]


def line_of(source, offset):
    return source.count("\n", 0, offset) + 1


def finish(problems):
    """Prints what was found and ends the check."""
    for problem in problems:
        print(problem, file=sys.stderr)
    sys.exit(1 if problems else 0)
