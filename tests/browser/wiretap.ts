// Every message that reaches a page, as a hostile script in it would listen.

import type { Page } from "@playwright/test";

/** Records what reaches the window and what a port hands over, from the next document on. */
export async function wiretap(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const seen: string[] = [];
    Object.assign(window, { seen });
    const note = (event: MessageEvent) => seen.push(JSON.stringify(event.data));
    window.addEventListener("message", note, true);
    const Channel = window.MessageChannel;
    window.MessageChannel = class extends Channel {
      constructor() {
        super();
        this.port1.addEventListener("message", note);
        this.port2.addEventListener("message", note);
      }
    };
  });
}

/** The messages so far, as JSON, in order. */
export function seen(page: Page): Promise<string[]> {
  return page.evaluate(() => (window as any).seen);
}

/** The types of the messages so far, in order. */
export async function seenTypes(page: Page): Promise<string[]> {
  return (await seen(page)).map((message) => JSON.parse(message).type);
}

/** The heights that the frame asked for so far, in order. */
export async function seenHeights(page: Page): Promise<number[]> {
  const messages = (await seen(page)).map((message) => JSON.parse(message));
  return messages.flatMap((message) => (message.type === "resize" ? [message.height] : []));
}
