"""A verifier as an operator would have it, for clients in other languages."""

import contextlib
import os
import pathlib
import socket
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERIFIER = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "debug/verifier"
START_S = 30


def build():
    command = ["cargo", "build", "--quiet", "--locked", "--package", "waxseal-verifier"]
    subprocess.run(command, cwd=ROOT, check=True)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def verifier(config, *arguments, stdin=None):
    command = [VERIFIER, *arguments, "--config", config]
    return subprocess.run(command, check=True, input=stdin, stdout=subprocess.PIPE, text=True).stdout


@contextlib.contextmanager
def serving(config, log, public, private, console=None, options=None):
    environment = os.environ | {
        "WAXSEAL_VERIFIER__LISTEN__PUBLIC": f"127.0.0.1:{public}",
        "WAXSEAL_VERIFIER__LISTEN__CONSOLE": f"127.0.0.1:{console or 0}",
        "WAXSEAL_VERIFIER__LISTEN__PRIVATE": f"127.0.0.1:{private}",
        "WAXSEAL_VERIFIER__LISTEN__PUBLIC_ORIGIN": f"http://localhost:{public}",
    }
    if console is not None:
        environment["WAXSEAL_VERIFIER__LISTEN__CONSOLE_ORIGIN"] = f"http://localhost:{console}"
        # A person signs in some dozen times in a second here.
        environment["WAXSEAL_VERIFIER__LIMITS__SIGN_IN_BURST"] = "1000"
    environment |= {f"WAXSEAL_VERIFIER__{name}": value for name, value in (options or {}).items()}
    command = [VERIFIER, "serve", "--config", config]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    try:
        wait_until_ready(process, f"http://localhost:{public}/readyz", log)
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_until_ready(process, url, log):
    deadline = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(url, timeout=5).close()
            return
        time.sleep(0.05)
    sys.exit(f"foreign: the verifier did not become ready:\n{log.read_text()}")
