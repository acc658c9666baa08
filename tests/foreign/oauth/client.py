"""Goes through OAuth's flows with PyPI's Authlib.

    python client.py '{"issuer": …, "client_id": …, …}'

Prints `open URL` for its browser, and reads where that came back; prints `done STEP` for each step.
"""

import base64
import hashlib
import json
import secrets
import sys
import time

import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwt
from joserfc.jwk import ECKey

told = json.loads(sys.argv[1])
metadata = requests.get(f"{told['issuer']}/.well-known/oauth-authorization-server", timeout=30).json()
assert metadata["issuer"] == told["issuer"], metadata
TOKENS = metadata["token_endpoint"]
KEYS = f"{told['api']}/v1/keys"
key = ECKey.generate_key("P-256")


def done(step):
    print(f"done {step}", flush=True)


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def proof(method, url, token=None):
    """RFC 9449: Authlib makes none of its own."""
    claims = {"jti": secrets.token_urlsafe(16), "htm": method, "htu": url, "iat": int(time.time())}
    if token is not None:
        claims["ath"] = base64url(hashlib.sha256(token.encode()).digest())
    return jwt.encode({"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False)}, claims, key)


def session():
    return OAuth2Session(
        told["client_id"], scope="keys:read", redirect_uri=told["redirect_uri"],
        code_challenge_method="S256", token_endpoint_auth_method="none",
        revocation_endpoint_auth_method="none",
    )


def browse(url):
    print(f"open {url}", flush=True)
    return json.loads(sys.stdin.readline())


def code():
    verifier = secrets.token_urlsafe(48)
    client = session()
    url, state = client.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier)
    _, back = browse(url)
    return client, verifier, state, back


def redeem(client, verifier, state, back):
    return client.fetch_token(
        TOKENS, authorization_response=back, state=state, code_verifier=verifier,
        headers={"DPoP": proof("POST", TOKENS)},
    )


def refresh(client, token):
    return client.refresh_token(TOKENS, refresh_token=token, headers={"DPoP": proof("POST", TOKENS)})


def expect_keys(token, wanted):
    headers = {"authorization": f"DPoP {token}", "dpop": proof("GET", KEYS, token)}
    status = requests.get(KEYS, headers=headers, timeout=30).status_code
    assert status == wanted, f"keys: {status}, not {wanted}"


def expect_refusal(wanted, function, *arguments):
    try:
        function(*arguments)
    except OAuthError as error:
        assert error.error == wanted, error
        return
    raise AssertionError(f"not refused with {wanted}")


def changed(**changes):
    """A request with parameters changed, or left out."""
    asked = {
        "response_type": "code", "client_id": told["client_id"], "redirect_uri": told["redirect_uri"],
        "scope": "keys:read", "code_challenge": base64url(bytes(32)), "code_challenge_method": "S256",
    } | changes
    asked = {name: value for name, value in asked.items() if value is not None}
    return browse(requests.Request("GET", metadata["authorization_endpoint"], params=asked).prepare().url)


def expect_answer(wanted, **changes):
    _, back = changed(**changes)
    assert f"error={wanted}" in back and back.startswith(told["redirect_uri"]), back


def main():
    done("discovery")
    first = code()
    tokens = redeem(*first)
    assert tokens["token_type"] == "DPoP", tokens
    done("code")
    expect_keys(tokens["access_token"], 200)
    done("resource")
    expect_refusal("invalid_grant", redeem, *first)
    expect_keys(tokens["access_token"], 401)
    expect_refusal("invalid_grant", refresh, first[0], tokens["refresh_token"])
    done("reused code")

    second = code()
    tokens = redeem(*second)
    # Authlib changes what it gave out.
    former = tokens["access_token"]
    following = refresh(second[0], tokens["refresh_token"])
    expect_keys(following["access_token"], 200)
    done("refresh")
    latest = following["access_token"]
    answer = second[0].revoke_token(metadata["revocation_endpoint"], token=following["refresh_token"])
    assert answer.status_code == 200, answer.text
    for token in (former, latest):
        expect_keys(token, 401)
    done("revocation")

    client, _, state, back = code()
    expect_refusal("invalid_grant", redeem, client, secrets.token_urlsafe(48), state, back)
    done("wrong verifier")
    expect_answer("invalid_request", code_challenge=None, code_challenge_method=None)
    done("no PKCE")
    expect_answer("invalid_request", code_challenge_method="plain")
    done("plain")
    status, page = changed(redirect_uri=told["redirect_uri"] + "/")
    assert status == 400 and not page.startswith("http"), page
    done("wrong redirect URI")

    for way in ("secret", "signature"):
        own = told[way]
        if way == "secret":
            server = OAuth2Session(own["client_id"], own["client_secret"], scope="cards:read")
        else:
            server = OAuth2Session(
                own["client_id"], ECKey.import_key(own["key"]), scope="cards:read",
                token_endpoint_auth_method=PrivateKeyJWT(TOKENS, alg="ES256"),
            )
        server.fetch_token(TOKENS, grant_type="client_credentials")
        answer = server.get(f"{told['api']}/v1/cards", timeout=30)
        assert answer.status_code == 200, answer.text
        done(way)


main()
