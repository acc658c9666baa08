//! From a configuration to a running verifier.

use std::{path::PathBuf, sync::Arc};

use metrics_exporter_prometheus::PrometheusBuilder;

use crate::{
    alerts::{Watch, Webhook},
    app::App,
    assets::Assets,
    challenge::Verification,
    checkout::DeviceSamples,
    clock::Clock,
    config::{Config, UsdRates},
    identity::{
        ClientSecrets, CredentialUses,
        federation::{IdentityProviders, ProviderSettings},
        oauth::AuthorizationServer,
        people::SignIns,
    },
    keys::{Kek, KekSource, Pkcs11Key, Policy, SharedKeyring},
    limits::{Limiter, SharedCounts},
    lists::SharedLists,
    outbound::{Destination, Outbound},
    records::Backtests,
    risk::{
        BinTable, Followed, IpCountries, ListedNetworks, Networks, bin_country::BinCountryTable,
    },
    rng::Rng,
    rules::{self, SharedRules},
    scoring::Models,
    store::{EraseLedger, Schema, Store},
    telemetry::Telemetry,
    tls::ListenersTls,
    vault::cvc::CvcHolder,
    velocity::Velocity,
};

/// Bounds of what is timed, in seconds: a submission takes some milliseconds, a sign-in most of a second.
const BUCKETS_S: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// What keeps the verifier from starting, in one line that says what to do.
#[derive(Debug)]
pub struct StartError(String);

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StartError {}

/// Opens and reads everything that `config` names.
///
/// # Errors
/// For the first thing that is missing or wrong.
pub async fn start(
    config: &Config,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
) -> Result<App, StartError> {
    let tls = ListenersTls::open(config, &clock).map_err(|error| StartError(error.to_string()))?;
    let (store, keys) = open_store(config, Schema::Migrate).await?;
    let blocked = config.risk.block_cidrs.clone();
    let lists = SharedLists::load(&store, keys.current(), blocked);
    let lists = lists.await;
    let lists = lists.map_err(|error| StartError(format!("the lists: {error}")))?;
    let velocity = Velocity::load(&store).await;
    let velocity = velocity.map_err(|error| StartError(format!("velocity: {error}")))?;
    let files = risk_files(config)?;
    let cvc = cvc_holder(config).await?;
    let limiter = limiter(config, &clock).await?;
    let ledger = config.erase_ledger();
    let ledger = ledger.map_err(|error| StartError(error.to_string()))?;
    let erase_ledger = EraseLedger::open(ledger)
        .map_err(|error| StartError(format!("retention.erase_ledger: {error}")))?;
    let outbound =
        Outbound::new(&config.outbound, &clock).map_err(|error| StartError(error.to_string()))?;
    if let Some(url) = &config.audit.roots_url {
        Destination::parse(url).map_err(|error| StartError(format!("audit.roots_url: {error}")))?;
    }
    let assets = Assets::load(&config.assets.dir).map_err(StartError)?;
    let rates = UsdRates::new(&config.risk.usd_rates).map_err(|error| {
        StartError(format!(
            "risk.usd_rates.{}: {}",
            error.currency, error.problem
        ))
    })?;
    let recorder = PrometheusBuilder::new()
        .set_buckets(&BUCKETS_S)
        .map_err(|error| StartError(error.to_string()))?
        .build_recorder();
    let metrics = recorder.handle();
    // A second App in one process, as tests make, keeps the first one's recorder.
    drop(metrics::set_global_recorder(recorder));
    let no_random = |_| StartError("the random number generator failed".to_owned());
    let client_secrets = ClientSecrets::new(Arc::clone(&rng)).map_err(no_random)?;
    let instance = rng.array();
    let instance =
        instance.map_err(|_| StartError("the random number generator failed".to_owned()))?;
    let telemetry = Telemetry::start(&config.telemetry, &outbound).map_err(StartError)?;
    let models = Models::default();
    let read = models.refresh(&store, &keys.current()).await;
    read.map_err(|error| StartError(error.to_string()))?;
    let rules = shared_rules(&store, &rng, &*clock).await?;
    Ok(App {
        clock,
        rng,
        store,
        keys,
        cvc,
        erase_ledger,
        key_policy: Policy {
            lifetime_s: config.keys.sealing_lifetime_s,
            lead_s: config.keys.sealing_lead_s,
            grace_s: config.keys.sealing_grace_s,
            // Half of what SP 800-38D allows.
            encryptions: 1 << 31,
        },
        authorization: AuthorizationServer::new(
            config.listen.issuer(config.tls_private.is_some()),
            config
                .listen
                .own_private_origin(config.tls_private.is_some()),
        ),
        client_secrets,
        credential_uses: CredentialUses::default(),
        instance,
        sign_ins: SignIns::default(),
        identity_providers: identity_providers(config)?,
        outbound,
        known_builds: assets.known_builds(&config.assets.allowed_builds),
        assets,
        limits: config.limits.clone(),
        limiter,
        challenge: Verification::open(&config.challenge).map_err(StartError)?,
        watch: Watch::new(config.alerts.clone()),
        webhook: Webhook::open(&config.alerts).map_err(StartError)?,
        signals: config.signals,
        retention: config.retention.clone(),
        audit: config.audit.clone(),
        public_origin: config.listen.public_origin.clone(),
        trusted_proxies: config.listen.trusted_proxies.clone(),
        proxy_header: config.listen.proxy_header,
        tls,
        lists,
        backtests: Backtests::default(),
        rules,
        usd_rates: rates,
        ip_countries: ip_countries(config)?,
        anonymizers: files.anonymizers,
        hosting: files.hosting,
        bin_table: files.bin_table,
        bin_countries: BinCountryTable::bundled(),
        device_samples: DeviceSamples::default(),
        models,
        velocity,
        telemetry,
        metrics,
    })
}

