// Mounting again into an element that had a form, as single-page shops and React's StrictMode do.

import { createSession } from "./stack/merchant.ts";
import { expect, stack, test, type CardPage, type HostEvent } from "./card_page.ts";

const ACCEPTED = { status: "accepted", brand: "visa", last4: "4242" };

async function expectSecondAlone(card: CardPage): Promise<void> {
  await expect(card.number).toBeVisible();
  await expect(card.page.locator("iframe")).toHaveCount(1);
  await expect(card.page.locator("#card > iframe")).toHaveCount(1);
  await card.type();
  expect(await card.submit(1)).toEqual(ACCEPTED);
  const ofSecond = await card.events(1);
  expect(ofSecond.filter(({ type }) => type === "ready")).toHaveLength(1);
  expect(ofSecond.filter(({ type }) => type === "error")).toEqual([]);
  expect(await card.submit(0)).toBe("unmounted");
}

test("a form unmounted at once is never heard of, and the next one works", async ({ card, page }) => {
  await card.goto();
  const { client_token } = await createSession("localhost");
  await page.evaluate(
    ({ clientToken, verifierOrigin }) => {
      window.mounts = [false, true].map((isKept) => {
        const events: HostEvent[] = [];
        const card = window.waxseal.mount("#card", {
          clientToken,
          verifierOrigin,
          onReady: () => events.push({ type: "ready" }),
          onChange: (state) => events.push({ type: "change", state }),
          onError: ({ code }) => events.push({ type: "error", code }),
        });
        if (!isKept) card.unmount();
        return { card, events };
      });
    },
    { clientToken: client_token, verifierOrigin: stack.verifier },
  );
  await expectSecondAlone(card);
  expect(await card.events(0)).toEqual([]);
});

test("a form unmounted while it is filled leaves nothing to the next one", async ({ card }) => {
  await card.open();
  await card.type();
  await expect.poll(async () => (await card.state(0))?.complete).toBe(true);
  await card.call("unmount");
  const ofFirst = await card.events(0);
  await card.mount();
  await expect(card.number).toBeVisible();
  await expect(card.number).toHaveValue("");
  await expect.poll(() => card.state(1)).toEqual({ brand: null, complete: false, valid: true, errors: [] });
  await expectSecondAlone(card);
  expect(await card.events(0)).toEqual(ofFirst);
});
