// What axe finds in the pages that people meet, with the frame's document and each state of the form.

import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { HOST_NAMES } from "./stack/stack.ts";
import { CARD, expect, stack, test } from "./card_page.ts";

/**
 * Fails with every violation: rule, element and what is wrong with it. Does not end the test: the
 * states after it are looked at too.
 */
async function expectAccessible(page: Page, state: string, frames: 0 | 1): Promise<void> {
  const { violations, passes, incomplete } = await new AxeBuilder({ page }).analyze();
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(" > ")}: ${failureSummary}`),
  );
  expect.soft(found, state).toEqual([]);
  // An axe that did not look would find nothing either.
  expect(incomplete.map(({ id }) => id)).not.toContain("frame-tested");
  const looked = passes.flatMap(({ nodes }) => nodes).some(({ target }) => target.length === frames + 1);
  expect(looked, `axe looked into ${state}`).toBe(true);
}

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`in ${colorScheme} colours`, () => {
    test.use({ colorScheme });

    for (const host of HOST_NAMES) {
      test(`the form on ${host}, empty, wrong, filled and offline`, async ({ card, page }) => {
        await card.open({ host });
        await expectAccessible(page, "the empty form", 1);

        expect(await card.submit()).toBe("card_number_incomplete");
        await expect(card.error("name")).not.toBeEmpty();
        await expectAccessible(page, "the form with errors", 1);

        await card.type();
        await expect.poll(async () => (await card.state())?.complete).toBe(true);
        await expectAccessible(page, "the filled form", 1);

        await page.route(`${stack.verifier}/v1/session/card`, (route) => route.abort());
        expect(await card.submit()).toBe("network_error");
        await expect(card.frame.getByRole("alert")).not.toBeEmpty();
        await expectAccessible(page, "the form with a notice", 1);
      });
    }

    test("the form from right to left", async ({ card, page }) => {
      await card.goto();
      await card.mount({ session: { locale: "ar" } });
      await expect(card.frame.locator("html")).toHaveAttribute("dir", "rtl");
      await expectAccessible(page, "the empty form", 1);
      await card.submit();
      await expect(card.error("name")).not.toBeEmpty();
      await expectAccessible(page, "the form with errors", 1);
      for (const [field, text] of Object.entries(CARD)) await card.frame.locator(`#${field}`).fill(text);
      await expect.poll(async () => (await card.state())?.complete).toBe(true);
      await expectAccessible(page, "the filled form", 1);
    });

    test("a form that cannot be shown", async ({ card, page }) => {
      await page.route(`${stack.verifier}/v1/session`, (route) => route.abort());
      await card.goto();
      await card.mount();
      await expect(card.frame.getByText("(network_error)")).toBeVisible();
      await expectAccessible(page, "the frame without a form", 1);
    });

    test("the demo shop, from the catalog to the order", async ({ page }) => {
      await page.goto(stack.shop);
      await expectAccessible(page, "the catalog", 0);
      await page.goto(`${stack.shop}/cart`);
      await expectAccessible(page, "the empty cart", 0);
      await page.goto(stack.shop);
      await page.getByRole("button", { name: "Add to cart" }).first().click();
      await page.goto(`${stack.shop}/cart`);
      await expectAccessible(page, "the cart", 0);

      await page.goto(`${stack.shop}/checkout`);
      const frame = page.frameLocator('iframe[title="Card details"]');
      const pay = page.getByRole("button", { name: /^Pay/ });
      await expect(pay).toBeEnabled();
      await page.getByText("more brands").click();
      await expectAccessible(page, "the checkout", 1);
      await pay.click();
      await expect(page.getByText("Please check the marked fields.")).toBeVisible();
      await expectAccessible(page, "the checkout with errors", 1);

      for (const [label, text] of [
        ["Card number", CARD.number],
        ["Expiry date", CARD.expiry],
        ["Security code", CARD.cvc],
        ["Name on card", CARD.name],
      ] as const) {
        await frame.getByLabel(label).fill(text);
      }
      await pay.click();
      await page.waitForURL("**/order");
      await expect(page.getByRole("heading", { name: "Decision" })).toBeVisible();
      await expectAccessible(page, "the order", 0);
    });
  });
}