/// Rules that are stored, the shipped ones among them from now on.
async fn shared_rules(
    store: &Store,
    rng: &Arc<dyn Rng>,
    clock: &dyn Clock,
) -> Result<SharedRules, StartError> {
    let rules = SharedRules::default();
    let read = rules.refresh(store).await;
    read.map_err(|error| StartError(format!("the rules: {error}")))?;
    // A disk that is full keeps nobody from deciding.
    if let Err(error) = rules::ensure_builtin(store, Arc::clone(rng), clock.now()).await {
        tracing::error!(event = "builtin_rules_not_kept", %error);
    }
    Ok(rules)
}

/// Where the configuration says that people may sign in elsewhere.
///
/// # Errors
/// When a secret cannot be read.
fn identity_providers(config: &Config) -> Result<IdentityProviders, StartError> {
    let origin = config.listen.console_origin.as_deref().unwrap_or_default();
    let all = config.identity_providers.iter().cloned();
    let all = all.map(|one| ProviderSettings {
        name: one.name,
        issuer: one.issuer,
        client_id: one.client_id,
        client_secret_file: one.client_secret_file,
        require_amr: one.require_amr,
    });
    IdentityProviders::open(all, origin).map_err(StartError)
}

/// Where the configuration says that the key-encryption key is.
///
/// # Errors
/// When it says nothing: the configuration was not checked.
pub fn kek_source(config: &Config) -> Result<KekSource, StartError> {
    let keys = &config.keys;
    match (&keys.file, &keys.env, &keys.pkcs11) {
        (Some(path), None, None) => Ok(KekSource::File(path.clone())),
        (None, Some(name), None) => Ok(KekSource::Environment(name.clone())),
        (None, None, Some(pkcs11)) => Ok(KekSource::Pkcs11(Pkcs11Key {
            module: pkcs11.module.clone(),
            token: pkcs11.token.clone(),
            key: pkcs11.key.clone(),
            pin_file: pkcs11.pin_file.clone(),
        })),
        _ => Err(StartError("keys: give one source".to_owned())),
    }
}

