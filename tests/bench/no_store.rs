//! The bound that the store's cost is measured against: the same listener, middleware, logs, checks,
//! opening, tokenization, encryption, rules and hand-over to one thread, over a store that keeps
//! nothing.
//!
//! It has none of what the store is asked within a transaction: no session and attempt count, no jti, no
//! look-up of the card and check of its PAN, no sum for the velocity rule, no row, no commit.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command},
    sync::{
        Arc,
        mpsc::{SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{FromRequestParts, State},
    http::{header, request::Parts},
    middleware::{from_fn, from_fn_with_state},
    routing::post,
};
use axum_server::Handle;
use serde::Serialize;
use tokio::sync::oneshot;
use waxseal_engine::{
    attribute::{Attribute, Attributes},
    rules::seed,
};
use waxseal_protocol::{
    ErrorCode,
    card::{CardholderName, PostalCode},
    message::{SubmitRequest, SubmitResponse},
    seal::{Envelope, SealedCard, ValidCard},
};
use waxseal_tests::{Installation, lift_limits};
use waxseal_verifier::{
    app::App,
    cli,
    clock::SystemClock,
    config::Config,
    http::{
        Connections, Observed, Peer, Problem, StrictJson, Threshold, forwarded_for, limit, observe,
        security_headers, serve,
    },
    identity::ClientToken,
    limits::Limit,
    risk::{self, Facts},
    rng::SystemRng,
    store::submissions,
    vault::Candidate,
};

/// The bound as a process of its own, with the keys of an installation.
pub(crate) struct NoStore {
    pub(crate) address: SocketAddr,
    process: Child,
}

impl NoStore {
    pub(crate) fn start(installation: &Installation) -> Self {
        // Of this process's children alone: taken until the child has taken it over.
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        drop(listener);
        let log = std::fs::File::create(installation.folder.join("no_store_log"));
        let process = Command::new(std::env::current_exe().expect("this program's path"))
            .arg("no-store")
            .arg(installation.folder.join("waxseal.toml"))
            .arg(address.to_string())
            .stderr(log.expect("a log file"))
            .spawn()
            .expect("it starts");
        while std::net::TcpStream::connect(address).is_err() {
            thread::sleep(Duration::from_millis(10));
        }
        Self { address, process }
    }
}

impl Drop for NoStore {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Serves on `address`, for as long as it is let.
pub(crate) fn run(config: &Path, address: SocketAddr) {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_target(false)
        .with_env_filter("off,waxseal_verifier=info")
        .with_writer(std::io::stderr)
        .init();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let mut config = Config::load(config).expect("a configuration");
        lift_limits(&mut config);
        config.listen.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
        let rng = Arc::new(SystemRng::default());
        let app = cli::start(&config, Arc::new(SystemClock), rng).await;
        let app = Arc::new(app.expect("the verifier's parts"));
        let connections = Connections {
            most: 4096,
            most_per_address: 4096,
            most_handshakes_per_address: 4096,
            shared: config.listen.trusted_proxies.clone(),
            only_from: vec![],
            write_timeout: Duration::from_secs(config.limits.write_timeout_s),
        };
        let listener = TcpListener::bind(address).expect("a listener");
        listener.set_nonblocking(true).expect("an option");
        let patience = Duration::from_secs(config.limits.header_timeout_s);
        let served = serve(
            listener,
            router(&app),
            None,
            connections,
            patience,
            Handle::new(),
        );
        served.await.expect("it serves");
    });
}

fn router(app: &Arc<App>) -> Router {
    let keeper = keeper();
    let submit =
        move |State(app): State<Arc<App>>, Frame(token), peer: Peer, StrictJson(request)| {
            submit(app, token, peer, request, keeper.clone())
        };
    Router::new()
        .route("/v1/session/card", post(submit))
        .layer(from_fn_with_state(Threshold::new(app, Limit::Page), limit))
        .layer(from_fn_with_state(Arc::clone(app), forwarded_for))
        .layer(from_fn(security_headers))
        .layer(from_fn_with_state(
            Observed {
                app: Arc::clone(app),
                listener: "public",
                takes_parent: false,
            },
            observe,
        ))
        .with_state(Arc::clone(app))
}

/// What the one thread is given: the work that is done in it, and whom to tell.
type Job = Box<dyn FnOnce() + Send>;

fn keeper() -> SyncSender<Job> {
    let (sender, jobs) = sync_channel::<Job>(4096);
    thread::spawn(move || {
        for job in jobs {
            job();
        }
    });
    sender
}

