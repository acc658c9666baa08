// A person buys something in the demo shop.

import type { Locator, Page } from "@playwright/test";
import { expect, stack, test } from "./card_page.ts";

test("a mistyped number is said to be wrong, and the mended one is taken", async ({ page }) => {
  await page.goto(stack.shop);
  await page.getByRole("button", { name: "Add to cart" }).first().click();
  await page.goto(`${stack.shop}/checkout`);
  const frame = page.frameLocator('iframe[title="Card details"]');
  const number = frame.getByLabel("Card number");
  await number.focus();
  await page.keyboard.type("4242424242424241");
  await page.keyboard.press("Tab");
  await expect(frame.locator("#number-error")).toHaveText("The card number is not right. Check the digits.");
  await number.focus();
  await page.keyboard.press("End");
  await page.keyboard.press("Backspace");
  await page.keyboard.type("2");
  await expect(frame.locator("#number-error")).toBeEmpty();
  await expect(number).toHaveValue("4242 4242 4242 4242");

  for (const [label, keys] of [
    ["Expiry date", "1230"],
    ["Security code", "123"],
    ["Name on card", "Ada Lovelace"],
  ] as const) {
    await frame.getByLabel(label).focus();
    await page.keyboard.type(keys);
  }
  const screenshot = process.env["WAXSEAL_SCREENSHOT"];
  if (screenshot) await page.screenshot({ path: screenshot, caret: "initial" });
  await page.getByRole("button", { name: /^Pay/ }).click();
  await expectOrder(page);
});

test("everything is bought with the keyboard alone, the number pasted", async ({ context, page }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(stack.shop);
  const { keyboard } = page;
  await reach(page, page.getByRole("button", { name: "Add to cart" }).first());
  await keyboard.press("Enter");
  await page.waitForURL("**/cart");
  await reach(page, page.getByRole("button", { name: "Go to checkout" }));
  await keyboard.press("Enter");
  await page.waitForURL("**/checkout");
  const pay = page.getByRole("button", { name: /^Pay/ });
  await expect(pay).toBeEnabled();

  // From the list of test cards to the clipboard; the list stands behind the form.
  await reach(page, page.locator("summary", { hasText: "Visa" }));
  await keyboard.press("Space");
  await reach(page, page.getByRole("button", { name: "Copy 4242 4242 4242 4242" }));
  await keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Copied 4242 4242 4242 4242" })).toBeVisible();

  const frame = page.frameLocator('iframe[title="Card details"]');
  await reach(page, frame.getByLabel("Card number"), "Shift+Tab");
  await keyboard.press("Control+v");
  await expect(frame.getByLabel("Expiry date")).toBeFocused();
  await keyboard.type("1230");
  await expect(frame.getByLabel("Security code")).toBeFocused();
  await keyboard.type("123");
  await keyboard.press("Tab");
  await keyboard.type("Ada Lovelace");
  await reach(page, pay);
  await keyboard.press("Space");
  await expectOrder(page);
});

async function expectOrder(page: Page): Promise<void> {
  await page.waitForURL("**/order");
  const main = page.getByRole("main");
  await expect(main).toContainText("Visa ending in 4242");
  await expect(main).toContainText("accepted");
}

/** Presses the key until the focus is there, as who sees where it is. */
async function reach(page: Page, target: Locator, key: "Shift+Tab" | "Tab" = "Tab"): Promise<void> {
  const isFocused = () =>
    target.evaluate((element) => document.hasFocus() && document.activeElement === element);
  for (let presses = 0; !(await isFocused()); presses++) {
    expect(presses, `${target} is reached with ${key}`).toBeLessThan(60);
    await page.keyboard.press(key);
  }
}
