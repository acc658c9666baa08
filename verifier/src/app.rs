//! Everything a request may need, made once at start.

use std::{
    collections::HashSet,
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use aws_lc_rs::hmac;
use ipnet::IpNet;

use crate::{
    alerts::{Watch, Webhook},
    assets::Assets,
    challenge::Verification,
    checkout::DeviceSamples,
    clock::Clock,
    config::{Audit, Limits, ProxyHeader, Retention, Signals, UsdRates},
    identity::{
        ClientSecrets, CredentialUses, federation::IdentityProviders, oauth::AuthorizationServer,
        people::SignIns,
    },
    keys::{Keyring, ModeKeys, Policy, SharedKeyring},
    limits::{CallerKey, Limit, Limiter, Standing},
    lists::SharedLists,
    mode::Mode,
    outbound::Outbound,
    records::Backtests,
    risk::{BinTable, Followed, IpCountries, ListedNetworks, bin_country::BinCountryTable},
    rng::Rng,
    rules::SharedRules,
    scoring::Models,
    store::{EraseLedger, Store},
    telemetry::Telemetry,
    tls::ListenersTls,
    vault::cvc::CvcHolder,
    velocity::Velocity,
};

/// The running verifier, shared by all requests.
pub struct App {
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where randomness comes from.
    pub rng: Arc<dyn Rng>,
    /// What is kept.
    pub store: Store,
    /// Every key, as the store has them now.
    pub keys: SharedKeyring,
    /// Where CVCs wait for their authorisation.
    pub cvc: CvcHolder,
    /// When sealing keys change.
    pub key_policy: Policy,
    /// What was erased, apart from what is kept.
    pub erase_ledger: EraseLedger,
    /// Who gives out access tokens, and checks them.
    pub authorization: AuthorizationServer,
    /// What merchants' servers with a secret share.
    pub client_secrets: ClientSecrets,
    /// Which credentials were used within this hour.
    pub credential_uses: CredentialUses,
    /// What tells this process from others on the same database.
    pub instance: [u8; 16],
    /// What people who sign in share.
    pub sign_ins: SignIns,
    /// Where else people may sign in.
    pub identity_providers: IdentityProviders,
    /// Who calls out.
    pub outbound: Outbound,
    /// What the browser loads.
    pub assets: Assets,
    /// Bounds on what a caller may send.
    pub limits: Limits,
    /// Who may ask how often.
    pub limiter: Limiter,
    /// Who says whether a challenge was met.
    pub challenge: Option<Verification>,
    /// What is observed, and looked at each second.
    pub watch: Watch,
    /// Where alerts are posted to.
    pub webhook: Option<Webhook>,
    /// What the card form collects of the customer's device.
    pub signals: Signals,
    /// How long what nothing asks for any more is kept.
    pub retention: Retention,
    /// Signed roots over the audit.
    pub audit: Audit,
    /// Origin under which browsers reach the public listener.
    pub public_origin: String,
    /// Proxies whose word on the client's address counts.
    pub trusted_proxies: Vec<IpNet>,
    /// Where they say it.
    pub proxy_header: ProxyHeader,
    /// Certificates of the listeners.
    pub tls: ListenersTls,
    /// Lists that rules ask, those of the configuration with them.
    pub lists: SharedLists,
    /// Rates into US dollars.
    pub usd_rates: UsdRates,
    /// Countries of addresses.
    pub ip_countries: IpCountries,
    /// Networks of proxies, VPNs and Tor.
    pub anonymizers: Followed<ListedNetworks>,
    /// Networks of hosting providers.
    pub hosting: Followed<ListedNetworks>,
    /// What the operator knows of issuers' ranges.
    pub bin_table: Followed<BinTable>,
    /// Countries of card issuers.
    pub bin_countries: &'static BinCountryTable,
    /// What devices have in common.
    pub device_samples: DeviceSamples,
    /// How many backtests run.
    pub backtests: Backtests,
    /// Rules that are asked.
    pub rules: SharedRules,
    /// The models that score.
    pub models: Models,
    /// How much came lately, of whom.
    pub velocity: Velocity,
    /// wasm builds that are no anomaly.
    pub known_builds: HashSet<String>,
    /// Traces, if a collector is named.
    pub telemetry: Option<Telemetry>,
    /// Renders the metrics.
    pub metrics: metrics_exporter_prometheus::PrometheusHandle,
}

impl App {
    /// Every key, as it is now.
    pub fn keyring(&self) -> Arc<Keyring> {
        self.keys.current()
    }

    /// The keys of a mode, as they are now.
    pub fn keys_of(&self, mode: Mode) -> Arc<ModeKeys> {
        Arc::clone(self.keyring().of(mode))
    }

    /// Counts a request against a limit.
    pub async fn admit(&self, limit: Limit, caller: CallerKey) -> Standing {
        let pseudonym = || self.pseudonym(Mode::Live, caller.as_bytes());
        let now = self.clock.now();
        self.limiter.admit(limit, caller, now, pseudonym).await
    }

    /// Keyed digest of an address: equal for equal addresses, and nothing can be read from it. An IPv6 address stands
    /// for its network of 64 bits, as where limits are counted: whoever has one address of it has all.
    pub fn ip_digest(&self, mode: Mode, ip: IpAddr) -> [u8; 16] {
        let ip = match ip.to_canonical() {
            IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into(),
            ip @ IpAddr::V4(_) => ip,
        };
        self.pseudonym(mode, ip.to_string().as_bytes())
    }

    /// Keyed digest of anything.
    pub(crate) fn pseudonym(&self, mode: Mode, value: &[u8]) -> [u8; 16] {
        let tag = hmac::sign(&self.keys_of(mode).pseudonym, value);
        let mut digest = [0; 16];
        digest.copy_from_slice(&tag.as_ref()[..16]);
        digest
    }
}
