//! Every route of the shop, and what every request passes through.

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::from_fn_with_state,
    routing::{get, post},
};

use crate::{app::App, guard, headers, routes};

const MAX_BODY_BYTES: usize = 4096;

/// The shop as one service.
pub fn build_router(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(routes::catalog::show))
        .route("/cart", get(routes::cart::show).post(routes::cart::add))
        .route("/cart/update", post(routes::cart::update))
        .route("/checkout", get(routes::checkout::show))
        .route("/checkout/restart", post(routes::checkout::restart))
        .route("/order", get(routes::order::show))
        .route("/api/checkout", post(routes::checkout::prepare))
        .route("/api/checkout/country", post(routes::checkout::ship_to))
        .route("/api/panel/checkout", get(routes::panel::of_checkout))
        .route("/api/panel/order", get(routes::panel::of_order))
        .route("/assets/{name}", get(routes::assets::serve))
        .route("/favicon.ico", get(routes::assets::favicon))
        .route("/healthz", get(routes::health))
        .fallback(routes::not_found)
        // Outermost last: headers are on every answer, refusals included.
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn_with_state(
            Arc::clone(&app),
            guard::refuse_other_sites,
        ))
        .layer(from_fn_with_state(Arc::clone(&app), guard::insist_on_host))
        .layer(from_fn_with_state(Arc::clone(&app), headers::secure))
        .with_state(app)
}

#[cfg(test)]
mod tests {
    use axum::{
        body::Body,
        http::{HeaderMap, Request, StatusCode, header},
        response::Response,
    };
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;
    use crate::{
        app::Site,
        shopper::Registry,
        verifier::{Credentials, VerifierClient},
    };

    const SHOP: &str = "http://localhost:8080";
    const FORM: &str = "application/x-www-form-urlencoded";

    /// The real router. Its verifier's port is closed: these requests must do without one.
    fn router() -> Router {
        let credentials = Credentials::new("id".into(), "secret".into());
        build_router(Arc::new(App {
            site: Site {
                shop_origin: SHOP.into(),
                verifier_origin: "http://localhost:8787".into(),
                loader_integrity: Some("sha384-AAAA".into()),
            },
            verifier: VerifierClient::new("http://127.0.0.1:1", &credentials).unwrap(),
            shoppers: Registry::default(),
            wire: None,
        }))
    }

    fn request(method: &str, path: &str) -> axum::http::request::Builder {
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost:8080")
    }

    fn get(path: &str) -> Request<Body> {
        request("GET", path).body(Body::empty()).unwrap()
    }

    fn post(path: &str, content_type: &str, body: &'static str) -> Request<Body> {
        let request = request("POST", path).header(header::CONTENT_TYPE, content_type);
        request.body(Body::from(body)).unwrap()
    }

