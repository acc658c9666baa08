// What the frame checks for itself before it shows a field, whatever the verifier's headers stopped.

import { createSession } from "./stack/merchant.ts";
import { expect, stack, test, type CardPage } from "./card_page.ts";
import { claimsOf, withClaims } from "./forged_token.ts";
import { withoutFrameAncestors } from "./open_framing.ts";

declare global {
  interface Window {
    /** Whether the frame ever had a field. */
    hadField?: boolean;
  }
}

test.beforeEach(async ({ page }) => {
  await page.addInitScript(() => {
    const look = () => (window.hadField ||= document.querySelector("input") !== null);
    new MutationObserver(look).observe(document, { childList: true, subtree: true });
  });
});

function frameOf({ page }: CardPage) {
  return page.frames().find((frame) => frame.url().startsWith(stack.verifier))!;
}

async function expectRefused(card: CardPage, code: string): Promise<void> {
  await expect(card.frame.getByText(`The card form cannot be shown at the moment. (${code})`)).toBeVisible();
  expect(await frameOf(card).evaluate(() => window.hadField)).toBe(false);
  // The page is told once the frame has shown it.
  await expect.poll(() => card.events()).toEqual([{ type: "error", code }]);
  expect(await card.submit()).toBe(code);
}

/** Answers for the session as if that token were the frame's. */
async function withGenuineToken({ page }: CardPage, token: string, change: object = {}): Promise<void> {
  await page.route(`${stack.verifier}/v1/session`, async (route) => {
    const headers = { ...route.request().headers(), authorization: `Bearer ${token}` };
    const response = await route.fetch({ headers });
    await route.fulfill({ response, json: { ...(await response.json()), ...change } });
  });
}

/** Changes the published keys. */
async function withKeys({ page }: CardPage, change: (keys: object[]) => object[]): Promise<void> {
  await page.route(`${stack.verifier}/.well-known/jwks.json`, async (route) => {
    const response = await route.fetch();
    const { keys } = await response.json();
    await route.fulfill({ response, json: { keys: change(keys) } });
  });
}

async function coordinatesOfAnotherKey(): Promise<{ x: string; y: string }> {
  const { publicKey } = await crypto.subtle.generateKey(
    { name: "ECDH", namedCurve: "P-256" },
    true,
    ["deriveBits"],
  );
  const { x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  return { x: x!, y: y! };
}

test("a page of another origin than the token's is an origin_mismatch", async ({ card }) => {
  await withoutFrameAncestors(card.page);
  await card.goto("localhost");
  const { client_token } = await createSession("127.0.0.1");
  await card.mount({ clientToken: client_token });
  await expectRefused(card, "origin_mismatch");
});

test("a page of another origin than the session's is an origin_mismatch", async ({ card }) => {
  await withoutFrameAncestors(card.page);
  await card.goto("localhost");
  const { client_token } = await createSession("127.0.0.1");
  await withGenuineToken(card, client_token);
  const org = `http://localhost:${stack.hostPort}`;
  await card.mount({ clientToken: withClaims(client_token, { ...claimsOf(client_token), org }) });
  await expectRefused(card, "origin_mismatch");
});

test("another session than the token's is a session_mismatch", async ({ card }) => {
  await card.goto();
  const { id } = await createSession("localhost");
  const { client_token } = await createSession("localhost");
  await withGenuineToken(card, client_token, { id });
  await card.mount({ clientToken: client_token });
  await expectRefused(card, "session_mismatch");
});

test("another key under the token's kid is a key_mismatch", async ({ card }) => {
  const another = await coordinatesOfAnotherKey();
  await withKeys(card, (keys) => keys.map((key) => ({ ...key, ...another })));
  await card.goto();
  await card.mount();
  await expectRefused(card, "key_mismatch");
});

test("a session with another kid than the token's is a key_mismatch", async ({ card }) => {
  await card.goto();
  const { client_token } = await createSession("localhost");
  await withGenuineToken(card, client_token, { kid: "A".repeat(43) });
  await card.mount({ clientToken: client_token });
  await expectRefused(card, "key_mismatch");
});

test("a token whose key is not published is a key_unknown", async ({ card }) => {
  await withKeys(card, () => []);
  await card.goto();
  await card.mount();
  await expectRefused(card, "key_unknown");
});

test("a token that was changed is a client_token_invalid", async ({ card }) => {
  await card.goto();
  const { client_token } = await createSession("localhost");
  const changed = withClaims(client_token, { ...claimsOf(client_token), exp: 4_102_444_800 });
  await card.mount({ clientToken: changed });
  await expectRefused(card, "client_token_invalid");
});

test("with none of that changed, the form is shown", async ({ card }) => {
  await card.goto();
  const { client_token } = await createSession("localhost");
  await withGenuineToken(card, client_token);
  await withKeys(card, (keys) => keys);
  await card.mount({ clientToken: client_token });
  await expect(card.number).toBeVisible();
  expect(await frameOf(card).evaluate(() => window.hadField)).toBe(true);
});
