// A hostile page that puts another session's client token in the place of the shopper's.

import type { Credentials } from "./stack/private_listener.ts";
import { createSession, readSession } from "./stack/merchant.ts";
import { addCertifiedMerchant } from "./stack/verifier.ts";
import { expect, stack, test as base } from "./card_page.ts";

/** An attacker whose account is for the same origin as the shop's, which only an operator can grant. */
const test = base.extend<object, { mallory: Credentials }>({
  mallory: [
    async ({}, use, { workerIndex }) => {
      await use(addCertifiedMerchant(stack.folder, stack.hostPort, `Mallory ${workerIndex}`));
    },
    { scope: "worker" },
  ],
});

test("another merchant's session shows its own name and amount, and pays nobody else's", async ({
  card,
  mallory,
}, { workerIndex }) => {
  await card.goto();
  const victim = await createSession("localhost", { amount: 4200 });
  const swapped = await createSession("localhost", { amount: 100 }, mallory);
  await card.mount({ clientToken: swapped.client_token });
  await expect(card.frame.locator("#merchant")).toHaveText(`Mallory ${workerIndex}`);
  await expect(card.frame.locator("#amount")).toHaveText("€1.00");
  await card.type();
  expect(await card.submit()).toEqual({ status: "accepted", brand: "visa", last4: "4242" });
  expect(await readSession(victim.id)).toMatchObject({ attempts: 0, card: null, status: "open" });
  expect((await readSession(swapped.id, mallory)).card).toMatchObject({ last4: "4242" });
  // Neither finds the other's.
  await expect(readSession(swapped.id)).rejects.toThrow("404");
  await expect(readSession(victim.id, mallory)).rejects.toThrow("404");
});

test("a dearer session of the same merchant shows what it costs", async ({ card }) => {
  await card.goto();
  const cheap = await createSession("localhost", { amount: 100 });
  const dear = await createSession("localhost", { amount: 990_000 });
  await card.mount({ clientToken: dear.client_token });
  await expect(card.frame.locator("#amount")).toHaveText("€9,900.00");
  await card.type();
  expect(await card.submit()).toMatchObject({ status: "accepted" });
  expect(await readSession(cheap.id)).toMatchObject({ attempts: 0, card: null, status: "open" });
});

test("a token put in after the amount was read changes neither session", async ({ card, mallory }) => {
  await card.open();
  await card.type();
  const sameMerchants = await createSession("localhost", { amount: 990_000 });
  const anothers = await createSession("localhost", { amount: 990_000 }, mallory);
  for (const swapped of [sameMerchants, anothers]) {
    await card.update(swapped.client_token);
    await expect.poll(async () => (await card.errors()).at(-1)).toBe("session_mismatch");
    await expect(card.frame.locator("#amount")).toHaveText("€42.00");
  }
  expect(await card.errors()).toEqual(["session_mismatch", "session_mismatch"]);
  // What is paid then is what was shown.
  expect(await card.submit()).toMatchObject({ status: "accepted" });
  expect((await readSession(card.session.id)).card).toMatchObject({ last4: "4242" });
  expect(await readSession(sameMerchants.id)).toMatchObject({ attempts: 0, card: null });
  expect(await readSession(anothers.id, mallory)).toMatchObject({ attempts: 0, card: null });
});
