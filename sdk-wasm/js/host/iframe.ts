/** Before the frame tells its height: what the form takes on a narrow page. */
const FIRST_HEIGHT = "420";

/** The card frame's element. No style attribute: the page's CSP may forbid them. */
export function cardIframe(url: string): HTMLIFrameElement {
  const iframe = document.createElement("iframe");
  const attributes = {
    title: "Card details",
    sandbox: "allow-scripts allow-same-origin allow-forms",
    loading: "eager",
    width: "100%",
    height: FIRST_HEIGHT,
    frameborder: "0",
    src: url,
  };
  for (const [name, value] of Object.entries(attributes)) iframe.setAttribute(name, value);
  return iframe;
}

/** 128 random bits, base64url. */
export function makeNonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const text = btoa(String.fromCharCode(...bytes));
  return text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}
