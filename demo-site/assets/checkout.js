// Mounts the card frame, pays, and keeps the page in step with the order on the server.

import { showEvent, showOtherParties } from "./panel.js";

const page = document.querySelector("[data-checkout]");
const frame = page.querySelector("[data-frame]");
const pay = page.querySelector("[data-pay]");
const message = page.querySelector("[data-message]");
const country = page.querySelector("[data-country]");
const RENEW_BEFORE_END_MS = 60_000;
let card;
let session;
let renewal;
/** Whether what is said right now ends with the next change that mends it. */
let isAboutFields = false;

/** The frame says what is wrong with a field, beside it. */
const OF_A_FIELD = /^(card_(brand|expired|number)|cvc|expiry|name|postal_code)_?/;

/** What to tell people about the rest; codes that are not here are not theirs to act on. */
const ADVICE = {
  attempts_exhausted: "This order has used all its tries.",
  frame_load_failed: "The card form could not be loaded. Is the verifier running?",
  frame_timeout: "The card form did not answer. Is the verifier running?",
  network_error: "The connection failed. Please try again.",
  unavailable: "The payment server is busy. Please try again.",
  wasm_unavailable: "This browser cannot run WebAssembly, which the card form needs.",
};

/** The shop's server changed the session, or it ran out: with a new token the same card works. */
const NEEDS_NEW_TOKEN = new Set(["client_token_expired", "key_revoked", "key_unknown", "session_changed", "session_expired"]);

pay.addEventListener("click", submit);
country.addEventListener("change", shipTo);
page.addEventListener("click", copyNumber);
await start();

async function start() {
  const state = await askServer("/api/checkout");
  if (state !== undefined) await mountFor(state);
}

async function mountFor(state) {
  session = claims(state.client_token).sub;
  frame.setAttribute("aria-busy", "true");
  pay.disabled = true;
  say("Loading the card form…");
  try {
    // The script tag in the head pinned this module's digest; this gets the same instance of it.
    const { mount } = await import(page.dataset.loader);
    card = mount(frame, {
      clientToken: state.client_token,
      verifierOrigin: state.verifier_origin,
      onReady: () => {
        showEvent("ready", {});
        frame.setAttribute("aria-busy", "false");
        pay.disabled = false;
        say("");
      },
      onChange: (cardState) => {
        showEvent("change", cardState);
        if (cardState.valid && isAboutFields) say("");
      },
      onError: ({ code }) => {
        showEvent("error", { code });
        explain(code);
      },
    });
  } catch (error) {
    console.error(error);
    explain("frame_load_failed");
  }
}

/** The same session with another token or amount, or a new one after the last has ended. */
async function adopt(state) {
  if (claims(state.client_token).sub === session) {
    card?.update({ clientToken: state.client_token });
    return;
  }
  card?.unmount();
  await mountFor(state);
}

async function submit() {
  pay.disabled = true;
  say("Paying…");
  try {
    const result = await card.submit();
    showEvent("result", result);
    if (result.status === "accepted") {
      say("Accepted. One moment…", "good");
      location.assign("/order");
      return;
    }
    say("The card was declined. Please try another one.", "bad");
  } catch (error) {
    showEvent("submit failed", { code: error.code });
    await recover(error.code);
  }
  pay.disabled = false;
  await showOtherParties();
}

async function recover(code) {
  if (code === "session_completed") {
    location.assign("/order");
  } else if (NEEDS_NEW_TOKEN.has(code)) {
    await renew();
    say("The order has changed since. Please check the amount and pay again.", "bad");
  } else {
    explain(code);
  }
}

async function shipTo() {
  const state = await askServer("/api/checkout/country", { country: country.value });
  if (state !== undefined) await adopt(state);
}

async function renew() {
  const state = await askServer("/api/checkout");
  if (state !== undefined) await adopt(state);
}

/** Brings page, cart and verifier session in line; undefined when there is nothing more to do here. */
async function askServer(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: JSON.stringify(body),
  }).catch(() => undefined);
  const state = await response?.json().catch(() => undefined);
  if (state?.status === "placed") {
    location.assign("/order");
    return undefined;
  }
  if (state?.status !== "ready") {
    say(state?.message ?? "The shop did not answer. Please try again.", "bad");
    return undefined;
  }
  for (const name of ["subtotal", "shipping", "total"]) {
    for (const place of page.querySelectorAll(`[data-${name}]`)) place.textContent = state[name];
  }
  const token = claims(state.client_token);
  // By the token's length of life, because this device's clock may be wrong.
  const lifeMs = (token.exp - token.iat) * 1000;
  clearTimeout(renewal);
  renewal = setTimeout(renew, Math.max(lifeMs - RENEW_BEFORE_END_MS, lifeMs / 2));
  showEvent("client token, from the shop's server", token);
  return state;
}

/** The token's payload: readable by whoever holds it, which is why it holds no secret. */
function claims(token) {
  const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  return JSON.parse(atob(payload));
}

function explain(code) {
  frame.setAttribute("aria-busy", "false");
  if (code === "attempts_exhausted") {
    // The button beside it is the only way on.
    page.querySelector("[data-restart]").hidden = false;
    pay.hidden = true;
  }
  if (OF_A_FIELD.test(code)) {
    say("Please check the marked fields.", "bad");
    isAboutFields = true;
  } else {
    say(ADVICE[code] ?? `Paying did not work (${code}).`, "bad");
  }
}

function say(text, kind) {
  isAboutFields = false;
  if (text === "") {
    message.replaceChildren();
    return;
  }
  const paragraph = document.createElement("p");
  paragraph.className = kind === undefined ? "quiet" : `message ${kind}`;
  paragraph.textContent = text;
  message.replaceChildren(paragraph);
}

async function copyNumber({ target }) {
  const button = target.closest?.("[data-copy]");
  if (button === null) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  button.firstChild.textContent = "Copied";
  setTimeout(() => (button.firstChild.textContent = "Copy"), 1500);
}
