// A card form that seals to a key of the test's own, so that the test reads what the frame sealed.
//
// The frame trusts a key that three answers agree on: client token, session and key set. On their way
// to it, all three are changed to name the test's key; the verifier gets the genuine token.

import { createHash } from "node:crypto";
import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from "@hpke/core";
import { createSession } from "./stack/merchant.ts";
import type { HOST_NAMES } from "./stack/stack.ts";
import { expect, stack, type CardPage } from "./card_page.ts";
import { claimsOf, withClaims } from "./forged_token.ts";

/** What came of measuring a signal: a value or a status, and how long it took in microseconds. */
export interface Reading {
  value?: unknown;
  status?: "error" | "skipped" | "unstable";
  us: number;
}

export interface OpenedEnvelope {
  header: Record<string, unknown>;
  plaintextBytes: number;
  content: {
    v: number;
    card: Record<string, unknown>;
    browser: Record<string, unknown>;
    signals: Record<string, Reading>;
  };
}

/** A mounted form whose envelopes the test opens. */
export interface ReadableForm {
  sessionId: string;
  /** The test's key. */
  kid: string;
  /** The server's clock as the frame was told it, in seconds since the Unix epoch. */
  serverNow: number;
  /** Submits, lets the page see an accepted card, and gives what was sealed. */
  submit(): Promise<OpenedEnvelope>;
}

const ACCEPTED = { status: "accepted", brand: "visa", last4: "4242" };

const suite = new CipherSuite({
  kem: new DhkemP256HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

/** Opens the page with a card form that seals to a new key of the test's. */
export async function openReadable(
  card: CardPage,
  { host = "localhost", session }: { host?: (typeof HOST_NAMES)[number]; session?: object } = {},
): Promise<ReadableForm> {
  const { page } = card;
  const keys = await suite.kem.generateKeyPair();
  const { x, y } = await crypto.subtle.exportKey("jwk", keys.publicKey);
  const kid = thumbprint(x!, y!);
  const { id, client_token: genuine } = await createSession(host, session);
  const claims = claimsOf(genuine);
  let serverNow = NaN;
  let envelope: string | undefined;

  await page.route(`${stack.verifier}/v1/session`, async (route) => {
    const headers = { ...route.request().headers(), authorization: `Bearer ${genuine}` };
    const response = await route.fetch({ headers });
    const view = await response.json();
    serverNow = view.now;
    await route.fulfill({ response, json: { ...view, kid } });
  });
  await page.route(`${stack.verifier}/.well-known/jwks.json`, async (route) => {
    const response = await route.fetch();
    const published = (await response.json()).keys.find((key: any) => key.kid === claims["kid"]);
    await route.fulfill({ response, json: { keys: [{ ...published, x, y, kid }] } });
  });
  await page.route(`${stack.verifier}/v1/session/card`, async (route) => {
    ({ envelope } = route.request().postDataJSON());
    await route.fulfill({ json: ACCEPTED });
  });

  await card.goto(host);
  await card.mount({ clientToken: withClaims(genuine, { ...claims, kid }) });
  await expect(card.number).toBeVisible();
  return {
    sessionId: id,
    kid,
    serverNow,
    async submit() {
      expect(await card.submit()).toEqual(ACCEPTED);
      return open(envelope!, keys.privateKey);
    },
  };
}

// RFC 7516, section 3.1: the five parts; here without an initialization vector and a tag of their own.
// draft-ietf-jose-hpke-encrypt: empty info, the protected header as additional data.
async function open(envelope: string, recipientKey: CryptoKey): Promise<OpenedEnvelope> {
  const [header, enc, , ciphertext] = envelope.split(".") as [string, string, string, string];
  const aad = Buffer.from(header, "ascii");
  const plaintext = await suite.open({ recipientKey, enc: bytes(enc) }, bytes(ciphertext), aad);
  return {
    header: JSON.parse(bytes(header).toString()),
    plaintextBytes: plaintext.byteLength,
    content: JSON.parse(Buffer.from(plaintext).toString()),
  };
}

// RFC 7638, section 3.2: the required members of an EC key, in lexicographic order.
function thumbprint(x: string, y: string): string {
  const json = JSON.stringify({ crv: "P-256", kty: "EC", x, y });
  return createHash("sha256").update(json).digest("base64url");
}

function bytes(base64url: string): Buffer {
  return Buffer.from(base64url, "base64url");
}
