//! A whole verifier in process, on a database of its own.

use std::{
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::Arc,
};

use axum::{Router, body::Body, extract::ConnectInfo, http::Request};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;
use waxseal_verifier::{
    alerts,
    app::App,
    cli::{kek_source, start},
    clock::{Clock, MockClock, Timestamp},
    config::{Config, initial_file},
    identity::{Scopes, make_client},
    keys::{Kek, Keyring},
    mode::Mode,
    rng::Rng,
    router,
    store::{
        Store, clients,
        merchants::{self, Merchant},
    },
};

use crate::{Answer, Database, SeededRng, Shop, lift_limits, staff::request};

/// Origin of the public listener.
pub const PUBLIC_ORIGIN: &str = "http://localhost:8787";

/// Origin of the console, and the issuer of access tokens.
pub const CONSOLE_ORIGIN: &str = "http://localhost:8789";

/// 2026-11-18 11:06:40 UTC.
const START: Timestamp = Timestamp::from_millis(1_795_000_000_000);

/// What a test changes of the configuration before the verifier starts.
pub type Tweak = fn(&mut Config);

/// A verifier and what a test may do to its surroundings.
pub struct TestVerifier {
    /// The clock to move.
    pub clock: Arc<MockClock>,
    /// The parts.
    pub app: Arc<App>,
    /// Where the data lies.
    pub database: Database,
    /// Where configuration and keys lie, and a database file.
    pub folder: Arc<TempDir>,
    config: Config,
    public: Router,
    console: Router,
    private: Router,
}

impl TestVerifier {
    /// A verifier with the initial configuration.
    pub async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    /// A verifier with a changed configuration.
    pub async fn start_with(tweak: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = Database::make(folder.path());
        Self::make(folder, database, tweak).await
    }

