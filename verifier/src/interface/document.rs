//! The OpenAPI document (OpenAPI Specification 3.1), made of the routes.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Bytes;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ComponentsBuilder, ContentBuilder, HttpMethod, InfoBuilder, LicenseBuilder, ObjectBuilder,
        OpenApi, OpenApiBuilder, PathsBuilder, Ref, RefOr, Required, Response, ResponseBuilder,
        ResponsesBuilder, Schema, SecurityRequirement, Type,
        header::HeaderBuilder,
        path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn},
        request_body::RequestBodyBuilder,
        schema::AllOfBuilder,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
        tag::TagBuilder,
    },
};
use waxseal_protocol::ErrorCode;

use super::{Access, Listener, Route, sketch::Success};
use crate::http::Details;

const DESCRIPTION: &str = include_str!("description.md");

/// How any route may fail.
const OF_EVERY_ROUTE: [ErrorCode; 3] = [
    ErrorCode::Internal,
    ErrorCode::RateLimited,
    ErrorCode::Unavailable,
];

/// Parts of paths: name, pattern, meaning.
const PATH_PARTS: [(&str, &str, &str); 6] = [
    (
        "file",
        "^[^/]+$",
        "One of the files that `manifest.json` names.",
    ),
    ("id", "^[^/]+$", "The id that an answer has named."),
    (
        "list",
        "^[a-z][a-z0-9_]{0,62}$",
        "Name of a list, without the sign.",
    ),
    (
        "name",
        "^[^/]+$",
        "One of the files that the document names.",
    ),
    (
        "reference",
        "^[!-~]{1,64}$",
        "The merchant's reference to the customer.",
    ),
    (
        "version",
        "^v[0-9]+\\.[0-9]+\\.[0-9]+$",
        "The SDK's version.",
    ),
];

/// The document, as JSON that is shared by all who ask for it.
#[derive(Clone)]
pub struct Document(Bytes);

impl Document {
    /// Describes what the listeners answer.
    pub fn of(listeners: impl IntoIterator<Item = (Listener, Vec<Route>)>) -> Self {
        let mut all: BTreeMap<(&str, HttpMethod), (Route, Vec<Listener>)> = BTreeMap::new();
        for (listener, routes) in listeners {
            for route in routes {
                let method = method_of(&route);
                let entry = all.entry((route.path, method));
                entry.or_insert((route, Vec::new())).1.push(listener);
            }
        }
        let mut json = serde_json::to_vec_pretty(&describe(all)).unwrap_or_default();
        json.push(b'\n');
        Self(json.into())
    }

    /// The JSON.
    pub fn json(&self) -> Bytes {
        self.0.clone()
    }
}

fn method_of(route: &Route) -> HttpMethod {
    match route.method.as_str() {
        "DELETE" => HttpMethod::Delete,
        "PATCH" => HttpMethod::Patch,
        "POST" => HttpMethod::Post,
        _ => HttpMethod::Get,
    }
}

fn describe(all: BTreeMap<(&str, HttpMethod), (Route, Vec<Listener>)>) -> OpenApi {
    let mut paths = PathsBuilder::new();
    let mut components = ComponentsBuilder::new().schema("Problem", Details::schema());
    let mut further = Vec::new();
    Details::schemas(&mut further);
    for ((path, method), (mut route, listeners)) in all {
        further.append(&mut route.sketch.schemas);
        let operation = operation(route, &listeners);
        paths = paths.path(path, utoipa::openapi::PathItem::new(method, operation));
    }
    for (name, schema) in further {
        components = components.schema(name, schema);
    }
    for code in ErrorCode::ALL.iter().filter(|code| code.http_status() > 0) {
        let answer = problem(code.http_status(), &[code.as_str()]);
        components = components.response(code.as_str(), answer);
    }
    for (name, scheme) in security_schemes() {
        components = components.security_scheme(name, scheme);
    }
    let info = InfoBuilder::new()
        .title("Waxseal verifier")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .license(Some(
            LicenseBuilder::new()
                .name("Apache-2.0")
                .identifier(Some("Apache-2.0"))
                .build(),
        ));
    let tags = [
        ("console", "Operators' browsers."),
        ("private", "Merchants' servers, and operators' programs."),
        ("public", "The checkout's browsers."),
    ];
    let tags =
        tags.map(|(name, text)| TagBuilder::new().name(name).description(Some(text)).build());
    OpenApiBuilder::new()
        .info(info.build())
        .tags(Some(tags))
        .paths(paths)
        .components(Some(components.build()))
        .build()
}

fn security_schemes() -> [(&'static str, SecurityScheme); 6] {
    let http = |scheme: HttpBuilder, text: &str| {
        SecurityScheme::Http(scheme.description(Some(text)).build())
    };
    let basic = || HttpBuilder::new().scheme(HttpAuthScheme::Basic);
    let bearer = || {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
        scheme.bearer_format("JWT")
    };
    let bound = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(
        "Authorization",
        "`DPoP ` and an access token that is bound to a key, with a proof of that key in the header `DPoP` \
         (RFC 9449).",
    )));
    let certificate = SecurityScheme::MutualTls {
        description: Some("A certificate that the client is known by.".to_owned()),
        extensions: None,
    };
    [
        (
            "access_token",
            http(
                bearer(),
                "An access token of `/oauth/token` (RFC 6750), over the certificate's connection if it is bound to one.",
            ),
        ),
        ("bound_access_token", bound),
        ("client", http(basic(), "A client's id and secret.")),
        ("client_certificate", certificate),
        (
            "client_token",
            http(bearer(), "The client token of one session."),
        ),
        ("operator", http(basic(), "An operator's id and secret.")),
    ]
}

