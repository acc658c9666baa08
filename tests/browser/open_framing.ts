// A browser that does not know `frame-ancestors`: what the frame checks for itself is all there is.

import { expect, type Page } from "@playwright/test";
import { runningStack } from "./stack/stack.ts";

/** Lets any page embed the frame. */
export async function withoutFrameAncestors(page: Page): Promise<void> {
  await page.route(`${runningStack().verifier}/frame/v1?*`, async (route) => {
    const response = await route.fetch();
    const headers = response.headers();
    const policy = headers["content-security-policy"]!;
    expect(policy).toContain("frame-ancestors http://");
    headers["content-security-policy"] = policy.replace(/frame-ancestors [^;]*/, "");
    await route.fulfill({ response, headers });
  });
}
