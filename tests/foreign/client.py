"""Seals a card with an HPKE library of another language and submits it, from the published
descriptions alone: RFC 9180 and draft-ietf-jose-hpke-encrypt.

    python client.py VERIFIER_ORIGIN CLIENT_TOKEN

Prints the verifier's answer, one line of JSON; fails unless it took the card.
"""

import base64
import json
import pathlib
import secrets
import sys
import urllib.error
import urllib.request

from pyhpke import AEADId, CipherSuite, KDFId, KEMId, KEMKey

PLAINTEXT_BYTES = 4096


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def call(url, headers, body=None):
    """Returns (status, text)."""
    data = None if body is None else json.dumps(body).encode()
    headers = headers | ({} if body is None else {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def get_json(url, headers):
    status, text = call(url, headers)
    if status != 200:
        sys.exit(f"{url}: {status} {text}")
    return json.loads(text)


def main(origin, token):
    bearer = {"authorization": f"Bearer {token}"}
    session = get_json(f"{origin}/v1/session", bearer)
    keys = get_json(f"{origin}/.well-known/jwks.json", {})["keys"]
    jwk = next(key for key in keys if key["kid"] == session["kid"])

    header = base64url(json.dumps({
        "alg": "HPKE-7",
        "typ": "waxseal-card+jwe",
        "kid": jwk["kid"],
        "sid": session["id"],
        "rev": session["rev"],
        "org": session["origin"],
        "iat": session["now"],
        "jti": base64url(secrets.token_bytes(16)),
        "bld": base64url(bytes(16)),
    }).encode()).encode("ascii")
    card = json.loads(pathlib.Path(__file__).with_name("card.json").read_text("utf-8"))
    plaintext = json.dumps(card).encode().ljust(PLAINTEXT_BYTES)

    suite = CipherSuite.new(KEMId.DHKEM_P256_HKDF_SHA256, KDFId.HKDF_SHA256, AEADId.AES256_GCM)
    key = KEMKey.from_jwk({name: jwk[name] for name in ("kty", "crv", "x", "y")})
    enc, sender = suite.create_sender_context(key)
    ciphertext = sender.seal(plaintext, aad=header)

    envelope = f"{header.decode()}.{base64url(enc)}..{base64url(ciphertext)}."
    status, text = call(f"{origin}/v1/session/card", bearer, {"envelope": envelope})
    print(text)
    return 0 if status == 200 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
