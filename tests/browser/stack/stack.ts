// What runs, as the tests know it.

import type { Credentials } from "./private_listener.ts";

/** Names that the test merchant's pages have: the verifier's own, and one of another site. */
export const HOST_NAMES = ["localhost", "127.0.0.1"] as const;

export interface Stack {
  /** The verifier's data: database, logs, keys. */
  folder: string;
  /** The demo's shop. */
  shop: string;
  verifier: string;
  verifierPrivate: string;
  /** Port of the test merchant's pages. */
  hostPort: number;
  /** The test merchant's client. */
  credentials: Credentials;
}

const VARIABLE = "WAXSEAL_BROWSER_STACK";

/** Hands the stack to the workers, which inherit the environment. What is measured has no shop. */
export function publish(stack: Omit<Stack, "shop">): void {
  process.env[VARIABLE] = JSON.stringify(stack);
}

export function runningStack(): Stack {
  const json = process.env[VARIABLE];
  if (!json) throw new Error("the stack was not started");
  return JSON.parse(json) as Stack;
}
