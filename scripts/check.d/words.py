"""Looks for what must not be in the tree: places outside it, registry hosts, secrets."""

import re

import tree

# Written so that no pattern matches itself.
FORBIDDEN = {
    r"(?<![\w.\]/])/(?:home|root|Users|work)[/]\w": "names a folder of one machine",
    r"\b(?:registry|index|static)\.[\w-]+\.(?:org|com|io)\b": "names a package registry's host",
    r"\b[Ii]ssue #?\d+\b": "names an issue by its number",
}
SECRETS = {
    r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s+[A-Za-z0-9+/]{20}": "holds a private key",
    r'"d"\s*:\s*"[A-Za-z0-9_-]{43,}"': "holds a private JWK",
    r"\bAKIA[0-9A-Z]{16}\b": "holds an AWS access key",
    r"\bgh[pousr]_[A-Za-z0-9]{36}\b": "holds a GitHub token",
    r"\bnpm_[A-Za-z0-9]{36}\b": "holds an npm token",
    r"\b[sr]k_live_[A-Za-z0-9]{16,}": "holds a payment processor's key",
    r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}": "holds a JWT",
}
# Published vectors hold private keys: that is their use.
PUBLISHED = "tests/vectors"

problems = []
for path in tree.paths():
    source = tree.text(path)
    if source is None:
        continue
    rules = FORBIDDEN if path.is_relative_to(PUBLISHED) else FORBIDDEN | SECRETS
    for pattern, meaning in rules.items():
        for match in re.finditer(pattern, source):
            problems.append(f"{path}:{tree.line_of(source, match.start())}: {meaning}")
tree.finish(problems)
