// What a customer waits for: the form, and the seal.

import type { MountOptions } from "../../../sdk-wasm/js/host/waxseal";
import { CardPage, expect, stack, test } from "../../browser/card_page.ts";
import { createSession } from "../../browser/stack/merchant.ts";
import { median, print } from "./figure.ts";

const quick = Boolean(process.env["WAXSEAL_BENCH_QUICK"]);
const CONTEXTS = quick ? 3 : 11;
const MOUNTS = quick ? 5 : 20;
const SUBMITTING_MOUNTS = quick ? 1 : 5;
/** As many as a session allows. */
const SUBMITS = 10;
/** Browsers give times in steps of 0.1 ms, so a measurement of something shorter is many of it. */
const EXCHANGES_PER_MEASUREMENT = 100;
/** The verifier is of another site than this: the frame gets a process of its own. */
const HOST = "127.0.0.1";

test("the first seal of a browser context", async ({ browser }) => {
  const times: number[] = [];
  for (let i = 0; i < CONTEXTS; i++) {
    const context = await browser.newContext();
    const card = new CardPage(await context.newPage());
    await card.open({ host: HOST });
    times.push(await firstSeal(card));
    await context.close();
  }
  print("seal_first_ms", median(times), "ms", times.length);
});

test("warm seals, and key exchanges of the browser's own in the same frames", async ({ page }) => {
  const card = new CardPage(page);
  const sealTimes: number[] = [];
  const exchangeTimes: number[] = [];
  for (let i = 0; i < SUBMITTING_MOUNTS; i++) {
    await card.open({ host: HOST });
    await card.type();
    await firstSeal(card);
    for (let j = 0; j < SUBMITS; j++) {
      expect(await card.submit()).toMatchObject({ status: "accepted" });
    }
    const [, ...times] = await seals(card);
    expect(times).toHaveLength(SUBMITS);
    sealTimes.push(...times);
    exchangeTimes.push(...(await keyExchanges(card, SUBMITS)));
  }
  const [seal, exchange] = [median(sealTimes), median(exchangeTimes)];
  print("seal_warm_ms_p50", seal, "ms", sealTimes.length);
  print("webcrypto_ecdh_ms_p50", exchange, "ms", exchangeTimes.length);
  print("seal_warm_over_webcrypto_ratio", seal / exchange, "ratio", sealTimes.length);
});

test("mounts with the assets in the browser's cache", async ({ page }) => {
  const card = new CardPage(page);
  await card.open({ host: HOST });
  const times: number[] = [];
  for (let i = 0; i < MOUNTS; i++) {
    await card.goto(HOST);
    times.push(await mountToReady(card));
  }
  print("mount_ready_warm_ms", median(times), "ms", times.length);
});

/** The seal of a card of zeros that the frame makes when it is idle, before any submit. */
async function firstSeal(card: CardPage): Promise<number> {
  await expect.poll(async () => (await seals(card)).length).toBeGreaterThan(0);
  return (await seals(card))[0]!;
}

/** How long each seal in the frame took, in order, in ms. */
function seals(card: CardPage): Promise<number[]> {
  return card.frame
    .locator(":root")
    .evaluate(() =>
      performance.getEntriesByName("waxseal.seal", "measure").map(({ duration }) => duration),
    );
}

/** A new key and an ECDH with it, which any seal has to do; in ms each. */
function keyExchanges(card: CardPage, measurements: number): Promise<number[]> {
  return card.frame.locator(":root").evaluate(
    async (_, { measurements, exchanges }) => {
      const curve = { name: "ECDH", namedCurve: "P-256" };
      const { publicKey } = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
      const times: number[] = [];
      for (let i = 0; i < measurements; i++) {
        const start = performance.now();
        for (let j = 0; j < exchanges; j++) {
          const { privateKey } = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
          await crypto.subtle.deriveBits({ name: "ECDH", public: publicKey }, privateKey, 256);
        }
        times.push((performance.now() - start) / exchanges);
      }
      return times;
    },
    { measurements, exchanges: EXCHANGES_PER_MEASUREMENT },
  );
}

/** Mounts a card form; how long it took to take input, in ms. */
async function mountToReady({ page }: CardPage): Promise<number> {
  const { client_token: clientToken } = await createSession(HOST);
  return page.evaluate(
    (options: MountOptions) =>
      new Promise<number>((resolve, reject) => {
        const start = performance.now();
        window.waxseal.mount("#card", {
          ...options,
          onReady: () => resolve(performance.now() - start),
          onError: reject,
        });
      }),
    { clientToken, verifierOrigin: stack.verifier },
  );
}