async fn submit(
    app: Arc<App>,
    token: ClientToken,
    peer: Peer,
    request: SubmitRequest,
    keeper: SyncSender<Job>,
) -> Result<Json<SubmitResponse>, Problem> {
    let now = app.clock.now();
    let keys = app.keys_of(token.mode);
    let envelope = Envelope::parse(&request.envelope).map_err(|_| ErrorCode::EnvelopeInvalid)?;
    let header = envelope.header().clone();
    let pair = keys.sealing(&header.kid).ok_or(ErrorCode::KeyUnknown)?;
    if header.sid != token.session_id || header.org != token.origin {
        return Err(ErrorCode::SessionMismatch.into());
    }
    let plaintext = pair
        .open(envelope)
        .map_err(|_| ErrorCode::EnvelopeInvalid)?;
    let sealed = SealedCard::parse(&plaintext).map_err(|_| ErrorCode::EnvelopeInvalid)?;
    let fields = sealed.card.as_ref().ok_or(ErrorCode::EnvelopeInvalid)?;
    let (year, month) = now.year_month();
    let valid = fields.validate(year, month)?;
    let id = app.rng.id("sub_test_", now)?;
    let owner = (token.mode, token.merchant_id.as_str());
    let candidate = Candidate::new(&keys, owner, &valid.pan, now, &*app.rng)?;
    let collected = (&sealed.browser, &sealed.signals);
    encrypt(&app, &token, &id, ("details", &[]), &details(&valid))?;
    encrypt(&app, &token, &id, ("signals", &[]), &collected)?;
    encrypt(&app, &token, &id, ("ip", &[]), &peer.ip)?;
    let (sender, receiver) = oneshot::channel();
    let job = move || drop(sender.send(decide(&app, &token, &peer, &valid, &candidate, &id)));
    keeper
        .try_send(Box::new(job))
        .map_err(|_| ErrorCode::Unavailable)?;
    let answer = receiver.await.map_err(|_| ErrorCode::Unavailable)??;
    Ok(Json(answer))
}

/// What the writer's thread does besides its statements.
fn decide(
    app: &App,
    token: &ClientToken,
    peer: &Peer,
    valid: &ValidCard,
    candidate: &Candidate,
    id: &str,
) -> Result<SubmitResponse, Problem> {
    // One for the velocity event, one for the audit.
    let digests = [(); 2].map(|()| app.ip_digest(token.mode, peer.ip));
    std::hint::black_box((digests, candidate));
    let mut attributes = Attributes::default();
    attributes.set(Attribute::IpAddress, peer.ip);
    attributes.set(Attribute::IpCountry, app.ip_countries.lookup(peer.ip));
    // EXPOSE: as the verifier does, to look up the issuer's country.
    let digits = valid.pan.digits();
    attributes.set(Attribute::CardBin, digits.get(..6));
    attributes.set(Attribute::CardBinCountry, app.bin_countries.lookup(digits));
    attributes.set(Attribute::SessionAmountUsdMicros, 1_000_000_i64);
    attributes.set(Attribute::VelocityCardOrIpSumUsdMicros1h, 0_i64);
    attributes.set(Attribute::SdkBuildKnown, false);
    attributes.set(Attribute::SignalsUnknown, 0_u32);
    let lists = app.lists.current();
    let lists = lists.of(&token.merchant_id, app.clock.now());
    let found = seed().evaluate(&attributes, &lists);
    let facts = Facts::of(&attributes, &found.list_hits);
    let decision = found.decision;
    let decided_at = app.clock.now().millis();
    let assessed = (&facts, &decision, risk::RULE_SET, decided_at);
    let leads_to = submissions::leads_to(&token.session_id, id);
    encrypt(app, token, id, ("facts", &leads_to), &assessed)?;
    Ok(SubmitResponse {
        status: waxseal_protocol::message::SessionStatus::Accepted,
        brand: valid.pan.brand(),
        last4: Some(valid.pan.last4().to_owned()),
    })
}

fn details(valid: &ValidCard) -> impl Serialize + '_ {
    (
        valid.expiry.month(),
        valid.expiry.year(),
        // EXPOSE: as the verifier does, into their encrypted column.
        valid.name.as_ref().map(CardholderName::as_str),
        valid.postal_code.as_ref().map(PostalCode::as_str),
    )
}

fn encrypt(
    app: &App,
    token: &ClientToken,
    row: &str,
    (column, look_ups): (&'static str, &[&str]),
    value: &impl Serialize,
) -> Result<(), Problem> {
    let place = submissions::place(row, &token.merchant_id, column, look_ups);
    let json = serde_json::to_vec(value).expect("JSON");
    let keys = app.keys_of(token.mode);
    std::hint::black_box(keys.deks.encrypt(place, &json, &*app.rng)?);
    Ok(())
}

/// The caller by its client token, as the verifier's own routes take it.
struct Frame(ClientToken);

impl FromRequestParts<Arc<App>> for Frame {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let authorization = parts.headers.get(header::AUTHORIZATION);
        let token = authorization.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        let token = token.ok_or(ErrorCode::ClientTokenInvalid)?;
        let now = app.clock.now();
        ClientToken::verify(token, &app.keyring(), &app.public_origin, now)
            .map(Self)
            .map_err(|_| ErrorCode::ClientTokenInvalid.into())
    }
}
