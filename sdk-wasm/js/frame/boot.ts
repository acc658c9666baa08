/**
 * The frame's first script: takes the port from the merchant's page, fetches the module, hands both
 * to Rust. It decides nothing but which window may speak first.
 */

import type { FrameMessage, Hello } from "../bridge/messages";
import { collect, collected } from "./signals/collect";
import init, { start } from "../../pkg/waxseal_sdk";

/** False in a build that only weighs what signals cost. */
declare const WITH_SIGNALS: boolean;

const nonce = location.hash.slice(1);
const greeted = new Promise<MessageEvent<Hello>>((resolve) => {
  // Listening before the document's load event, when the page says hello.
  addEventListener("message", function listen(event: MessageEvent) {
    if (!isHello(event)) return;
    removeEventListener("message", listen);
    resolve(event);
  });
});

const module = load();
// Awaited below; a page that never says hello must not turn this into an unhandled rejection.
module.catch(() => undefined);

const { data, origin, ports } = await greeted;
const port = ports[0] as MessagePort;
post({ type: "loaded", nonce });
try {
  const build = await module;
  // A trap in an event handler leaves Rust's state unknown: the page must not wait for it.
  // Without an error it is the browser's own notice that a ResizeObserver was put off: no failure.
  addEventListener("error", (event) => {
    if (!event.error) return;
    // Nobody shall type into a form that nothing reads.
    document.querySelector("form")?.remove();
    post({ type: "error", code: "internal", fatal: true });
  });
  const session = new URLSearchParams(location.search).get("s") ?? "";
  start(port, origin, nonce, session, data.clientToken, build, WITH_SIGNALS ? collect : no, WITH_SIGNALS ? collected : no);
} catch {
  const code = typeof WebAssembly === "object" ? "frame_load_failed" : "wasm_unavailable";
  post({ type: "error", code, fatal: true });
}

/** Only the embedding window, only with the nonce that it put into this document's URL. */
function isHello(event: MessageEvent): event is MessageEvent<Hello> {
  const hello = event.data as Partial<Hello> | null;
  return (
    event.source === parent &&
    parent !== window &&
    nonce !== "" &&
    hello?.waxseal === "hello" &&
    hello.nonce === nonce &&
    typeof hello.clientToken === "string" &&
    event.ports.length === 1
  );
}

/** Fetches and starts the module that the document names; gives the build's name. */
async function load(): Promise<string> {
  const link = document.querySelector<HTMLLinkElement>("#wasm");
  if (!link) throw new Error("the document names no module");
  const { integrity, build } = link.dataset;
  if (!integrity || !build) throw new Error("the document names no digest of the module");
  await init({ module_or_path: fetch(link.href, { integrity }) });
  return build;
}

function no(): void {}

function post(message: FrameMessage): void {
  port.postMessage(message);
}
