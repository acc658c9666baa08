import { expect, test } from "./card_page.ts";

test.describe("the number", () => {
  for (const [keys, shown, brand] of [
    ["4242424242424242", "4242 4242 4242 4242", "Visa"],
    ["378282246310005", "3782 822463 10005", "American Express"],
    ["36227206271667", "3622 720627 1667", "Diners Club"],
    ["6011000990139424", "6011 0009 9013 9424", "Discover"],
    ["6205500000000000004", "6205 5000 0000 0000 004", "UnionPay"],
    ["6799990100000000019", "6799 9901 0000 0000 019", "Maestro"],
    // Of 19 digits, of a brand whose cards mostly have 16.
    ["4000000000000000006", "4000 0000 0000 0000 006", "Visa"],
    ["6011000000000000019", "6011 0000 0000 0000 019", "Discover"],
  ] as const) {
    test(`${keys} is grouped and named`, async ({ card, page }) => {
      await card.open();
      await card.number.focus();
      await page.keyboard.type(keys);
      await expect(card.number).toHaveValue(shown);
      await expect(card.frame.locator("#brand")).toHaveText(brand);
      await expect(card.error("number")).toBeEmpty();
    });
  }

  test("an edit in the middle leaves the caret where it is", async ({ card, page }) => {
    await card.open();
    await card.number.focus();
    await page.keyboard.type("42424242");
    await page.keyboard.press("Home");
    for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowRight");
    await page.keyboard.type("99");
    await expect(card.number).toHaveValue("4249 9242 42");
    expect(await caret(card.number)).toBe(6);
    await page.keyboard.press("Backspace");
    await page.keyboard.press("Backspace");
    await expect(card.number).toHaveValue("4242 4242");
    expect(await caret(card.number)).toBe(3);
    await page.keyboard.press("Delete");
    await expect(card.number).toHaveValue("4244 242");
    expect(await caret(card.number)).toBe(3);
  });

  test("a key replaces what is selected", async ({ card, page }) => {
    await card.open();
    await card.number.focus();
    await page.keyboard.type("4242");
    await page.keyboard.press("Control+a");
    await page.keyboard.type("5");
    await expect(card.number).toHaveValue("5");
  });
});

test.describe("the focus", () => {
  test("moves on from number to expiry to code when each is done, and no further", async ({
    card,
    page,
  }) => {
    await card.open();
    await card.number.focus();
    await page.keyboard.type("4242424242424242");
    await expect(card.expiry).toBeFocused();
    await page.keyboard.type("1230");
    await expect(card.cvc).toBeFocused();
    await page.keyboard.type("123");
    await expect(card.cvc).toBeFocused();
  });

  test("stays when what was typed is wrong", async ({ card, page }) => {
    await card.open();
    await card.number.focus();
    await page.keyboard.type("5555555555554443");
    await expect(card.number).toBeFocused();
    await expect(card.error("number")).toHaveText("The card number is not right. Check the digits.");
  });

  test("stays when an earlier field is corrected", async ({ card, page }) => {
    await card.open();
    await card.type();
    await card.number.focus();
    await page.keyboard.press("End");
    await page.keyboard.press("Backspace");
    await page.keyboard.type("2");
    await expect(card.number).toBeFocused();
  });

  test("goes to the next field with Enter, which sends nothing", async ({ card, page }) => {
    await card.open();
    await card.number.focus();
    await page.keyboard.press("Enter");
    await expect(card.expiry).toBeFocused();
    await card.postalCode.focus();
    await page.keyboard.press("Enter");
    await expect(card.postalCode).toBeFocused();
    expect(page.frames().map((frame) => frame.url()).join()).not.toContain("cardnumber");
  });

  test("goes where the page asks", async ({ card, page }) => {
    await card.open();
    await card.call("focus");
    await expect(card.number).toBeFocused();
    await page.evaluate(() => window.mounts[0]!.card.focus("postal_code"));
    await expect(card.postalCode).toBeFocused();
  });
});

