// "What each party sees". For the demo only: a real page neither lists what the SDK told it nor asks
// its server for the decision.

const panel = document.querySelector("[data-panel]");
const STORED_EVENTS = "waxseal-demo-events";
const MAX_EVENTS = 200;
const started = performance.now();
let events = [];

/** Shows one thing that the SDK, or the shop's server, gave to this page. */
export function showEvent(name, data) {
  const event = { name, data, at: Math.round(performance.now() - started) };
  events = [...events, event].slice(-MAX_EVENTS);
  // Kept for the order's page, in this tab alone.
  sessionStorage.setItem(STORED_EVENTS, JSON.stringify(events));
  addEvent(event);
}

/** Shows what the checkout page got before it led here. */
export function showEarlierEvents() {
  for (const event of JSON.parse(sessionStorage.getItem(STORED_EVENTS) ?? "[]")) addEvent(event);
}

/** Shows what the network and the shop's server know of the order by now. */
export async function showOtherParties() {
  const response = await fetch(`/api/panel/${panel.dataset.panel}`);
  if (!response.ok) return;
  const { has_relay: hasRelay, exchanges, session } = await response.json();
  const [latest, ...earlier] = exchanges.reverse();
  fill("wire", latest !== undefined, [
    ...(latest === undefined ? [] : exchangeView(latest)),
    ...earlier.map(folded),
  ]);
  fill("server", session !== null, session === null ? [] : sessionView(session));
  if (!hasRelay) {
    panel.querySelector("[data-no-wire]").textContent =
      "Nobody reads along: the shop was started without its relay.";
  }
}

function fill(party, isKnown, nodes) {
  panel.querySelector(`[data-${party}]`).replaceChildren(...nodes);
  panel.querySelector(`[data-no-${party}]`).hidden = isKnown;
}

function addEvent({ name, data, at }) {
  const list = panel.querySelector("[data-events]");
  list.append(
    make("li", {}, [
      make("span", { className: "event-time" }, [`+${(at / 1000).toFixed(2)} s`]),
      make("span", { className: "event-name" }, [name]),
      make("span", { className: "event-data" }, [JSON.stringify(data)]),
    ]),
  );
  list.scrollTop = list.scrollHeight;
  panel.querySelector("[data-no-events]").hidden = true;
}

function folded(exchange) {
  const title = make("summary", {}, ["An earlier try"]);
  return make("details", {}, [title, ...exchangeView(exchange)]);
}

function exchangeView({ request, envelope, answer }) {
  return [
    make("h4", {}, ["What the browser sent"]),
    bytes("Request line and headers", [head(request)]),
    bytes("Request body", body(request.body)),
    legend("Green can be decoded by anyone; the rest is sealed."),
    make("h4", {}, ["Decoded header of the envelope"]),
    bytes("Decoded header", [JSON.stringify(JSON.parse(envelope.header), null, 2)]),
    legend(
      `Then a ${envelope.enc_bytes}-byte key share, new each time, and ` +
        `${envelope.sealed_bytes.toLocaleString("en")} sealed bytes, whatever was typed.`,
    ),
    make("h4", {}, ["What the verifier answered"]),
    bytes("Status line, headers and body of the answer", [`${head(answer)}\n\n${answer.body}`]),
  ];
}

function head({ start, headers, left_out: leftOut }) {
  const lines = [start, ...headers.map(([name, value]) => `${name}: ${value}`)];
  if (leftOut > 0) lines.push(`(${leftOut} more header fields)`);
  return lines.join("\n");
}

/** The body with the one part that is not sealed marked: the first part of the compact JWE. */
function body(text) {
  const parts = /^(\{"envelope":")([^.]*)([^]*)$/.exec(text);
  if (parts === null) return [text];
  const [, before, header, sealed] = parts;
  return [
    before,
    make("span", { className: "clear" }, [header]),
    make("span", { className: "sealed" }, [sealed]),
  ];
}

function sessionView(session) {
  const { card, decision } = session;
  return [
    make("h4", {}, ["Session"]),
    record([
      ["id", code(session.id)],
      ["order", session.order_id],
      ["amount", `${(session.amount / 100).toFixed(2)} ${session.currency}`],
      ["ships to", session.shipping_country ?? "nowhere"],
      ["revision", String(session.rev)],
      ["attempts", String(session.attempts)],
      ["status", session.status],
      ["mode", session.mode],
    ]),
    ...(card === null ? [] : cardView(card)),
    ...(decision === null ? [] : decisionView(decision)),
  ];
}

function cardView(card) {
  const month = String(card.exp_month).padStart(2, "0");
  return [
    make("h4", {}, ["Card, masked"]),
    record([
      ["id", code(card.id)],
      ["token", code(card.token)],
      ["brand", card.brand],
      ["last four", card.last4],
      ["expires", `${month}/${card.exp_year}`],
    ]),
    legend("The token is as long as the card number, ends alike, and is never a valid one."),
  ];
}

function decisionView({ outcome, points, reasons, rule_set: ruleSet }) {
  const known = ["allow", "challenge", "review", "reject"].includes(outcome) ? outcome : "";
  return [
    make("h4", {}, ["Decision"]),
    record([
      ["outcome", make("span", { className: `outcome ${known}` }, [outcome])],
      ["points", String(points)],
      ["rules", ruleSet],
    ]),
    make("h4", {}, [reasons.length === 0 ? "No rule had anything to say." : "Reasons"]),
    make("ul", { className: "reasons" }, reasons.map(reasonView)),
  ];
}

function reasonView({ rule, code: found, effect, points, values }) {
  return make("li", {}, [
    make("b", {}, [found]),
    ` · rule ${rule}, ${points} points, ${effect === "none" ? "no effect" : effect}`,
    make("span", { className: "values" }, [JSON.stringify(values)]),
  ]);
}

function record(rows) {
  const made = rows.map(([name, value]) =>
    make("div", {}, [make("dt", {}, [name]), make("dd", {}, [value])]),
  );
  return make("dl", { className: "record" }, made);
}

/** A box that scrolls, so it can be reached and scrolled with the keyboard. */
function bytes(label, content) {
  const box = make("pre", { className: "bytes", tabIndex: 0 }, content);
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", label);
  return box;
}

function legend(text) {
  return make("p", { className: "legend" }, [text]);
}

function code(text) {
  return make("code", {}, [text]);
}

/** Text goes in as text, never as markup. */
function make(tag, properties, children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}
