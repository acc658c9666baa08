// An issuer of OpenID Connect that others wrote. It is told its port, one client and who signs in, one
// login after the other, and says "ready" when it listens.

import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const told = JSON.parse(process.argv[2]);
const logins = [...told.logins];
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const key = { ...privateKey.export({ format: "jwk" }), alg: told.alg, use: "sig", kid: "1" };
const provider = new Provider(`http://127.0.0.1:${told.port}`, {
  claims: { openid: ["sub", "amr", "auth_time"] },
  clients: [
    {
      client_id: told.client_id,
      client_secret: told.client_secret,
      id_token_signed_response_alg: told.alg,
      redirect_uris: [told.redirect_uri],
      require_pushed_authorization_requests: false,
    },
  ],
  cookies: { keys: ["for a test alone"] },
  enabledJWA: { idTokenSigningAlgValues: [told.alg] },
  features: { devInteractions: { enabled: false } },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  jwks: { keys: [key] },
  pkce: { required: () => true },
});
const answer = provider.callback();

createServer((request, response) => {
  const handled = request.url.startsWith("/interaction/") ? interact(request, response) : answer(request, response);
  handled.catch((error) => {
    console.error(error);
    response.writeHead(500).end();
  });
}).listen(told.port, "127.0.0.1", () => console.log("ready"));

/** Somebody signs in, and says yes. */
async function interact(request, response) {
  const { prompt, session, params } = await provider.interactionDetails(request, response);
  const result = prompt.name === "login" ? { login: logins.shift() } : { consent: await consent(session, params) };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

async function consent(session, params) {
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope("openid");
  return { grantId: await grant.save() };
}
