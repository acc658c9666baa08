//! Which routes are OAuth's own, on which listener.

use axum::{
    body::Body,
    http::{Request, header},
};
use waxseal_tests::TestVerifier;
use waxseal_verifier::{interface::Listener, router};

/// OAuth's own are in no description. A further one has to be meant, and so has each method.
#[tokio::test]
async fn oauths_routes_ask_for_nobody_before_their_body_and_are_meant_to() {
    let verifier = TestVerifier::start().await;
    let for_tokens = [
        ("/.well-known/oauth-authorization-server", [200, 405]),
        ("/oauth/jwks.json", [200, 405]),
        ("/oauth/revoke", [405, 415]),
        ("/oauth/token", [405, 415]),
    ];
    let for_people = [
        ("/oauth/authorize", [400, 400]),
        ("/oauth/callback/{provider}", [400, 405]),
        ("/oauth/style.css", [200, 405]),
    ];
    let console = [&for_tokens[..], &for_people].concat();
    for (listener, meant) in [
        (Listener::Console, &console[..]),
        (Listener::Private, &for_tokens),
        (Listener::Public, &[]),
    ] {
        let paths: Vec<_> = meant.iter().map(|(path, _)| *path).collect();
        assert_eq!(router::oauth_paths(listener), paths);
        for (path, wanted) in &console {
            let is_meant = paths.contains(path);
            for (method, wanted) in ["GET", "POST"].into_iter().zip(wanted) {
                let request = Request::builder().method(method).uri(*path);
                let kind = match *path {
                    "/oauth/authorize" => "application/x-www-form-urlencoded",
                    _ => "text/plain",
                };
                let request = request.header(header::CONTENT_TYPE, kind);
                let request = request.body(Body::empty()).unwrap();
                let answer = match listener {
                    Listener::Console => verifier.console(request).await,
                    Listener::Private => verifier.private(request).await,
                    Listener::Public => verifier.public(request).await,
                };
                let wanted = if is_meant { *wanted } else { 404 };
                assert_eq!(answer.status, wanted, "{method} {path}");
            }
        }
    }
}
