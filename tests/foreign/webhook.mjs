// Says whether a webhook is good, by the Standard Webhooks library for JavaScript.
//
//   node webhook.mjs <given      JSON: secret, headers, body
//
// Prints `good` or `bad`.

import { text } from "node:stream/consumers";
import { Webhook, WebhookVerificationError } from "standardwebhooks";

const { secret, headers, body } = JSON.parse(await text(process.stdin));
try {
  new Webhook(secret).verify(body, headers);
  console.log("good");
} catch (error) {
  if (!(error instanceof WebhookVerificationError)) throw error;
  console.log("bad");
}
