// A merchant's page with card forms, and what its script sees of them.

import { expect, test as base, type FrameLocator, type Locator, type Page } from "@playwright/test";
import type { CardFrame, CardResult, CardState } from "../../sdk-wasm/js/host/waxseal";
import { createSession, type Session } from "./stack/merchant.ts";
import { runningStack, type HOST_NAMES } from "./stack/stack.ts";

export { expect };
export const stack = runningStack();

/** What a callback was handed, in order. */
export type HostEvent =
  | { type: "ready" }
  | { type: "change"; state: CardState }
  | { type: "error"; code: string };

declare global {
  interface Window {
    isLoaded?: boolean;
    waxseal: typeof import("../../sdk-wasm/js/host/waxseal");
    mounts: { card: CardFrame; events: HostEvent[] }[];
  }
}

export interface MountSettings {
  session?: object;
  /** Instead of a new session's. */
  clientToken?: string;
  verifierOrigin?: string;
  timeoutMs?: number;
  /** Selector of the element to mount into. */
  target?: string;
}

export const CARD = { number: "4242424242424242", expiry: "12 / 30", cvc: "123", name: "Ada Lovelace" };

export class CardPage {
  readonly page: Page;
  session!: Session;

  constructor(page: Page) {
    this.page = page;
  }

  /** Opens the page; a card form is for {@link mount}. `frameSrc` is what its policy lets it frame. */
  async goto(host: (typeof HOST_NAMES)[number] = "localhost", frameSrc?: string): Promise<void> {
    const query = frameSrc ? `?${new URLSearchParams({ "frame-src": frameSrc })}` : "";
    await this.page.goto(`http://${host}:${stack.hostPort}/${query}`);
    await this.page.waitForFunction(() => window.isLoaded);
  }

  /** Mounts a card form; does not wait for it. */
  async mount(settings: MountSettings = {}): Promise<void> {
    const host = new URL(this.page.url()).hostname;
    this.session = await createSession(host, settings.session);
    const options = {
      clientToken: settings.clientToken ?? this.session.client_token,
      verifierOrigin: settings.verifierOrigin ?? stack.verifier,
      ...(settings.timeoutMs && { timeoutMs: settings.timeoutMs }),
    };
    const target = settings.target ?? "#card";
    await this.page.evaluate(
      ({ target, options }) => {
        const events: HostEvent[] = [];
        const card = window.waxseal.mount(target, {
          ...options,
          onReady: () => events.push({ type: "ready" }),
          onChange: (state) => events.push({ type: "change", state }),
          onError: ({ code }) => events.push({ type: "error", code }),
        });
        (window.mounts ??= []).push({ card, events });
      },
      { target, options },
    );
  }

  /** A page with a card form that takes input. */
  async open(settings: MountSettings & { host?: (typeof HOST_NAMES)[number] } = {}): Promise<void> {
    await this.goto(settings.host);
    await this.mount(settings);
    // By its id: the label is in the language of the session.
    await expect(this.frame.locator("#number")).toBeVisible();
  }

  /** What the page's script was handed so far. */
  events(mount = 0): Promise<HostEvent[]> {
    return this.page.evaluate((mount) => window.mounts[mount]!.events, mount);
  }

  /** The last state that the page's script was handed. */
  async state(mount = 0): Promise<CardState | undefined> {
    const events = await this.events(mount);
    return events.flatMap((event) => (event.type === "change" ? [event.state] : [])).at(-1);
  }

  /** Codes handed to `onError`. */
  async errors(mount = 0): Promise<string[]> {
    const events = await this.events(mount);
    return events.flatMap((event) => (event.type === "error" ? [event.code] : []));
  }

  /** Submits; the result, or the code of the error. */
  submit(mount = 0): Promise<CardResult | string> {
    return this.page.evaluate(
      (mount) => window.mounts[mount]!.card.submit().catch((error) => error.code as string),
      mount,
    );
  }

  /** Calls a method of the mounted card that gives nothing back. */
  async call(method: "clear" | "focus" | "unmount", mount = 0): Promise<void> {
    await this.page.evaluate(({ method, mount }) => window.mounts[mount]!.card[method](), {
      method,
      mount,
    });
  }

  async update(clientToken: string): Promise<void> {
    await this.page.evaluate((clientToken) => window.mounts[0]!.card.update({ clientToken }), clientToken);
  }

  /** Types a card as a person does: with keys alone, from the number on. */
  async type(card: Partial<typeof CARD> = {}): Promise<void> {
    const { number, expiry, cvc, name } = { ...CARD, ...card };
    for (const [field, text] of [
      [this.number, number],
      [this.expiry, expiry],
      [this.cvc, cvc],
      [this.name, name],
    ] as const) {
      await field.focus();
      await this.page.keyboard.type(text);
    }
  }

  /** Pastes over what a field holds. */
  async paste(text: string, field: Locator): Promise<void> {
    await this.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await this.page.evaluate((text) => navigator.clipboard.writeText(text), text);
    await field.selectText();
    await this.page.keyboard.press("Control+v");
  }

  get frame(): FrameLocator {
    return this.page.frameLocator("#card iframe");
  }
  get number(): Locator {
    return this.frame.getByLabel("Card number");
  }
  get expiry(): Locator {
    return this.frame.getByLabel("Expiry date");
  }
  get cvc(): Locator {
    return this.frame.getByLabel("Security code");
  }
  get name(): Locator {
    return this.frame.getByLabel("Name on card");
  }
  get postalCode(): Locator {
    return this.frame.getByLabel("Postal code");
  }
  /** The sentence below a field. */
  error(field: "number" | "expiry" | "cvc" | "name" | "postal_code"): Locator {
    return this.frame.locator(`#${field}-error`);
  }
}

export const test = base.extend<{ card: CardPage }>({
  card: async ({ page }, use) => {
    // Of the frame too: a trap of the module is one.
    const thrown: string[] = [];
    page.on("pageerror", ({ message }) => thrown.push(message));
    await use(new CardPage(page));
    expect(thrown).toEqual([]);
  },
});
