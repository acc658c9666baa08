"""Who may import whom: ARCHITECTURE.md's rules, held to by reading `crate::` paths and imports."""

import re

import tree

# Folders of a crate, and what each may import of the crate's other folders and of what puts them
# together (ASSEMBLY). Other files beside the folders (clock.rs, rng.rs) serve everyone and import
# none of them, unless they have a row.
ALLOWED = {
    "verifier/src": {
        "audit": {"config", "keys", "outbound", "store"},
        "accounts": {"app", "config", "http", "identity", "keys", "store"},
        "alerts": {"app", "config", "keys", "outbound", "risk", "store"},
        "challenge": {"config", "outbound"},
        "checkout": {"app", "http", "identity", "keys", "lists", "risk", "rules", "scoring", "spans", "store", "vault", "velocity"},
        "cli": {"accounts", "alerts", "app", "audit", "challenge", "checkout", "config", "http", "identity", "keys", "limits", "lists", "outbound", "pki", "records", "risk", "router", "rules", "scoring", "store", "telemetry", "tls", "upkeep", "vault", "velocity"},
        "config": {"limits", "store"},
        "http": {"alerts", "app", "config", "limits", "spans", "store", "tls"},
        "identity": {"keys", "outbound", "store"},
        "interface": {"app", "http", "identity"},
        "keys": {"store"},
        "labels": {"app", "checkout", "http", "identity", "keys", "lists", "store"},
        "limits": {"valkey"},
        "lists": {"app", "http", "keys", "risk", "store"},
        "outbound": {"config", "tls"},
        "pki": {"tls"},
        "records": {"app", "checkout", "http", "keys", "lists", "risk", "rules", "scoring", "store"},
        "risk": set(),
        "routes": {"accounts", "alerts", "app", "challenge", "checkout", "http", "identity", "interface", "keys", "labels", "limits", "lists", "records", "rules", "scoring", "spans", "store", "vault"},
        "rules": {"app", "http", "keys", "lists", "risk", "store"},
        "scoring": {"alerts", "app", "keys", "store"},
        "spans": set(),
        "store": {"spans"},
        "telemetry": {"config", "outbound", "spans"},
        "tls": {"config"},
        "upkeep": {"alerts", "app", "audit", "keys", "scoring", "store", "tls", "vault", "velocity"},
        "valkey": set(),
        "vault": {"keys", "store", "valkey"},
        "velocity": {"store"},
    },
    "sdk-wasm/src": {
        "bridge": {"frame"},
        "exports": {"bridge", "frame"},
        "frame": {"bridge", "signals"},
        "signals": {"frame"},
    },
    "sdk-wasm/js": {
        "bridge": set(),
        "frame": {"bridge"},
        "host": {"bridge"},
    },
    "sdk-wasm/protocol/src": {
        "card": set(),
        "message": {"card"},
        "seal": {"card", "message", "signal"},
        "signal": {"message"},
    },
}
ASSEMBLY = {"app", "lib", "main", "router"}
CRATES_NOT_TO_NAME = {
    "verifier/engine": r"\bwaxseal_(model|sdk|verifier|demo|tests)\b|\bwaxseal-(model|sdk|verifier|demo|tests)\b",
    "verifier/model": r"\bwaxseal_(engine|protocol|sdk|verifier|demo|tests)\b|\bwaxseal-(engine|protocol|sdk|verifier|demo|tests)\b",
    "sdk-wasm/protocol": r"\bwaxseal_(sdk|verifier|demo|tests)\b|\bwaxseal-(sdk|verifier|demo|tests)\b",
    "sdk-wasm": r"\bwaxseal_(verifier|demo|tests)\b|\bwaxseal-(verifier|demo|tests)\b",
    "verifier": r"\bwaxseal_(sdk|demo|tests)\b|\bwaxseal-(sdk|demo|tests)\b",
    "demo-site": r"\bwaxseal_(sdk|verifier|tests)\b|\bwaxseal-(sdk|verifier|tests)\b",
}


def rust_imports(source):
    """Yields (offset, module) for each path that starts at the crate's root, grouped ones too."""
    for match in re.finditer(r"\bcrate::(?:(\w+)|\{)", source):
        if match[1]:
            yield match.start(), match[1]
            continue
        depth, start = 1, match.end()
        for part in re.finditer(r"[{}]|(?<![:\w])(\w+)", source[start:]):
            if part[0] == "{":
                depth += 1
            elif part[0] == "}":
                depth -= 1
                if depth == 0:
                    break
            elif depth == 1:
                yield start + part.start(), part[1]


def script_imports(path, source):
    """Yields (offset, folder) for each relative import."""
    here = path.parent.parts
    for match in re.finditer(r"""\b(?:from|import|import\()\s*["'](\.[^"']*)["']""", source):
        target = list(here)
        for part in match[1].split("/"):
            if part == "..":
                target.pop()
            elif part != ".":
                target.append(part)
        yield match.start(), target


def rust_rules(path, source):
    source = re.sub(r"//.*", "", tree.without_inline_tests(source))
    for root, allowed in ALLOWED.items():
        if not path.is_relative_to(root):
            continue
        inside = path.relative_to(root)
        is_in_folder = len(inside.parts) > 1
        module = inside.parts[0].removesuffix(".rs")
        if is_in_folder and module not in allowed:
            yield f"{path}: scripts/check.d/imports.py has no row for {root}/{module}"
        if module in ASSEMBLY and not is_in_folder:
            return
        forbidden = (allowed.keys() | ASSEMBLY) - allowed.get(module, set()) - {module}
        for offset, imported in rust_imports(source):
            if imported in forbidden:
                yield f"{path}:{tree.line_of(source, offset)}: {module} may not import {imported}"
        depth = len(inside.parts) - (inside.name == "mod.rs")
        for match in re.finditer(r"\b(?:super::)+", source):
            if match[0].count("super") >= depth:
                yield f"{path}:{tree.line_of(source, match.start())}: name it from crate:: on"


def script_rules(path, source):
    root = "sdk-wasm/js"
    if not path.is_relative_to(root):
        return
    depth = len(root.split("/"))
    folder = path.parts[depth]
    allowed = ALLOWED[root]
    if folder not in allowed:
        return
    for offset, target in script_imports(path, source):
        other = target[depth] if len(target) > depth else None
        if other in allowed and other not in allowed[folder] | {folder}:
            yield f"{path}:{tree.line_of(source, offset)}: {folder} may not import {other}"


def crate_rules(path, source):
    """Only the innermost crate's row applies."""
    rows = [root for root in CRATES_NOT_TO_NAME if path.is_relative_to(root)]
    if not rows or path.suffix not in {".rs", ".toml"}:
        return
    for match in re.finditer(CRATES_NOT_TO_NAME[max(rows, key=len)], source):
        if source[: match.start()].endswith('name = "'):
            continue
        yield f"{path}:{tree.line_of(source, match.start())}: may not depend on {match[0]}"


problems = []
for path in tree.paths():
    source = tree.text(path) if path.suffix in {".js", ".mjs", ".rs", ".toml", ".ts"} else None
    if source is None:
        continue
    problems += crate_rules(path, source)
    if path.suffix == ".rs":
        problems += rust_rules(path, source)
    else:
        problems += script_rules(path, source)
tree.finish(problems)
