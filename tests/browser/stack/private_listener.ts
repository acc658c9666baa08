// Requests of a merchant's server to the verifier's private listener: known by a certificate over TLS,
// or by a secret over plain HTTP.

import { request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import { text } from "node:stream/consumers";

export type Credentials =
  | { id: string; secret: string }
  /** PEM. */
  | { ca: string; cert: string; key: string };

export interface Answer {
  status: number;
  body: string;
}

export async function callPrivate(
  url: URL,
  credentials: Credentials,
  method: string,
  headers: Record<string, string> = {},
  body?: string,
): Promise<Answer> {
  const basic = "secret" in credentials && {
    authorization: `Basic ${Buffer.from(`${credentials.id}:${credentials.secret}`).toString("base64")}`,
  };
  const options = {
    method,
    agent: false as const,
    headers: { ...basic, ...(body && { "content-type": "application/json" }), ...headers },
    ...("cert" in credentials && credentials),
  };
  const send = url.protocol === "https:" ? tlsRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const request = send(url, options, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode!, body }), reject);
    });
    request.once("error", reject);
    request.end(body);
  });
}
