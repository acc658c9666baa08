"""Holds the tree to its shape: the fixed top level, file sizes, names that say something."""

import re
import sys

import tree

TOP_LEVEL = {
    ".cargo", ".ci", ".gitignore", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "Cargo.lock",
    "Cargo.toml", "LICENSE", "README.md", "SECURITY.md", "clippy.toml", "demo-site", "deny.toml", "docs",
    "rust-toolchain.toml", "rustfmt.toml", "scripts", "sdk-wasm", "tests", "verifier",
}
CODE = {".css", ".html", ".js", ".mjs", ".py", ".rs", ".sh", ".sql", ".ts", ""}
LINES_WARN, LINES_FAIL = 400, 800
HANDLER_LINES = 40
NAMES_THAT_SAY_NOTHING = {"common", "helper", "helpers", "misc", "util", "utils"}


def names(path):
    if path.parts[0] not in TOP_LEVEL:
        yield f"{path}: the top level is fixed; {path.parts[0]} is not part of it"
    for part in path.parts:
        if part.split(".")[0].lower() in NAMES_THAT_SAY_NOTHING:
            yield f"{path}: the name {part} says nothing"


def size(path, source):
    if path.suffix not in CODE or path.name == "LICENSE" or path.is_relative_to("tests/vectors"):
        return
    code = tree.without_inline_tests(source) if path.suffix == ".rs" else source
    lines = code.count("\n")
    if lines > LINES_FAIL:
        yield f"{path}: {lines} lines; {LINES_FAIL} is the limit"
    elif lines > LINES_WARN:
        print(f"warning: {path}: {lines} lines; try to stay below {LINES_WARN}", file=sys.stderr)


def handlers(path, source):
    """rustfmt ends a function with a brace at the indentation of its first line."""
    if not path.is_relative_to("verifier/src/routes"):
        return
    function = re.compile(r"^( *)(?:pub(?:\([a-z]+\))? )?(?:async )?fn (\w+).*?^\1\}$", re.M | re.S)
    for match in function.finditer(tree.without_inline_tests(source)):
        lines = match[0].count("\n") + 1
        if lines > HANDLER_LINES:
            line = tree.line_of(source, match.start())
            yield f"{path}:{line}: {match[2]} has {lines} lines; a route's function has {HANDLER_LINES} at most"


def packages(path, source):
    if path.name == "package-lock.json" and '"resolved"' in source:
        yield f"{path}: names a registry; make it again beside an .npmrc like the others"
    if path.name == "package.json" and not (tree.ROOT / path.parent / ".npmrc").is_file():
        yield f"{path}: has no .npmrc beside it"


problems = []
for path in tree.paths():
    problems += names(path)
    source = tree.text(path)
    if source is not None:
        problems += [*size(path, source), *handlers(path, source), *packages(path, source)]
tree.finish(problems)
