import type { FrameMessage, Hello, HostMessage } from "../bridge/messages";
import { WaxsealError } from "./error";
import { cardIframe, makeNonce } from "./iframe";
import { sessionId } from "./token";
import type { Brand, CardFrame, CardResult, MountOptions } from "./waxseal";

/** A frame document that loaded takes the port at once; one that does not is an error page. */
const TAKES_PORT_WITHIN_MS = 3_000;

interface Submit {
  id: number;
  resolve: (result: CardResult) => void;
  reject: (error: WaxsealError) => void;
}

export function mount(target: string | Element, options: MountOptions): CardFrame {
  const parent = typeof target === "string" ? document.querySelector(target) : target;
  if (!parent) throw new TypeError("waxseal: there is no such element");
  const origin = new URL(options.verifierOrigin).origin;
  const nonce = makeNonce();
  const timeoutMs = options.timeoutMs ?? 15_000;
  let { clientToken } = options;
  let iframe: HTMLIFrameElement | undefined;
  let port: MessagePort | undefined;
  let waiting: HostMessage[] = [];
  let pending: Submit | undefined;
  let submits = 0;
  let loadTimer = 0;
  let readyTimer = 0;
  /** Why the frame is of no use. */
  let failure: string | undefined;
  let unmounted = false;

  const session = sessionId(clientToken);
  if (session === undefined) {
    queueMicrotask(() => fail("client_token_invalid"));
  } else {
    iframe = cardIframe(`${origin}/frame/v1?s=${encodeURIComponent(session)}#${nonce}`);
    iframe.addEventListener("load", connect);
    startReadyTimer();
    parent.append(iframe);
  }

  return {
    submit: () =>
      new Promise((resolve, reject) => {
        const obstacle = failure ?? (pending && "submit_in_progress");
        if (obstacle) return reject(new WaxsealError(obstacle));
        pending = { id: ++submits, resolve, reject };
        send({ type: "submit", id: submits });
      }),
    update(change) {
      clientToken = change.clientToken ?? clientToken;
      send({ type: "update", clientToken });
    },
    focus(field = "number") {
      iframe?.focus();
      send({ type: "focus", field });
    },
    clear: () => send({ type: "clear" }),
    unmount() {
      unmounted = true;
      failure = "unmounted";
      disconnect();
      rejectPending(failure);
      iframe?.remove();
      iframe = undefined;
    },
  };

  /** Runs at each load of the frame, so that one which was reloaded works again. */
  function connect(): void {
    disconnect();
    rejectPending("frame_load_failed");
    failure = undefined;
    const channel = new MessageChannel();
    port = channel.port1;
    port.onmessage = ({ data }) => receive(data);
    const hello: Hello = { waxseal: "hello", nonce, clientToken };
    iframe?.contentWindow?.postMessage(hello, origin, [channel.port2]);
    loadTimer = window.setTimeout(() => fail("frame_load_failed"), TAKES_PORT_WITHIN_MS);
    startReadyTimer();
    for (const message of waiting) port.postMessage(message);
    waiting = [];
  }

  function disconnect(): void {
    clearTimeout(loadTimer);
    clearTimeout(readyTimer);
    port?.close();
    port = undefined;
  }

  function startReadyTimer(): void {
    clearTimeout(readyTimer);
    readyTimer = window.setTimeout(() => fail("frame_timeout"), timeoutMs);
  }

  /** A port keeps what is sent before the frame listens; before there is a port, `waiting` does. */
  function send(message: HostMessage): void {
    if (port) port.postMessage(message);
    else if (iframe) waiting.push(message);
  }

  function receive(message: FrameMessage): void {
    switch (message.type) {
      case "loaded":
        if (message.nonce === nonce) clearTimeout(loadTimer);
        break;
      case "ready":
        if (message.nonce !== nonce) break;
        clearTimeout(readyTimer);
        failure = undefined;
        options.onReady?.();
        break;
      case "change": {
        const { complete, valid, errors } = message;
        options.onChange?.({ brand: message.brand as Brand | null, complete, valid, errors });
        break;
      }
      case "resize":
        iframe?.setAttribute("height", String(Math.ceil(message.height)));
        break;
      case "result": {
        const { last4 } = message;
        const brand = message.brand as Brand;
        const isAccepted = message.status === "accepted" && last4 !== undefined;
        takePending(message.id)?.resolve(
          isAccepted ? { status: "accepted", brand, last4 } : { status: "declined", brand },
        );
        break;
      }
      case "error":
        if (message.id !== undefined) {
          takePending(message.id)?.reject(new WaxsealError(message.code));
        } else if (message.fatal) {
          fail(message.code);
        } else {
          report(message.code);
        }
    }
  }

  function takePending(id: number): Submit | undefined {
    if (pending?.id !== id) return undefined;
    const taken = pending;
    pending = undefined;
    return taken;
  }

  function rejectPending(code: string): void {
    pending?.reject(new WaxsealError(code));
    pending = undefined;
  }

  /** The frame is of no use, unless it gets ready late: say it once, and let nobody wait for it. */
  function fail(code: string): void {
    if (unmounted) return;
    failure = code;
    clearTimeout(loadTimer);
    clearTimeout(readyTimer);
    waiting = [];
    rejectPending(code);
    report(code);
  }

  function report(code: string): void {
    const error = new WaxsealError(code);
    if (options.onError) options.onError(error);
    else console.error(error);
  }
}