test.describe("the expiry date", () => {
  for (const [keys, shown] of [
    ["1230", "12 / 30"],
    ["12/30", "12 / 30"],
    ["12/2030", "12 / 2030"],
    ["5/30", "05 / 30"],
    ["530", "05 / 30"],
    ["1330", "01 / 33"],
  ] as const) {
    test(`typed as ${keys} reads ${shown}`, async ({ card, page }) => {
      await card.open();
      await card.expiry.focus();
      await page.keyboard.type(keys);
      await expect(card.expiry).toHaveValue(shown);
    });
  }

  test("that has passed is said to have, at once", async ({ card, page }) => {
    await card.open();
    await card.expiry.focus();
    await page.keyboard.type("0125");
    await expect(card.error("expiry")).toHaveText("This card has expired.");
    await expect.poll(async () => (await card.state())?.errors).toEqual(["card_expired"]);
  });
});

test.describe("pasting", () => {
  for (const text of [
    "4242424242424242",
    " 4242-4242-4242-4242 ",
    "4242\u00a04242\u00a04242\u00a04242",
    "４２４２４２４２４２４２４２４２",
    "٤٢٤٢ ٤٢٤٢ ٤٢٤٢ ٤٢٤٢",
  ]) {
    test(`${JSON.stringify(text)} gives the number and moves on`, async ({ card }) => {
      await card.open();
      await card.paste(text, card.number);
      await expect(card.number).toHaveValue("4242 4242 4242 4242");
      await expect(card.expiry).toBeFocused();
    });
  }

  test("an expiry date with full-width digits and four for the year", async ({ card }) => {
    await card.open();
    await card.paste("１２／２０３０", card.expiry);
    await expect(card.expiry).toHaveValue("12 / 2030");
    await expect(card.cvc).toBeFocused();
  });
});

test.describe("errors", () => {
  test("are shown when a field is left, said once and taken back when mended", async ({ card, page }) => {
    await card.open();
    await card.number.focus();
    await page.keyboard.type("424242424242424");
    await expect(card.error("number")).toBeEmpty();
    await page.keyboard.press("Tab");
    const sentence = "The card number is incomplete.";
    await expect(card.error("number")).toHaveText(sentence);
    await expect(card.number).toHaveAttribute("aria-invalid", "true");
    await expect(card.number).toHaveAccessibleDescription(new RegExp(sentence));
    await expect(card.frame.getByRole("status")).toHaveText(sentence);
    await card.number.focus();
    await page.keyboard.press("End");
    await page.keyboard.type("2");
    await expect(card.error("number")).toBeEmpty();
    await expect(card.number).not.toHaveAttribute("aria-invalid");
  });

  test("do not meet a person who only passes through", async ({ card, page }) => {
    await card.open();
    await card.number.focus();
    for (let i = 0; i < 4; i++) await page.keyboard.press("Tab");
    for (const field of ["number", "expiry", "cvc", "name"] as const) {
      await expect(card.error(field)).toBeEmpty();
    }
    expect(await card.state()).toEqual({ brand: null, complete: false, valid: true, errors: [] });
  });

  test("are all shown by a submit, which goes to the first of them", async ({ card }) => {
    await card.open();
    await card.type({ cvc: "12", name: "" });
    expect(await card.submit()).toBe("cvc_invalid");
    await expect(card.error("cvc")).toHaveText("Enter all digits of the security code.");
    await expect(card.error("name")).toHaveText("Enter the name as it stands on the card.");
    await expect(card.cvc).toBeFocused();
    expect((await card.state())?.errors).toEqual(["cvc_invalid", "name_invalid"]);
  });

  test("name a brand that the merchant does not take", async ({ card }) => {
    await card.open({ session: { accepted_brands: ["visa", "mastercard"] } });
    await card.type({ number: "378282246310005", cvc: "1234" });
    await expect(card.error("number")).toHaveText("Cards of this brand are not accepted here.");
    expect(await card.submit()).toBe("card_brand_not_accepted");
  });
});

test("clearing empties every field", async ({ card }) => {
  await card.open();
  await card.type();
  await expect.poll(async () => (await card.state())?.complete).toBe(true);
  await card.call("clear");
  for (const field of [card.number, card.expiry, card.cvc, card.name, card.postalCode]) {
    await expect(field).toHaveValue("");
  }
  expect(await card.state()).toEqual({ brand: null, complete: false, valid: true, errors: [] });
  expect(await card.submit()).toBe("card_number_incomplete");
});

function caret(input: import("@playwright/test").Locator): Promise<number | null> {
  return input.evaluate((input: HTMLInputElement) => input.selectionStart);
}
