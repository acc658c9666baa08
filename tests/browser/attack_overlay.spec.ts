// A hostile page that puts a form of its own over the frame. Nothing tells the shopper: what can be had is
// that nothing typed there is ever taken for a card.

import { createSession, readSession } from "./stack/merchant.ts";
import { CARD, expect, stack, test, type CardPage } from "./card_page.ts";
import { freshCard } from "./card_traces.ts";

/** Lays a field over the number of the frame, as near as a page can. */
async function cover({ page, number }: CardPage): Promise<void> {
  const box = (await number.boundingBox())!;
  await page.evaluate(({ x, y, width, height }) => {
    const fake = document.createElement("input");
    fake.id = "fake";
    Object.assign(fake.style, {
      position: "absolute",
      left: `${x}px`,
      top: `${y}px`,
      width: `${width}px`,
      height: `${height}px`,
      zIndex: "2147483647",
    });
    document.body.append(fake);
  }, box);
}

test("what is typed over the frame never reaches it, and pays nothing", async ({ card, page }) => {
  const { pan } = freshCard("424242", 16, 3);
  const sent: string[] = [];
  page.on("request", (request) => {
    sent.push(request.url(), request.postData() ?? "", JSON.stringify(request.headers()));
  });
  await card.open();
  const { x, y, width, height } = (await card.number.boundingBox())!;
  await cover(card);
  // A shopper clicks where the number is.
  await expect(async () => {
    // The browser hits what it has painted last, which may be before the cover.
    await page.mouse.click(x + width / 2, y + height / 2);
    await expect(page.locator("#fake")).toBeFocused({ timeout: 500 });
  }).toPass();
  await page.keyboard.type(pan);
  await expect(page.locator("#fake")).toHaveValue(pan);
  for (const field of [card.number, card.expiry, card.cvc, card.name]) await expect(field).toHaveValue("");
  expect(await card.submit()).toBe("card_number_incomplete");
  expect(sent.join("\n")).not.toContain(pan);
  expect(sent.filter((line) => line === `${stack.verifier}/v1/session/card`)).toEqual([]);
  expect(await readSession(card.session.id)).toMatchObject({ attempts: 0, card: null, status: "open" });
});

test("a card that a page has caught it can neither fill in nor send in the frame's place", async ({
  card,
  page,
}) => {
  await card.open();
  const { client_token } = await createSession("localhost");
  const tried = await page.evaluate(
    async ({ verifier, token, number }) => {
      const frame = document.querySelector("iframe")!.contentWindow!;
      const outcome = (attempt: () => unknown) => {
        try {
          return String(attempt());
        } catch (error) {
          return (error as Error).name;
        }
      };
      const posted = fetch(`${verifier}/v1/session/card`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ number }),
      });
      for (const message of [{ type: "fill", number }, { type: "update", number }]) {
        frame.postMessage(message, "*");
      }
      return {
        document: outcome(() => frame.document),
        location: outcome(() => frame.location.href),
        posted: await posted.then(({ status }) => String(status), (error) => (error as Error).name),
      };
    },
    { verifier: stack.verifier, token: client_token, number: CARD.number },
  );
  expect(tried).toEqual({ document: "SecurityError", location: "SecurityError", posted: "TypeError" });
  await expect(card.number).toHaveValue("");
  expect(await card.submit()).toBe("card_number_incomplete");
});

test("a frame that is made invisible tells no more than one that is seen", async ({ card, page }) => {
  await card.open();
  await page.evaluate(() => {
    document.querySelector("iframe")!.style.opacity = "0";
    for (const type of ["keydown", "keyup", "input", "beforeinput", "paste", "pointerdown"]) {
      addEventListener(type, (event) => ((window as any).caught ??= []).push(event.type), true);
    }
  });
  await card.number.click();
  await page.keyboard.type(CARD.number);
  await expect(card.number).toHaveValue("4242 4242 4242 4242");
  expect(await page.evaluate(() => (window as any).caught)).toBeUndefined();
  // A listener that hears nothing anywhere would prove nothing.
  await page.locator("h1").click();
  expect(await page.evaluate(() => (window as any).caught)).toEqual(["pointerdown"]);
  expect(JSON.stringify(await card.events())).not.toMatch(/\d/);
});