    /// A verifier on a database that is there already.
    pub async fn start_on(database: Database) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self::make(folder, database, |_| ()).await
    }

    /// Another verifier on the same database, with the same keys and clock.
    pub async fn beside(&self) -> Self {
        let place = (Arc::clone(&self.folder), self.database.clone());
        let (config, clock) = (self.config.clone(), Arc::clone(&self.clock));
        Self::open(place, config, clock, 5).await
    }

    async fn make(folder: TempDir, database: Database, tweak: impl FnOnce(&mut Config)) -> Self {
        let dist = folder.path().join("dist");
        write_assets(&dist);
        let text = initial_file(&dist, None);
        let mut config =
            Config::parse(&text, std::iter::empty(), folder.path()).expect("a configuration");
        config.store = database.config();
        config.listen.console_origin = Some(CONSOLE_ORIGIN.to_owned());
        lift_limits(&mut config);
        tweak(&mut config);
        let rng = SeededRng::new(1);
        let source = kek_source(&config).expect("a source");
        let kek = Kek::create(&source, &rng).expect("a key file");
        {
            let location = config.store.location().expect("a place");
            let store = Store::create(&location).await.expect("a database");
            Keyring::create(&store, &kek, &rng, START)
                .await
                .expect("keys");
        }
        let clock = Arc::new(MockClock::new(START));
        Self::open((Arc::new(folder), database), config, clock, 2).await
    }

    /// Stops, has `change` do something to the database, and starts again on it with what keys are
    /// missing then.
    pub async fn restart(self, change: impl FnOnce(&Database)) -> Self {
        let Self {
            clock,
            database,
            folder,
            config,
            ..
        } = self;
        change(&database);
        let rng = SeededRng::new(3);
        let source = kek_source(&config).expect("a source");
        let kek = Kek::open(&source).expect("a key file");
        let location = config.store.location().expect("a place");
        let store = Store::create(&location).await.expect("a database");
        Keyring::create(&store, &kek, &rng, clock.now())
            .await
            .expect("keys");
        drop(store);
        Self::open((folder, database), config, clock, 4).await
    }

    async fn open(
        (folder, database): (Arc<TempDir>, Database),
        config: Config,
        clock: Arc<MockClock>,
        seed: u64,
    ) -> Self {
        // Whatever starts is held at once.
        let app = Box::pin(start(
            &config,
            Arc::clone(&clock) as Arc<dyn Clock>,
            Arc::new(SeededRng::new(seed)),
        ));
        let app = Arc::new(app.await.expect("the verifier starts"));
        let (public, private) = (router::public(&app), router::private(&app));
        let console = router::console(&app);
        Self {
            clock,
            app,
            database,
            folder,
            config,
            public,
            console,
            private,
        }
    }

    /// Adds a merchant with one origin and a client that may do everything.
    pub async fn shop(&self, mode: Mode, origin: &str) -> Shop {
        self.shop_with(mode, origin, &Scopes::all()).await
    }

    /// Adds a merchant with one origin and a client with `scopes`.
    pub async fn shop_with(&self, mode: Mode, origin: &str, scopes: &Scopes) -> Shop {
        let rng: &dyn Rng = &*self.app.rng;
        let now = self.clock.now();
        let id = rng.id(&mode.id_prefix("mch"), now).expect("an id");
        let merchant = Merchant {
            id: id.clone(),
            mode,
            name: "Shop".to_owned(),
            created_at: now,
        };
        let new = make_client(&id, mode, scopes, now, rng).expect("a client");
        let client = new.client.clone();
        let origins = [origin.to_owned()];
        self.app
            .store
            .write("add_shop", move |tx| {
                merchants::insert(tx, &merchant, &origins)?;
                clients::insert(tx, &client)
            })
            .await
            .expect("the merchant is stored");
        Shop::new(id, origin, &new.client.id, &new.secret)
    }

    /// Sends a request to the public listener from 127.0.0.1.
    pub async fn public(&self, request: Request<Body>) -> Answer {
        self.public_from([127, 0, 0, 1].into(), request).await
    }

    /// Sends a request to the public listener from `ip`.
    pub async fn public_from(&self, ip: IpAddr, request: Request<Body>) -> Answer {
        send(&self.public, ip, request).await
    }

    /// Sends a request to the private listener from 127.0.0.1.
    pub async fn private(&self, request: Request<Body>) -> Answer {
        self.private_from([127, 0, 0, 1].into(), request).await
    }

    /// Sends a request to the private listener from `ip`.
    pub async fn private_from(&self, ip: IpAddr, request: Request<Body>) -> Answer {
        send(&self.private, ip, request).await
    }

    /// Sends a request to the console's listener from 127.0.0.1.
    pub async fn console(&self, request: Request<Body>) -> Answer {
        send(&self.console, [127, 0, 0, 1].into(), request).await
    }

    /// Sends a request of `shop`'s server to the private listener.
    pub async fn call(&self, shop: &Shop, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.private(request(shop.authorization(), method, path, body))
            .await
    }

    /// The same to the console's listener, where a merchant's server has no business.
    pub async fn call_console(&self, shop: &Shop, method: &str, path: &str) -> Answer {
        let body = Some(Value::Object(serde_json::Map::new()));
        self.console(request(shop.authorization(), method, path, body))
            .await
    }

    /// Looks at what was observed, as a running verifier does each second.
    pub async fn look(&self) {
        let looked = alerts::evaluate(&self.app);
        looked.await.expect("what was observed is looked at");
    }

    /// Rows of each table, to see what a request left behind; but for the audit's entries of first uses of credentials,
    /// which whichever request comes first leaves.
    pub fn row_counts(&self) -> Vec<(String, u64)> {
        let tables = self.database.tables();
        let counts: Vec<_> = tables
            .iter()
            .map(|table| {
                let but = but_first_uses(table);
                format!("SELECT count(*) AS count, '{table}' AS name FROM {table} {but}")
            })
            .collect();
        let all = format!(
            "SELECT count FROM ({}) AS counts ORDER BY name",
            counts.join(" UNION ALL ")
        );
        let counts = self.database.texts(&all);
        let counts = counts.iter().map(|count| count.parse().expect("a count"));
        tables.into_iter().zip(counts).collect()
    }
}

fn but_first_uses(table: &str) -> &'static str {
    match table {
        "audit" => "WHERE action <> 'auth.succeeded'",
        "audit_chain" => {
            "WHERE EXISTS (SELECT 1 FROM audit WHERE audit.merchant_id = audit_chain.merchant_id
                 AND audit.chain = audit_chain.chain AND audit.action <> 'auth.succeeded')"
        }
        _ => "",
    }
}

async fn send(router: &Router, ip: IpAddr, mut request: Request<Body>) -> Answer {
    request
        .extensions_mut()
        .insert(ConnectInfo(SocketAddr::new(ip, 40_000)));
    let Ok(response) = router.clone().oneshot(request).await;
    Answer::read(response).await
}

/// A build output in small: the real one is what the browser tests load.
pub fn write_assets(dist: &Path) {
    let files = [
        (
            "frame/index.html",
            "<!doctype html><title>Card details</title>",
        ),
        ("frame/assets/frame.0123456789abcdef.js", "export {};"),
        ("frame/assets/frame.0123456789abcdef.js.br", "compressed"),
        ("waxseal.js", "export {};"),
        (
            "manifest.json",
            r#"{"version":"0.1.0","bld":"AAAAAAAAAAAAAAAAAAAAAA","files":[
                {"path":"frame/index.html"},{"path":"waxseal.js"},
                {"path":"frame/assets/frame.0123456789abcdef.js"}]}"#,
        ),
    ];
    for (path, text) in files {
        let path = dist.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
}
