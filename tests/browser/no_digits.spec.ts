// What a page learns while a customer types: nothing from which a digit could be told.

import { HOST_NAMES } from "./stack/stack.ts";
import { expect, stack, test } from "./card_page.ts";
import { seen, seenHeights, seenTypes, wiretap } from "./wiretap.ts";

const MAESTRO = "6799990100000000019";

/** The message without the values that hold digits whatever is typed. */
function withoutOwnNumbers(message: string): string {
  return message.replace(/"(height|id)":\d+(\.\d+)?/g, "").replace(/"nonce":"[\w-]{22}"/g, "");
}

for (const host of HOST_NAMES) {
  test(`on ${host} the page learns no digit but the last four of an accepted card`, async ({
    card,
    page,
  }) => {
    await wiretap(page);
    await card.open({ host });
    await card.number.focus();
    await page.keyboard.type(MAESTRO);
    await card.number.focus();
    await page.keyboard.press("End");
    for (let i = 0; i < MAESTRO.length; i++) await page.keyboard.press("Backspace");
    await expect(card.number).toHaveValue("");
    await card.type({ number: MAESTRO });
    await card.postalCode.focus();
    await page.keyboard.type("1010");
    await expect.poll(async () => (await card.state())?.complete).toBe(true);

    // A submit that is refused in the form, and one that goes out.
    await card.cvc.focus();
    await page.keyboard.press("End");
    await page.keyboard.press("Backspace");
    expect(await card.submit()).toBe("cvc_invalid");
    await page.keyboard.type("3");
    await expect.poll(async () => (await card.state())?.complete).toBe(true);

    const before = await seen(page);
    // A tap that hears nothing would find nothing.
    const types = await seenTypes(page);
    expect(types.filter((type) => type === "ready")).toHaveLength(1);
    expect(new Set(types)).toEqual(new Set(["change", "error", "loaded", "ready", "resize"]));
    for (const message of before) expect(withoutOwnNumbers(message)).not.toMatch(/\d/);
    const events = await card.events();
    expect(events.filter((event) => event.type === "ready")).toHaveLength(1);
    for (const event of events) {
      expect(JSON.stringify(event)).not.toMatch(/\d/);
      if (event.type !== "change") continue;
      expect(Object.keys(event.state).sort()).toEqual(["brand", "complete", "errors", "valid"]);
    }

    expect(await card.submit()).toEqual({ status: "accepted", brand: "maestro", last4: "0019" });
    const after = (await seen(page)).slice(before.length);
    expect(after.filter((message) => message.includes('"last4":"0019"'))).toHaveLength(1);
    for (const message of after) {
      expect(withoutOwnNumbers(message).replace('"last4":"0019"', "")).not.toMatch(/\d/);
    }
    expect(await card.events()).toEqual(events);
  });
}

test("of a declined card the page learns no digit at all", async ({ card, page }) => {
  await wiretap(page);
  await card.open();
  await card.type();
  const declined = { status: "declined", brand: "visa" };
  await page.route(`${stack.verifier}/v1/session/card`, (route) => route.fulfill({ json: declined }));
  expect(await card.submit()).toEqual(declined);
  expect(await seenTypes(page)).toContain("result");
  for (const message of await seen(page)) expect(withoutOwnNumbers(message)).not.toMatch(/\d/);
});

test("a page that empties the form at every key learns nothing of the keys", async ({ card, page }) => {
  await wiretap(page);
  await card.open();
  const told: string[][] = [];
  for (const digit of "45391488034364672") {
    const before = (await seen(page)).length;
    await card.number.focus();
    await page.keyboard.type(digit);
    expect(await card.submit()).toBe("card_number_incomplete");
    await card.call("clear");
    await expect(card.number).toHaveValue("");
    await expect.poll(async () => (await card.state())?.errors).toEqual([]);
    // What is told of the fields that stay empty is the same each time.
    const messages = (await seen(page)).slice(before).map(withoutOwnNumbers);
    told.push(messages.filter((message) => !message.includes('"resize"')));
  }
  // The first digit may be known by its brand, as while anybody types.
  const [, second, ...others] = told;
  for (const messages of others) expect(messages).toEqual(second);
});

for (const width of [1100, 320]) {
  test.describe(`${width} pixels wide`, () => {
    test.use({ viewport: { width, height: 900 } });

    test("the frame asks for no other height while a number is typed", async ({ card, page }) => {
      await wiretap(page);
      await card.open();
      const lastHeight = async () => (await seenHeights(page)).at(-1);
      await expect.poll(lastHeight).toBeGreaterThan(0);
      const calm = (await lastHeight())!;
      for (const number of NUMBERS) {
        const before = (await seenHeights(page)).length;
        await card.number.focus();
        for (const digit of number) {
          await page.keyboard.type(digit);
          // Layout is measured once in each frame.
          await card.number.evaluate(() => new Promise(requestAnimationFrame));
        }
        // Another height is told with the errors, so any before it has been, too.
        expect(await card.submit()).toBe("expiry_invalid");
        await expect.poll(lastHeight).toBeGreaterThan(calm);
        const [withErrors] = (await seenHeights(page)).slice(-1);
        expect((await seenHeights(page)).slice(before), number).toEqual([withErrors]);
        await card.call("clear");
        await expect.poll(lastHeight).toBe(calm);
      }
    });
  });
}

/** Valid numbers that differ from the first digit on, of each length and way to be grouped. */
const NUMBERS = [
  "4242424242424242",
  "4000056655665556",
  "5555555555554444",
  "2223003122003222",
  "378282246310005",
  "36227206271667",
  "6205500000000000004",
  MAESTRO,
];
