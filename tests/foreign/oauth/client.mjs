// Goes through OAuth's flows with npm's openid-client, a certified client.
//
//   node client.mjs '{"issuer": …, "client_id": …, …}'
//
// Prints `open URL` for its browser, and reads where that came back; prints `done STEP` for each step.

import { createInterface } from "node:readline";
import * as oauth from "openid-client";

const told = JSON.parse(process.argv[2]);
const issuer = new URL(told.issuer);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const plain = { algorithm: "oauth2", execute: [oauth.allowInsecureRequests] };

const program = await oauth.discovery(issuer, told.client_id, undefined, oauth.None(), plain);
const dpop = oauth.getDPoPHandle(program, await oauth.randomDPoPKeyPair("ES256"));
done("discovery");

const first = await code();
const tokens = await redeem(first);
if (tokens.token_type !== "dpop") throw new Error(`a token of type ${tokens.token_type}`);
done("code");
await expectKeys(tokens.access_token, 200);
done("resource");
await expectRefusal(redeem(first), "invalid_grant");
await expectKeys(tokens.access_token, 401);
await expectRefusal(oauth.refreshTokenGrant(program, tokens.refresh_token, undefined, { DPoP: dpop }), "invalid_grant");
done("reused code");

const { access_token, refresh_token } = await redeem(await code());
const next = await oauth.refreshTokenGrant(program, refresh_token, undefined, { DPoP: dpop });
await expectKeys(next.access_token, 200);
done("refresh");
await oauth.tokenRevocation(program, next.refresh_token);
for (const token of [access_token, next.access_token]) await expectKeys(token, 401);
done("revocation");

const other = { ...(await code()), verifier: oauth.randomPKCECodeVerifier() };
await expectRefusal(redeem(other), "invalid_grant");
done("wrong verifier");
await expectAnswer({ code_challenge: undefined, code_challenge_method: undefined }, "invalid_request");
done("no PKCE");
await expectAnswer({ code_challenge_method: "plain" }, "invalid_request");
done("plain");
const [status, page] = await open({ redirect_uri: `${told.redirect_uri}/` });
if (status !== 400 || page.startsWith("http")) throw new Error(`wrong redirect URI: ${status} ${page}`);
done("wrong redirect URI");

for (const way of ["secret", "signature"]) {
  const { client_id, client_secret, key } = told[way];
  const auth = key ? oauth.PrivateKeyJwt({ key: await importKey(key), kid: key.kid }) : oauth.ClientSecretBasic(client_secret);
  const server = await oauth.discovery(issuer, client_id, undefined, auth, plain);
  const granted = await oauth.clientCredentialsGrant(server, { scope: "cards:read" });
  const answer = await oauth.fetchProtectedResource(server, granted.access_token, new URL("/v1/cards", told.api), "GET");
  if (answer.status !== 200) throw new Error(`cards by ${way}: ${answer.status}`);
  done(way);
}
process.exit(0);

async function parameters() {
  const verifier = oauth.randomPKCECodeVerifier();
  const state = oauth.randomState();
  const asked = {
    redirect_uri: told.redirect_uri,
    scope: "keys:read",
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  };
  return { verifier, state, asked };
}

async function open(changes) {
  const { asked } = await parameters();
  const changed = Object.entries({ ...asked, ...changes }).filter(([, value]) => value !== undefined);
  console.log(`open ${oauth.buildAuthorizationUrl(program, Object.fromEntries(changed))}`);
  return JSON.parse((await lines.next()).value);
}

async function code() {
  const { verifier, state, asked } = await parameters();
  console.log(`open ${oauth.buildAuthorizationUrl(program, asked)}`);
  const [, back] = JSON.parse((await lines.next()).value);
  return { verifier, state, back: new URL(back) };
}

function redeem({ verifier, state, back }) {
  const checks = { pkceCodeVerifier: verifier, expectedState: state };
  return oauth.authorizationCodeGrant(program, back, checks, undefined, { DPoP: dpop });
}

async function expectKeys(token, wanted) {
  const url = new URL("/v1/keys", told.api);
  let status;
  try {
    status = (await oauth.fetchProtectedResource(program, token, url, "GET", undefined, undefined, { DPoP: dpop })).status;
  } catch (error) {
    // The library turns a challenge into an error.
    status = error.cause?.[0] ? 401 : Promise.reject(error);
  }
  if ((await status) !== wanted) throw new Error(`keys: ${await status}, not ${wanted}`);
}

async function expectRefusal(promise, wanted) {
  const error = await promise.then(() => undefined, (error) => error);
  if (error?.error !== wanted) throw new Error(`not refused with ${wanted}: ${error}`);
}

async function expectAnswer(changes, wanted) {
  const [, back] = await open(changes);
  const query = new URL(back).searchParams;
  if (query.get("error") !== wanted || query.get("iss") !== told.issuer) throw new Error(`answered ${back}`);
}

function importKey(jwk) {
  return crypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
}

function done(step) {
  console.log(`done ${step}`);
}
