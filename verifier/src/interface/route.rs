//! One line of the router: method, path, who may call, handler, and what is to be said of it.

use std::sync::Arc;

use axum::{
    http::Method,
    routing::{MethodFilter, MethodRouter, on},
};
use waxseal_protocol::ErrorCode;

use super::{Access, Sketch, endpoint::Endpoint};
use crate::app::App;

/// Where a route is reached.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Listener {
    /// Operators' browsers and programs.
    Console,
    /// Servers.
    Private,
    /// The checkout's browsers.
    Public,
}

impl Listener {
    /// Every listener.
    pub const ALL: [Self; 3] = [Self::Console, Self::Private, Self::Public];

    /// Its name in the configuration and in the document.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::Private => "private",
            Self::Public => "public",
        }
    }
}

/// What is to be said of a route beyond its types.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Names the operation to clients that are generated.
    pub id: &'static str,
    /// One line.
    pub summary: &'static str,
    /// Codes that it may be refused with, beside those of its parts and of its caller.
    pub codes: &'static [ErrorCode],
}

/// A route. There is no way to make one that does not say who may call it.
pub struct Route {
    /// Its method.
    pub method: Method,
    /// Its template.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// What is to be said of it.
    pub about: About,
    /// What its handler's types say.
    pub sketch: Sketch,
    /// Its handler, which asks for no caller by itself.
    pub(crate) handler: MethodRouter<Arc<App>>,
}

/// A `DELETE`.
pub fn delete<T, E>(path: &'static str, access: Access, endpoint: E, about: About) -> Route
where
    T: 'static,
    E: Endpoint<T>,
{
    route(
        Method::DELETE,
        MethodFilter::DELETE,
        path,
        access,
        endpoint,
        about,
    )
}

/// A `GET`, and `HEAD` with it.
pub fn get<T, E>(path: &'static str, access: Access, endpoint: E, about: About) -> Route
where
    T: 'static,
    E: Endpoint<T>,
{
    route(
        Method::GET,
        MethodFilter::GET,
        path,
        access,
        endpoint,
        about,
    )
}

/// A `PATCH`.
pub fn patch<T, E>(path: &'static str, access: Access, endpoint: E, about: About) -> Route
where
    T: 'static,
    E: Endpoint<T>,
{
    route(
        Method::PATCH,
        MethodFilter::PATCH,
        path,
        access,
        endpoint,
        about,
    )
}

/// A `POST`.
pub fn post<T, E>(path: &'static str, access: Access, endpoint: E, about: About) -> Route
where
    T: 'static,
    E: Endpoint<T>,
{
    route(
        Method::POST,
        MethodFilter::POST,
        path,
        access,
        endpoint,
        about,
    )
}

fn route<T, E>(
    method: Method,
    filter: MethodFilter,
    path: &'static str,
    access: Access,
    endpoint: E,
    about: About,
) -> Route
where
    T: 'static,
    E: Endpoint<T>,
{
    let mut sketch = Sketch::default();
    E::describe(&mut sketch);
    Route {
        method,
        path,
        access,
        about,
        sketch,
        handler: on(filter, endpoint),
    }
}
