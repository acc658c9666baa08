/** The worker: says what it is told, then draws. A file of its own, which the policy of the frame allows. */

import { identity } from "./identity";
import { graphics, type Graphics } from "./webgl";

export interface Told {
  identity: unknown[];
  graphics?: Graphics | undefined;
  /** Whether the graphics could be asked for here. */
  drew: boolean;
}

const told: Told = { identity: [], drew: false };
try {
  told.identity = identity();
} catch {
  // As if it had told nothing: the frame sees that all differs.
}
try {
  told.graphics = graphics(new OffscreenCanvas(1, 1));
  told.drew = true;
} catch {
  // The frame asks for itself.
}
postMessage(told);