fn operation(route: Route, listeners: &[Listener]) -> Operation {
    let Route {
        path,
        access,
        about,
        sketch,
        ..
    } = route;
    let codes: BTreeSet<&str> = OF_EVERY_ROUTE
        .iter()
        .chain(access.refusals())
        .chain(about.codes)
        .chain(&sketch.codes)
        // A proxy that names no customer is refused.
        .chain(
            listeners
                .contains(&Listener::Public)
                .then_some(&ErrorCode::RequestInvalid),
        )
        .map(|code| code.as_str())
        .collect();
    let mut operation = OperationBuilder::new()
        .operation_id(Some(about.id))
        .summary(Some(about.summary))
        .responses(responses(&codes, sketch.success));
    for listener in listeners {
        operation = operation.tag(listener.as_str());
    }
    for parameter in path_parameters(path).chain(sketch.parameters) {
        operation = operation.parameter(parameter);
    }
    if let Some(schema) = sketch.body {
        let content = ContentBuilder::new().schema(Some(schema)).build();
        let body = RequestBodyBuilder::new()
            .content("application/json", content)
            .required(Some(Required::True));
        operation = operation.request_body(Some(body.build()));
    }
    let proofs = schemes(access).iter();
    let scope = access.scope();
    let proofs = proofs.map(|scheme| SecurityRequirement::new(*scheme, scope));
    proofs.fold(operation, OperationBuilder::security).build()
}

/// How a caller may prove who it is: by any one of these. OpenAPI 3.1 lets any scheme name what it wants: a
/// scope, as OAuth's schemes do.
const fn schemes(access: Access) -> &'static [&'static str] {
    match access {
        Access::Anyone => &[],
        Access::Frame => &["client_token"],
        Access::Operator(_) => &["operator", "access_token", "bound_access_token"],
        Access::Server(_) => &[
            "client",
            "client_certificate",
            "access_token",
            "bound_access_token",
        ],
    }
}

fn path_parameters(path: &str) -> impl Iterator<Item = Parameter> {
    let names = path.split('{').skip(1);
    names.filter_map(|rest| {
        let (name, _) = rest.split_once('}')?;
        let known = PATH_PARTS.iter().find(|(known, ..)| *known == name);
        let (_, pattern, meaning) = known?;
        let schema = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(*pattern));
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some(*meaning))
            .schema(Some(schema));
        Some(parameter.build())
    })
}

fn responses(codes: &BTreeSet<&str>, success: Option<Success>) -> utoipa::openapi::Responses {
    let mut responses = ResponsesBuilder::new();
    if let Some(Success { status, content }) = success {
        let mut answer =
            ResponseBuilder::new().description(status.canonical_reason().unwrap_or_default());
        if let Some((kind, schema)) = content {
            answer = answer.content(kind, ContentBuilder::new().schema(Some(schema)).build());
        }
        responses = responses.response(status.as_str(), answer);
    }
    for (status, codes) in by_status(codes) {
        let answer: RefOr<Response> = match codes[..] {
            [code] => Ref::from_response_name(code).into(),
            _ => problem(status, &codes).into(),
        };
        responses = responses.response(status.to_string(), answer);
    }
    responses.build()
}

fn by_status<'c>(codes: &BTreeSet<&'c str>) -> BTreeMap<u16, Vec<&'c str>> {
    let mut by_status: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for code in ErrorCode::ALL {
        if let Some(name) = codes.get(code.as_str()) {
            by_status.entry(code.http_status()).or_default().push(name);
        }
    }
    by_status
}

/// Problem details with one of these codes.
fn problem(status: u16, codes: &[&str]) -> Response {
    let code = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(codes.iter().copied()));
    let narrowed = ObjectBuilder::new().property("code", code);
    let schema: RefOr<Schema> = AllOfBuilder::new()
        .item(Ref::from_schema_name("Problem"))
        .item(narrowed)
        .into();
    let names: Vec<_> = codes.iter().map(|code| format!("`{code}`")).collect();
    let mut response = ResponseBuilder::new()
        .description(names.join(", "))
        .content(
            "application/problem+json",
            ContentBuilder::new().schema(Some(schema)).build(),
        );
    let header = |text: &str| {
        let schema = ObjectBuilder::new().schema_type(Type::String);
        HeaderBuilder::new()
            .schema(schema)
            .description(Some(text))
            .build()
    };
    if status == 401 {
        response = response.header("WWW-Authenticate", header("How to authenticate."));
    }
    if matches!(status, 429 | 503) {
        response = response.header("Retry-After", header("Seconds."));
    }
    response.build()
}
