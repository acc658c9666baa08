// The browser's own undo and redo, which know nothing of how the form formats what is typed.

import type { Locator } from "@playwright/test";
import { expect, test, type CardPage } from "./card_page.ts";

/** More than there is to undo in any of these. */
const PRESSES = 24;

type Typed = "cvc" | "expiry" | "name" | "number";

/** Presses the key often; gives each text that the field then showed. */
async function pressOften(card: CardPage, field: Locator, key: string): Promise<string[]> {
  const shown: string[] = [];
  for (let i = 0; i < PRESSES; i++) {
    await card.page.keyboard.press(key);
    shown.push(await field.inputValue());
  }
  return shown;
}

/** Types it; gives each text that the field showed meanwhile. */
async function typeInto(card: CardPage, field: Locator, keys: string): Promise<string[]> {
  await field.focus();
  const shown = [await field.inputValue()];
  for (const key of keys) {
    await card.page.keyboard.type(key);
    shown.push(await field.inputValue());
  }
  return shown;
}

test("undo takes the last keys back and the focus with it, and the form keeps up", async ({ card, page }) => {
  await card.open();
  await card.type({ number: "" });
  await card.number.focus();
  await page.keyboard.type("4242424242424242");
  await expect.poll(async () => (await card.state())?.complete).toBe(true);
  await card.expiry.focus();
  for (const left of ["4242 4242 4242 424", "4242 4242 4242 42", "4242 4242 4242 4"]) {
    await page.keyboard.press("Control+z");
    await expect(card.number).toBeFocused();
    await expect(card.number).toHaveValue(left);
    await expect.poll(async () => (await card.state())?.complete).toBe(false);
  }
  // The form wrote the space in front of this digit, and the browser undoes nothing beyond that.
  await page.keyboard.press("Control+z");
  await expect(card.number).toHaveValue("4242 4242 4242 4");
  await page.keyboard.type("242");
  await expect(card.number).toHaveValue("4242 4242 4242 4242");
  await expect.poll(async () => (await card.state())?.complete).toBe(true);
});

test("undo brings back what was deleted", async ({ card, page }) => {
  await card.open();
  await card.type();
  await card.number.focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await expect(card.number).toHaveValue("");
  await expect.poll(async () => (await card.state())?.complete).toBe(false);
  await page.keyboard.press("Control+z");
  await expect(card.number).toHaveValue("4242 4242 4242 4242");
  expect(await card.submit()).toMatchObject({ status: "accepted", last4: "4242" });
});

test.describe("undo and redo show nothing that was not there before:", () => {
  for (const [field, keys] of [
    ["number", "42424242"],
    ["number", "378282246310005"],
    ["expiry", "1230"],
    ["cvc", "123"],
    ["name", "Ada Lovelace"],
  ] as const satisfies [Typed, string][]) {
    test(`${keys} typed as ${field}`, async ({ card }) => {
      await card.open();
      const before = await typeInto(card, card[field], keys);
      await card[field].focus();
      await expectOnly(before, await pressOften(card, card[field], "Control+z"), "undo");
      await expectOnly(before, await pressOften(card, card[field], "Control+Shift+z"), "redo");
    });
  }

  for (const text of ["4242424242424242", "4242 4242 4242 4242", "4242-4242-4242-4242"]) {
    test(`${text} pasted as number`, async ({ card }) => {
      await card.open();
      await card.paste(text, card.number);
      const before = ["", "4242 4242 4242 4242"];
      await card.number.focus();
      await expectOnly(before, await pressOften(card, card.number, "Control+z"), "undo");
      await expectOnly(before, await pressOften(card, card.number, "Control+Shift+z"), "redo");
    });
  }
});

test.describe("neither undo nor redo brings back what the page had cleared:", () => {
  for (const [field, keys] of [
    ["number", "4242424242424242"],
    ["expiry", "1230"],
    ["cvc", "123"],
    ["name", "Ada Lovelace"],
  ] as const satisfies [Typed, string][]) {
    test(`${keys} typed as ${field}`, async ({ card }) => {
      await card.open();
      await typeInto(card, card[field], keys);
      await expectClearedForGood(card, card[field]);
    });
  }

  test("a pasted number", async ({ card }) => {
    await card.open();
    await card.paste("4242424242424242", card.number);
    await expectClearedForGood(card, card.number);
  });

  test("a number that was deleted before", async ({ card, page }) => {
    await card.open();
    await typeInto(card, card.number, "4242424242424242");
    await card.number.focus();
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Delete");
    await expectClearedForGood(card, card.number);
  });
});

async function expectClearedForGood(card: CardPage, field: Locator): Promise<void> {
  await card.call("clear");
  await expect(field).toHaveValue("");
  await field.focus();
  await expectOnly([""], await pressOften(card, field, "Control+z"), "undo");
  await expectOnly([""], await pressOften(card, field, "Control+Shift+z"), "redo");
}

async function expectOnly(allowed: string[], shown: string[], after: string): Promise<void> {
  // Soft: what the other key does is looked at too.
  expect.soft([...new Set(shown)].filter((text) => !allowed.includes(text)), after).toEqual([]);
}
