// The browser's own card autofill, as a customer with a saved card uses it: Chromium decides itself
// which field is which, and the form takes what it is filled with.

import { HOST_NAMES } from "./stack/stack.ts";
import { openReadable } from "./opened_envelope.ts";
import { expect, stack, test, type CardPage, type HostEvent } from "./card_page.ts";

const SAVED = {
  number: "4242424242424242",
  name: "Ada Lovelace",
  expiryMonth: "12",
  expiryYear: "2030",
  cvc: "739",
};

/** Has the browser fill the form with a saved card, from its number field. */
async function autofill(card: CardPage): Promise<void> {
  // The verifier's header Origin-Agent-Cluster gives the frame a process of its own on either host,
  // and with it a session of its own.
  const { page } = card;
  const frame = page.frames().find((frame) => frame.url().startsWith(stack.verifier))!;
  const session = await page.context().newCDPSession(frame);
  await session.send("Autofill.enable");
  const { frameTree } = await session.send("Page.getFrameTree");
  const { result } = await session.send("Runtime.evaluate", {
    expression: "document.querySelector('#number')",
  });
  const { node } = await session.send("DOM.describeNode", { objectId: result.objectId! });
  const fieldId = node.backendNodeId;
  const trigger = { fieldId, frameId: frameTree.frame.id, card: SAVED };
  await card.number.focus();
  // Chromium looks for fields a moment after they appear, and does nothing until then.
  await expect(async () => {
    await session.send("Autofill.trigger", trigger);
    await expect(card.number).not.toHaveValue("", { timeout: 500 });
  }).toPass();
}

for (const host of HOST_NAMES) {
  test.describe(`on ${host}`, () => {
    test("a saved card fills the form, which is complete and accepted", async ({ card }) => {
      await card.open({ host });
      await autofill(card);
      await expect(card.number).toHaveValue("4242 4242 4242 4242");
      await expect(card.expiry).toHaveValue("12 / 30");
      await expect(card.cvc).toHaveValue("739");
      await expect(card.name).toHaveValue("Ada Lovelace");
      await expect(card.frame.locator("#brand")).toHaveText("Visa");
      const filled = { brand: "visa", complete: true, valid: true, errors: [] };
      await expect.poll(() => card.state()).toEqual(filled);
      expect(await card.submit()).toEqual({ status: "accepted", brand: "visa", last4: "4242" });
    });

    test("filling says nothing is wrong, not even in between", async ({ card }) => {
      await card.open({ host });
      await autofill(card);
      await expect.poll(async () => (await card.state())?.complete).toBe(true);
      for (const field of ["number", "expiry", "cvc", "name", "postal_code"] as const) {
        await expect(card.error(field)).toBeEmpty();
      }
      await expect(card.frame.getByRole("status")).toBeEmpty();
      await expect(card.frame.locator("[aria-invalid]")).toHaveCount(0);
      const isWrong = (event: HostEvent) =>
        event.type === "error" || (event.type === "change" && !event.state.valid);
      expect((await card.events()).filter(isWrong)).toEqual([]);
    });

    test("filling is neither typing nor pasting", async ({ card }) => {
      const form = await openReadable(card, { host });
      await autofill(card);
      await expect.poll(async () => (await card.state())?.complete).toBe(true);
      const { signals } = (await form.submit()).content;
      const untouched = { dwell_ms_median: 0, flight_ms_median: 0, keys: 0 };
      expect(signals["key_timing"]!.value).toEqual(untouched);
      const pastes = Object.values(signals["paste_counts"]!.value as object);
      expect(pastes).toEqual([0, 0, 0, 0, 0]);
    });
  });
}
