//! The documented configuration file that `verifier init` writes.

use std::path::Path;

const LISTEN: &str = r#"[listen]
# For the checkout's browsers: frame, SDK, session and card submission.
public = "127.0.0.1:8787"
# For merchants' servers: sessions, cards; and for operators' programs, such as one that collects metrics. And the
# networks (CIDR) that they call from.
private = "127.0.0.1:8788"
private_networks = []
# For operators, and people who sign in: card numbers, keys, OAuth; and the origin under which their browsers reach
# it. Connections from other networks than these (CIDR) are closed; where none is given, they may come from everywhere.
console = "127.0.0.1:8789"
console_origin = "http://localhost:8789"
console_networks = []
# Origin under which merchants' servers reach the private listener, where it is not its address.
# private_origin = "https://verifier.internal:8788"
# Origin under which browsers reach the public listener.
public_origin = "http://localhost:8787"
# Proxies in front of the public listener, in CIDR notation: from these alone the customer's address is
# believed, and must be there, in the header "x-forwarded-for" or "forwarded". Without them the
# connection's address is the customer's.
trusted_proxies = []
proxy_header = "x-forwarded-for"
# Plain HTTP where a listener has no certificates: on loopback addresses, for development or behind a
# proxy on this host; and on the public listener, from trusted_proxies alone.
plain_http_on_loopback = true
plain_http_from_proxies = false

# TLS 1.3, for each listener: certificate and key (PEM). Files are read again when they change, and on
# SIGHUP. `verifier pki` makes them for those who have no authority of their own: see verifier/TLS.md.
# [tls_public]
# cert = "public.crt"
# key = "public.key"
# [tls_console]
# cert = "console.crt"
# key = "console.key"
# client_ca, on console and private listener: authorities of the certificates that callers have to come
# with, or may with client_certificates = "optional"; crl: what these have revoked.
# [tls_private]
# cert = "private.crt"
# key = "private.key"
# client_ca = "pki/ca.crt"
# crl = "pki/ca.crl"

"#;

/// A complete configuration for one machine, with the SDK's build output at `assets_dir`.
pub fn initial_file(assets_dir: &Path, ip_country_db: Option<&Path>) -> String {
    let assets_dir = quoted(assets_dir);
    let ip_country_db = ip_country_db.map_or_else(
        || "# ip_country_db = \"ip-country.mmdb\"".to_owned(),
        |path| format!("ip_country_db = {}", quoted(path)),
    );
    format!(
        r#"# Waxseal verifier. Every option may be overridden by an environment variable
# WAXSEAL_VERIFIER__SECTION__OPTION. Relative paths count from this file's folder.

{LISTEN}{LIMITS}

[store]
# SQLite file, made by `verifier init`, for one verifier. In its place, for several: a PostgreSQL database,
# url = "postgres://USER@HOST/DATABASE?sslmode=require", its password in the environment variable
# WAXSEAL_VERIFIER__STORE__URL, and ca_file, the certificates (PEM) that its server's may be signed by.
# There group and writers say how many requests share a commit (256) and how many connections write (1).
path = "waxseal.sqlite"

[keys]
# Wraps every other key. Mode 0600; in production not beside the database. In its place may stand
# env = "NAME", a variable that holds what the file would, or [keys.pkcs11] with module, token, key and
# pin_file, for a key inside a hardware security module.
file = "waxseal.key"
# Seconds that envelopes are sealed to one key, that the next is published before it is used, and
# that a retired one still opens what was sealed to it.
sealing_lifetime_s = 2592000
sealing_lead_s = 86400
sealing_grace_s = 172800

[cvc]
# Seconds that a card's security code waits for its authorisation, 900 at most; and how many may wait in
# this process at once, some 250 bytes each. Further ones are not kept: the card is taken without.
hold_s = 900
entries = 100000
# Where several verifiers serve one shop, the Valkey or Redis that they share, as redis://, rediss:// (TLS)
# or unix://. Persistence has to be off, and a server that is not on this machine needs TLS and a password.
# The password is better given as WAXSEAL_VERIFIER__CVC__URL. Without a url codes wait in memory.
# url = "rediss://:password@valkey.example:6379"

[outbound]
# The verifier calls out by HTTPS, to public addresses alone. Networks (CIDR) that it may call besides, and
# certificates (PEM) besides the system's that servers' may be signed by; and whether http will do for loopback
# addresses among these networks, for development.
private_networks = []
# ca_file = "outbound-ca.crt"
plain_http_on_loopback = false

[retention]
# Seconds after which the envelopes that a session has seen and its velocity event are deleted, and after
# which an idempotency key may mean something else. Cards are kept until they are erased.
session_traces_s = 172800
idempotency_s = 604800
# Seconds after which what was submitted (name, postal code, address, signals, facts) is erased but for its
# decision's outcome, sessions are deleted with all that was submitted in them, and alerts are. Kept if left out.
# submission_details_s = 31536000
# sessions_s = 63072000
# alerts_s = 31536000
# Seconds after which entries of the audit are removed, in whole segments at signed roots.
audit_s = 31536000
# Told what was erased, so that a backup does not bring it back: keep it out of the database's backups. With
# a PostgreSQL database, on a disk that all verifiers share.
erase_ledger = "waxseal.erased"

[audit]
# Seconds between two signed roots over the audit, and the file that they are appended to: best on another machine's
# disk, since whoever has the database could cut off both. See verifier/AUDIT.md.
root_every_s = 300
# roots_file = "audit-roots.jsonl"

[assets]
# The SDK's build output.
dir = {assets_dir}
# wasm builds besides that one (`bld` values) that count as known.
allowed_builds = []

[signals]
# What the card form collects at most of a browser that asks not to be profiled (Global Privacy Control): "full",
# "minimal" or "off". See docs/signals.md.
global_privacy_control = "minimal"

[challenge]
# Where a token is checked that a captcha or a proof of work gave the browser (siteverify), and the secret for it. See docs/velocity.md.
# verify_url = "https://captcha.example/siteverify"
# secret_file = "captcha.secret"

[geo]
# MaxMind DB file from IP address to country. Without it every IP country is unknown.
{ip_country_db}
# Networks of one's own, which no public table knows: a line each CIDR,COUNTRY or CIDR,COUNTRY,LATITUDE,LONGITUDE.
# networks_file = "networks.csv"
# Networks of hosting providers; and of proxies, VPNs and Tor: one at the beginning of each line. Read again when they change.
# hosting_file = "hosting.txt"
# anonymizer_file = "anonymizers.txt"

{ALERTS}

[risk]
# Networks whose requests are rejected.
block_cidrs = []
# What is known of issuers' ranges: a first line bin,country,type,prepaid and a line each, such as 424242,US,credit,false. Read
# again when it changes.
# bin_table = "bins.csv"

[risk.usd_rates]
# US dollars that one unit is worth. An amount in a currency without a rate goes to review.
USD = "1"
EUR = "1.08"
GBP = "1.27"
JPY = "0.0066"
"#
    )
}

