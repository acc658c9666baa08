// Seals a card with an HPKE library of another language and submits it, from the published
// descriptions alone: RFC 9180 and draft-ietf-jose-hpke-encrypt.
//
//   node client.mjs VERIFIER_ORIGIN CLIENT_TOKEN
//
// Prints the verifier's answer, one line of JSON; fails unless it took the card.

import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from "@hpke/core";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";

const PLAINTEXT_BYTES = 4096;

const [origin, token] = process.argv.slice(2);
const authorization = { authorization: `Bearer ${token}` };
const session = await getJson("/v1/session", authorization);
const { keys } = await getJson("/.well-known/jwks.json");
const jwk = keys.find((key) => key.kid === session.kid);
if (!jwk) throw new Error("the session's key is not published");

const header = base64url(
  JSON.stringify({
    alg: "HPKE-7",
    typ: "waxseal-card+jwe",
    kid: jwk.kid,
    sid: session.id,
    rev: session.rev,
    org: session.origin,
    iat: session.now,
    jti: base64url(randomBytes(16)),
    bld: base64url(Buffer.alloc(16)),
  }),
);
const card = JSON.parse(await readFile(new URL("card.json", import.meta.url), "utf8"));
const json = Buffer.from(JSON.stringify(card));
const plaintext = Buffer.alloc(PLAINTEXT_BYTES, " ");
json.copy(plaintext);

const suite = new CipherSuite({
  kem: new DhkemP256HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});
const { kty, crv, x, y } = jwk;
const recipientPublicKey = await suite.kem.importKey("jwk", { kty, crv, x, y }, true);
const { enc, ct } = await suite.seal({ recipientPublicKey }, plaintext, Buffer.from(header));

const answer = await fetch(new URL("/v1/session/card", origin), {
  method: "POST",
  headers: { ...authorization, "content-type": "application/json" },
  body: JSON.stringify({ envelope: `${header}.${base64url(enc)}..${base64url(ct)}.` }),
});
console.log(await answer.text());
process.exitCode = answer.status === 200 ? 0 : 1;

async function getJson(path, headers) {
  const response = await fetch(new URL(path, origin), { headers });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

function base64url(bytes) {
  return Buffer.from(bytes).toString("base64url");
}