    async fn text(response: Response) -> String {
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    fn value<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
        headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    #[tokio::test]
    async fn every_answer_carries_the_policy_and_the_security_headers() {
        let requests = [
            (get("/"), 200),
            (get("/cart"), 200),
            (get("/checkout"), 303),
            (get("/order"), 303),
            (get("/assets/checkout.js"), 200),
            (get("/assets/..%2fsrc%2fmain.rs"), 404),
            (get("/nothing"), 404),
            (get("/api/checkout"), 405),
            (post("/cart", FORM, "product=wax"), 400),
            (post("/api/checkout", "text/plain", ""), 409),
        ];
        for (request, status) in requests {
            let path = request.uri().clone();
            let response = router().oneshot(request).await.unwrap();
            assert_eq!(response.status().as_u16(), status, "{path}");
            let headers = response.headers();
            assert_eq!(
                value(headers, "content-security-policy"),
                "default-src 'self'; frame-src http://localhost:8787; \
                 script-src 'self' http://localhost:8787; connect-src 'self'; object-src 'none'; \
                 base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
                "{path}"
            );
            assert_eq!(
                value(headers, "x-content-type-options"),
                "nosniff",
                "{path}"
            );
            assert_eq!(
                value(headers, "cross-origin-resource-policy"),
                "same-origin",
                "{path}"
            );
            let is_asset = path.path() == "/assets/checkout.js";
            let cache = if is_asset { "no-cache" } else { "no-store" };
            assert_eq!(value(headers, "cache-control"), cache, "{path}");
        }
    }

    #[tokio::test]
    async fn pages_keep_to_their_own_policy() {
        let router = router();
        let added = router
            .clone()
            .oneshot(post("/cart", FORM, "product=desk&quantity=2"));
        let cookie = added.await.unwrap().headers()[header::SET_COOKIE].clone();
        for path in ["/", "/cart", "/checkout", "/nothing"] {
            let mut request = get(path);
            request.headers_mut().insert(header::COOKIE, cookie.clone());
            let html = text(router.clone().oneshot(request).await.unwrap()).await;
            for inline in [
                "<style",
                " style=",
                " onclick=",
                " onchange=",
                "javascript:",
            ] {
                assert!(!html.contains(inline), "{path} has {inline}");
            }
            for script in html.split("<script").skip(1) {
                let (attributes, rest) = script.split_once('>').unwrap();
                assert!(
                    attributes.contains("src=") && rest.starts_with("</script>"),
                    "{path}"
                );
            }
            assert_eq!(
                path == "/checkout",
                html.contains("integrity=\"sha384-AAAA\""),
                "{path}"
            );
        }
    }

    #[tokio::test]
    async fn the_cart_belongs_to_the_cookie_and_its_amounts_to_the_server() {
        let router = router();
        let form = "product=desk&quantity=2";
        let added = router
            .clone()
            .oneshot(post("/cart", FORM, form))
            .await
            .unwrap();
        assert_eq!(added.status(), StatusCode::SEE_OTHER);
        let cookie = added.headers()[header::SET_COOKIE]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");

        let mut known = get("/cart");
        known
            .headers_mut()
            .insert(header::COOKIE, cookie.parse().unwrap());
        let html = text(router.clone().oneshot(known).await.unwrap()).await;
        assert!(html.contains("<dd data-total>$4,900.00</dd>"), "{html}");
        let stranger = text(router.clone().oneshot(get("/cart")).await.unwrap()).await;
        assert!(stranger.contains("Your cart is empty"));

        for forged in [
            "product=desk&quantity=2&price=1",
            "product=desk&quantity=-1",
            "product=x",
        ] {
            let refused = router
                .clone()
                .oneshot(post("/cart", FORM, forged))
                .await
                .unwrap();
            assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{forged}");
        }
    }

    #[tokio::test]
    async fn an_id_that_the_server_did_not_make_gets_a_new_one() {
        let planted = format!("shop_session={}", "A".repeat(43));
        let mut request = post("/cart", FORM, "product=wax&quantity=1");
        request
            .headers_mut()
            .insert(header::COOKIE, planted.parse().unwrap());
        let response = router().oneshot(request).await.unwrap();
        let issued = response.headers()[header::SET_COOKIE].to_str().unwrap();
        assert!(!issued.contains(&planted), "{issued}");
    }

    #[tokio::test]
    async fn other_sites_cannot_post() {
        for (name, foreign) in [
            ("origin", "https://evil.example"),
            ("origin", "http://localhost:8787"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            let mut request = post("/cart", FORM, "product=wax&quantity=1");
            request.headers_mut().insert(name, foreign.parse().unwrap());
            let response = router().oneshot(request).await.unwrap();
            assert_eq!(
                response.status(),
                StatusCode::FORBIDDEN,
                "{name}: {foreign}"
            );
        }
        let mut own = post("/cart", FORM, "product=wax&quantity=1");
        own.headers_mut().insert("origin", SHOP.parse().unwrap());
        own.headers_mut()
            .insert("sec-fetch-site", "same-origin".parse().unwrap());
        assert_eq!(
            router().oneshot(own).await.unwrap().status(),
            StatusCode::SEE_OTHER
        );
    }

    #[tokio::test]
    async fn another_host_leads_to_the_registered_origin() {
        let mut request = get("/cart?x=1");
        request
            .headers_mut()
            .insert(header::HOST, "127.0.0.1:8080".parse().unwrap());
        let response = router().oneshot(request).await.unwrap();
        assert_eq!(
            value(response.headers(), "location"),
            "http://localhost:8080/cart?x=1"
        );

        let mut request = post("/cart", FORM, "product=wax&quantity=1");
        request
            .headers_mut()
            .insert(header::HOST, "rebound.example".parse().unwrap());
        let response = router().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::MISDIRECTED_REQUEST);
    }

    #[tokio::test]
    async fn a_verifier_that_is_down_is_said_without_details() {
        let router = router();
        let added = router
            .clone()
            .oneshot(post("/cart", FORM, "product=wax&quantity=1"));
        let cookie = added.await.unwrap().headers()[header::SET_COOKIE].clone();
        let mut request = post("/api/checkout", "application/json", "");
        request.headers_mut().insert(header::COOKIE, cookie);
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
        let body = text(response).await;
        assert!(body.contains("\"code\":\"verifier_failed\""), "{body}");
        assert!(!body.contains("127.0.0.1"), "{body}");
    }
}