const ALERTS: &str = r#"[alerts]
# Failed authentications of one client, user or address within so many seconds.
failed_authentications = 5
failed_authentications_s = 60
# Seconds after a caller's first request in which no country is new; and a journey that cannot be, in kilometres an
# hour and kilometres.
country_learning_s = 1209600
travel_km_per_h = 900
travel_km = 500
# A minute with so many times as many requests of a client or listener as in the minutes before it, or so many times
# fewer, where there are enough of them.
baseline_min = 60
rate_factor = 5
rate_requests = 300
# Of the requests of so many minutes, a share that is refused or fails, and so many times the usual one.
error_min = 5
error_percent = 20
error_factor = 3
error_requests = 100
# Days left of certificates, revocation lists and keys; and days that a key which is rotated by hand is used, 0 for
# ever.
days_left = [30, 14, 3]
key_days = 365
# Where alerts are posted to, signed by Standard Webhooks with the secret in the file: whsec_ and the base64 of 24 to 64
# random bytes.
# webhook = "https://alerts.example/waxseal"
# webhook_secret_file = "webhook.secret""#;

const LIMITS: &str = r#"[limits]
# Largest request body, in bytes. A submission is some 6,100.
body_bytes = 16384
# Seconds that a body, and that request line and headers (a TLS handshake too), may take to arrive.
body_timeout_s = 10
header_timeout_s = 10
# Seconds that a caller may take nothing of its answer.
write_timeout_s = 10
# Connections that the public listener takes at once; the private listener has as many for itself, the console
# 64. And of each of the three how many one address may have, IPv6 by its network of 64 bits; on private listener
# and console a quarter of these, and eight at least, may be in their TLS handshake. Trusted proxies count by no
# address.
connections = 4096
connections_per_address = 256
private_connections_per_address = 1024
console_connections_per_address = 16
# Seconds that a client token lives, 1800 at most; and the session, whose token can be renewed.
client_token_ttl_s = 900
session_ttl_s = 3600
# Requests that each listener works on at once; further ones are told to come again.
requests = 1024
# How often callers may ask: requests a second, and how many more at once. By address, IPv6 by its network of
# 64 bits: cards submitted, sessions read by the frame, files and whatever else browsers ask for, health
# checks, tries to sign in, requests for tokens, and whoever calls the private listener.
card_per_s = 10
card_burst = 20
session_per_s = 20
session_burst = 40
sign_in_per_s = 2
sign_in_burst = 20
token_per_s = 10
token_burst = 20
page_per_s = 100
page_burst = 200
health_per_s = 10
health_burst = 20
private_per_s = 100
private_burst = 200
# By caller and endpoint: a merchant's server, and an operator. A shop that has more than ten orders a second
# needs more, and more of the private listener too.
client_per_s = 10
client_burst = 20
operator_per_s = 10
operator_burst = 20
# Sessions that one merchant makes for one shopper's address, where its server tells it.
shopper_per_s = 1
shopper_burst = 20
# Verifiers that count together do so in a Valkey or Redis: redis://, rediss:// (TLS) or unix://, with TLS and a
# password where it is not on this machine, the password better as WAXSEAL_VERIFIER__LIMITS__URL. While it does
# not answer each verifier grants its share of the limits: say how many verifiers there are.
# url = "rediss://:password@valkey.example:6379"
verifiers = 1
# Card numbers that one operator, and all operators together, may see within an hour.
reveals_per_operator_hour = 20
reveals_per_hour = 100"#;

fn quoted(path: &Path) -> String {
    toml::Value::String(path.to_string_lossy().into_owned()).to_string()
}
