//! Named lists, for operators.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;
use waxseal_protocol::ErrorCode;

use super::{occasion::occasion, page::PageLimit};
use crate::{
    app::App,
    http::{PathOf, Peer, Problem, StrictJson, StrictQuery},
    identity::Operator,
    interface::{About, Created, NoContent},
    lists::{
        self, EntryDetails, EntryPage, EntryRequest, ListDetails, ListPage, ListRequest, NewEntry,
    },
    mode::Mode,
};

pub(crate) const CREATE: About = About {
    id: "createList",
    summary: "Make a list that rules may ask",
    codes: &[ErrorCode::ListKindConflict],
};
pub(crate) const DELETE: About = About {
    id: "deleteList",
    summary: "Take a list away, with its entries",
    codes: &[ErrorCode::ListInUse],
};
pub(crate) const ENTRIES: About = About {
    id: "listEntries",
    summary: "Read entries of a list, oldest first",
    codes: &[],
};
pub(crate) const LIST: About = About {
    id: "listLists",
    summary: "Read all lists",
    codes: &[],
};
pub(crate) const PUT: About = About {
    id: "putEntry",
    summary: "Put an entry on a list, or give it another end",
    codes: &[ErrorCode::MerchantUnknown],
};
pub(crate) const READ: About = About {
    id: "readList",
    summary: "Read a list without its entries",
    codes: &[],
};
pub(crate) const REMOVE: About = About {
    id: "removeEntry",
    summary: "Take an entry off a list",
    codes: &[],
};

/// Query of [`entries`].
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct EntryQuery {
    /// The former page's `next_cursor`.
    #[serde(default)]
    after: String,
    /// Entries on a page, 20 if left out.
    #[serde(default)]
    #[param(value_type = u32, required = false, minimum = 1, maximum = 100)]
    limit: PageLimit,
}

/// `GET /v1/lists`
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    _: Operator,
) -> Result<Json<ListPage>, Problem> {
    lists::lists(&app).await.map(Json)
}

/// `POST /v1/lists`: one that is there with entries of that kind stays as it is.
///
/// # Errors
/// `request_invalid`, `list_kind_conflict`.
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    operator: Operator,
    peer: Peer,
    StrictJson(request): StrictJson<ListRequest>,
) -> Result<Created<ListDetails>, Problem> {
    let occasion = occasion(&app, operator, peer);
    lists::create_list(&app, request, occasion)
        .await
        .map(Created)
}

/// `GET /v1/lists/{list}`
///
/// # Errors
/// `not_found`.
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    _: Operator,
    PathOf(name): PathOf<String>,
) -> Result<Json<ListDetails>, Problem> {
    lists::list(&app, name).await.map(Json)
}

/// `DELETE /v1/lists/{list}`
///
/// # Errors
/// `not_found`, `list_in_use`.
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    operator: Operator,
    peer: Peer,
    PathOf(name): PathOf<String>,
) -> Result<NoContent, Problem> {
    let occasion = occasion(&app, operator, peer);
    let deleted = app.store.write("delete_list", move |tx| {
        lists::delete_list(tx, &name, &occasion)
    });
    deleted.await??;
    app.lists.refresh(&app.store, app.keyring()).await?;
    Ok(NoContent)
}

/// `GET /v1/lists/{list}/entries`
///
/// # Errors
/// `request_invalid`, `not_found`.
pub(crate) async fn entries(
    State(app): State<Arc<App>>,
    _: Operator,
    PathOf(name): PathOf<String>,
    StrictQuery(query): StrictQuery<EntryQuery>,
) -> Result<Json<EntryPage>, Problem> {
    let limit = query.limit.rows();
    lists::entries(&app, name, query.after, limit)
        .await
        .map(Json)
}

/// `POST /v1/lists/{list}/entries`: a value that is on the list already gets the new reason and end.
///
/// # Errors
/// `request_invalid`, `not_found`, `merchant_unknown`.
pub(crate) async fn put(
    State(app): State<Arc<App>>,
    operator: Operator,
    peer: Peer,
    PathOf(name): PathOf<String>,
    StrictJson(request): StrictJson<EntryRequest>,
) -> Result<Created<EntryDetails>, Problem> {
    let occasion = occasion(&app, operator, peer);
    let entry = NewEntry::check(&name, request, occasion.at)?;
    let (keys, rng) = (app.keys_of(Mode::Live), Arc::clone(&app.rng));
    let put = app.store.write("put_entry", move |tx| {
        lists::put_entry(tx, &keys, &*rng, &entry, &occasion)
    });
    let entry = put.await??;
    app.lists.refresh(&app.store, app.keyring()).await?;
    Ok(Created(entry))
}

/// `DELETE /v1/lists/{list}/entries/{id}`
///
/// # Errors
/// `not_found`.
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    operator: Operator,
    peer: Peer,
    PathOf((name, id)): PathOf<(String, String)>,
) -> Result<NoContent, Problem> {
    let occasion = occasion(&app, operator, peer);
    let removed = app.store.write("remove_entry", move |tx| {
        lists::remove_entry(tx, &name, &id, &occasion)
    });
    if !removed.await? {
        return Err(ErrorCode::NotFound.into());
    }
    app.lists.refresh(&app.store, app.keyring()).await?;
    Ok(NoContent)
}
