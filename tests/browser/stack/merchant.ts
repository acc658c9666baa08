// The test merchant's backend: what it asks of the verifier's private listener.

import { callPrivate } from "./private_listener.ts";
import { runningStack } from "./stack.ts";

export interface Session {
  id: string;
  client_token: string;
}

const stack = runningStack();
let orders = 0;

/** A session whose page has that host name; `overrides` are members of the request. */
export async function createSession(
  host: string,
  overrides: object = {},
  credentials = stack.credentials,
): Promise<Session> {
  const defaults = {
    amount: 4200,
    currency: "EUR",
    order_id: `order-${process.pid}-${++orders}`,
    origin: `http://${host}:${stack.hostPort}`,
    shipping_country: "AT",
  };
  return ask<Session>("POST", "/v1/sessions", { ...defaults, ...overrides }, credentials);
}

export async function readSession(id: string, credentials = stack.credentials): Promise<any> {
  return ask("GET", `/v1/sessions/${id}`, undefined, credentials);
}

export async function reviseSession(id: string, change: object): Promise<any> {
  return ask("PATCH", `/v1/sessions/${id}`, change);
}

export async function renewToken(id: string): Promise<string> {
  return (await ask<Session>("POST", `/v1/sessions/${id}/token`)).client_token;
}

async function ask<T>(
  method: string,
  path: string,
  body?: object,
  credentials = stack.credentials,
): Promise<T> {
  const url = new URL(path, stack.verifierPrivate);
  const json = body && JSON.stringify(body);
  const answer = await callPrivate(url, credentials, method, {}, json);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
  return JSON.parse(answer.body) as T;
}
