//! Scopes and roles by name, in bodies and in the interface's description.

use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

use super::{Permission, Role, Scope, Scopes};

/// A role of a merchant's server, by name.
#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(try_from = "String", into = "&'static str")]
pub struct ServerRole(&'static Role<Scope>);

impl ServerRole {
    /// What it grants.
    pub fn scopes(self) -> Scopes {
        Scopes::of(self.0.scopes)
    }
}

impl std::fmt::Debug for ServerRole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name)
    }
}

impl From<ServerRole> for &'static str {
    fn from(role: ServerRole) -> Self {
        role.0.name
    }
}

impl TryFrom<String> for ServerRole {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Role::named(&name).map(Self).ok_or("no role")
    }
}

impl From<Scope> for &'static str {
    fn from(scope: Scope) -> Self {
        scope.name()
    }
}

impl TryFrom<String> for Scope {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::parse(&name).ok_or("no scope")
    }
}

impl PartialSchema for Scope {
    fn schema() -> RefOr<Schema> {
        one_of(Self::NAMES.iter().map(|(_, name)| *name))
    }
}

impl ToSchema for Scope {}

impl PartialSchema for ServerRole {
    fn schema() -> RefOr<Schema> {
        one_of(Scope::ROLES.iter().map(|role| role.name))
    }
}

impl ToSchema for ServerRole {}

fn one_of(names: impl Iterator<Item = &'static str>) -> RefOr<Schema> {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(names));
    schema.build().into()
}
