//! Merchants and their clients, as operators keep them. Every change is in the audit.

mod clients;
mod merchants;
mod name;
mod once;

pub use clients::{
    ClientChange, ClientDetails, ClientPage, ClientRequest, ClientWithSecret, change_client,
    client, clients, create_client, insert_client, revoke_client, rotate_secret,
};
pub use merchants::{
    MerchantChange, MerchantDetails, MerchantPage, MerchantRequest, Origins, change_merchant,
    create_merchant, insert_merchant, merchant, merchants,
};
pub use name::Name;
