//! People who sign in: a password, a second factor, and a browser that remembers them for a while.

mod account;
mod binding;
mod browser_session;
mod factor;
mod password;
mod sign_in;
mod totp;

pub use account::{PasswordNotChanged, change_password, change_second_factor, lock, unlock};
pub use binding::{bind, unbind};
pub use browser_session::{BrowserSession, SESSION_PREFIX};
pub use factor::{NewFactor, make_factor};
pub use password::{PasswordError, hash_password};
pub use sign_in::{SignIn, SignInFailure, SignIns};