/// Opens the store and unwraps its keys.
///
/// # Errors
/// When either is missing, or they do not belong together.
pub(super) async fn open_store(
    config: &Config,
    schema: Schema,
) -> Result<(Store, SharedKeyring), StartError> {
    let source = kek_source(config)?;
    let kek = Kek::open(&source).map_err(|error| StartError(error.to_string()))?;
    let location = config.store.location();
    let location = location.map_err(|error| StartError(error.to_string()))?;
    // It names its place itself.
    let store = Store::open(&location, schema).await;
    let store = store.map_err(|error| StartError(error.to_string()))?;
    let keys = SharedKeyring::load(&store, kek)
        .await
        .map_err(|error| StartError(format!("{location}: {error}")))?;
    Ok((store, keys))
}

/// Where the configuration says that CVCs are held.
///
/// # Errors
/// When that is a Valkey that cannot be reached, or must not hold any.
pub(super) async fn cvc_holder(config: &Config) -> Result<CvcHolder, StartError> {
    let cvc = &config.cvc;
    match &cvc.url {
        None => Ok(CvcHolder::in_memory(cvc.entries, cvc.hold_s)),
        // EXPOSE: to connect.
        Some(url) => CvcHolder::in_valkey(url.as_str(), cvc.hold_s)
            .await
            .map_err(|error| StartError(error.to_string())),
    }
}

/// Who may ask how often, counted where the configuration says.
///
/// # Errors
/// When that is a Valkey that does not allow it.
async fn limiter(config: &Config, clock: &Arc<dyn Clock>) -> Result<Limiter, StartError> {
    let rates = config.limits.rates.clone();
    let Some(counts) = shared_counts(config).await? else {
        return Ok(Limiter::in_process(rates, clock));
    };
    Ok(Limiter::shared(
        rates,
        counts,
        config.limits.verifiers,
        clock,
    ))
}

/// Where verifiers count together, if they do.
///
/// # Errors
/// When that is a Valkey that does not allow it.
pub(super) async fn shared_counts(config: &Config) -> Result<Option<SharedCounts>, StartError> {
    let Some(url) = &config.limits.url else {
        return Ok(None);
    };
    // EXPOSE: to connect.
    let counts = SharedCounts::open(url.as_str()).await;
    counts
        .map(Some)
        .map_err(|error| StartError(error.to_string()))
}

/// The table from address to country that the configuration names, or an empty one.
///
/// # Errors
/// When it names one that cannot be read.
pub(super) fn ip_countries(config: &Config) -> Result<IpCountries, StartError> {
    let path = config.geo.ip_country_db.as_deref();
    let countries = path.map_or_else(
        || Ok(IpCountries::default()),
        |path| IpCountries::open(path).map_err(StartError),
    )?;
    match config.geo.networks_file.as_deref() {
        None => Ok(countries),
        Some(path) => {
            let networks = Networks::open(path).map_err(StartError)?;
            Ok(countries.with_networks(networks))
        }
    }
}

/// Operators' lists of networks and issuers.
pub(super) struct RiskFiles {
    anonymizers: Followed<ListedNetworks>,
    bin_table: Followed<BinTable>,
    hosting: Followed<ListedNetworks>,
}

/// Those that the configuration names.
///
/// # Errors
/// When it names one that cannot be read.
pub(super) fn risk_files(config: &Config) -> Result<RiskFiles, StartError> {
    let networks = |option, path: &Option<PathBuf>| {
        let opened = Followed::open(option, path.as_deref(), ListedNetworks::parse);
        opened.map_err(StartError)
    };
    let bin_table = config.risk.bin_table.as_deref();
    let bin_table = Followed::open("risk.bin_table", bin_table, BinTable::parse);
    Ok(RiskFiles {
        anonymizers: networks("geo.anonymizer_file", &config.geo.anonymizer_file)?,
        bin_table: bin_table.map_err(StartError)?,
        hosting: networks("geo.hosting_file", &config.geo.hosting_file)?,
    })
}
