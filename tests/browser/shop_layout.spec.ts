// The demo shop on a phone: every page fits its width.

import type { Page } from "@playwright/test";
import { expect, stack, test } from "./card_page.ts";

const WIDTH = 390;

test.use({ viewport: { width: WIDTH, height: 844 }, isMobile: true, hasTouch: true });

async function expectFitting(page: Page, what: string): Promise<void> {
  const { visible, needed, scrolled } = await page.evaluate(() => {
    scrollTo(1_000, 0);
    return { visible: innerWidth, needed: document.documentElement.scrollWidth, scrolled: scrollX };
  });
  // A phone makes the page smaller when something stands out of it.
  expect.soft({ visible, needed, scrolled }, what).toEqual({ visible: WIDTH, needed: WIDTH, scrolled: 0 });
}

test("no page of the shop is wider than a phone", async ({ page }) => {
  await page.goto(stack.shop);
  await expectFitting(page, "the catalog");
  await page.goto(`${stack.shop}/cart`);
  await expectFitting(page, "the empty cart");
  await page.goto(stack.shop);
  for (const nth of [0, 1, 2]) {
    await page.getByRole("button", { name: "Add to cart" }).nth(nth).tap();
    await page.waitForURL("**/cart");
    await page.goto(stack.shop);
  }
  await page.goto(`${stack.shop}/cart`);
  await expectFitting(page, "the cart");

  await page.goto(`${stack.shop}/checkout`);
  const frame = page.frameLocator('iframe[title="Card details"]');
  const pay = page.getByRole("button", { name: /^Pay/ });
  await expect(pay).toBeEnabled();
  for (const summary of await page.locator("summary:visible").all()) await summary.tap();
  await expectFitting(page, "the checkout with all test cards");
  await pay.tap();
  await expect(page.getByText("Please check the marked fields.")).toBeVisible();
  await expectFitting(page, "the checkout with errors");

  await frame.getByLabel("Card number").tap();
  await page.keyboard.type("4242424242424242");
  await page.keyboard.type("1230");
  await page.keyboard.type("123");
  await frame.getByLabel("Name on card").tap();
  await page.keyboard.type("Ada Lovelace");
  // Refused once, so that the panel shows what the network and the server saw.
  await page.route("**/v1/session/card", (route) => route.abort());
  await pay.tap();
  await expect(page.getByText("The connection failed.")).toBeVisible();
  await expectFitting(page, "the checkout without a connection");
  await page.unroute("**/v1/session/card");
  await pay.tap();
  await page.waitForURL("**/order");
  await expect(page.getByRole("heading", { name: "Decision" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "What the verifier answered" })).toBeVisible();
  await expectFitting(page, "the order with its panel");
});
