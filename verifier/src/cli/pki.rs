//! `verifier pki init|issue|renew|revoke`

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{CliError, say};
use crate::{
    clock::{Clock, SystemClock},
    pki::{Authority, Issued, Subject, Usage},
    rng::{Rng, SystemRng},
};

#[derive(Debug, Subcommand)]
pub(super) enum Pki {
    /// Make a private authority: ca.crt, ca.key, ca.crl.
    Init {
        #[command(flatten)]
        folder: Folder,
        /// Its name, in every certificate that it makes; no other authority may have it [default: "Waxseal
        /// private authority" and a random number].
        #[arg(long)]
        name: Option<String>,
        /// Days that it lasts.
        #[arg(long, default_value_t = 3650, value_parser = clap::value_parser!(u32).range(1..=36500))]
        days: u32,
    },
    /// Make a certificate and its key.
    Issue {
        #[command(flatten)]
        folder: Folder,
        #[command(flatten)]
        holder: Holder,
        /// The files to make: FILE.crt and FILE.key [default: the first name, in the authority's folder].
        #[arg(long)]
        out: Option<PathBuf>,
        #[command(flatten)]
        lifetime: Lifetime,
    },
    /// Make a certificate anew, in the place of one that this authority made.
    Renew {
        #[command(flatten)]
        folder: Folder,
        /// The certificates: each FILE.crt, with FILE.key beside it.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Only those that have so many days left at most.
        #[arg(long)]
        within_days: Option<u32>,
        /// With the same key: for whoever knows the holder by it.
        #[arg(long)]
        keep_key: bool,
        #[command(flatten)]
        lifetime: Lifetime,
    },
    /// Put certificates on the revocation list.
    Revoke {
        #[command(flatten)]
        folder: Folder,
        /// The certificates.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

#[derive(Args, Debug)]
pub(super) struct Folder {
    /// The authority's folder. Keep it away from the verifier's machine, but for ca.crt and ca.crl.
    #[arg(long, default_value = "pki")]
    dir: PathBuf,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(super) struct Holder {
    /// A listener: a host name or address under which it is called. May be repeated.
    #[arg(long = "server")]
    servers: Vec<String>,
    /// A server that calls: its name, such as shop-backend.
    #[arg(long)]
    client: Option<String>,
}

#[derive(Args, Debug)]
pub(super) struct Lifetime {
    /// Days that it lasts: a quarter, and some to spare.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=825))]
    days: u32,
}

impl Pki {
    pub(super) fn run(self) -> Result<(), CliError> {
        let (now, rng) = (SystemClock.now(), SystemRng::default());
        match self {
            Self::Init { folder, name, days } => {
                let name = name.map_or_else(|| own_name(&rng), Ok)?;
                Authority::create(&folder.dir, &name, days, now, &rng)?;
                say(&format!("made an authority in {}", folder.dir.display()));
            }
            Self::Issue {
                folder,
                holder,
                out,
                lifetime,
            } => {
                let subject = match holder.client {
                    Some(name) => Subject::new(Usage::Client, vec![name])?,
                    None => Subject::new(Usage::Server, holder.servers)?,
                };
                let files = out.unwrap_or_else(|| folder.dir.join(subject.name()));
                let files = Issued::at(&files);
                let authority = Authority::open(&folder.dir)?;
                authority.issue(&subject, &files, lifetime.days, now, &rng)?;
                say_made(&files);
            }
            Self::Renew {
                folder,
                files,
                within_days,
                keep_key,
                lifetime,
            } => {
                let authority = Authority::open(&folder.dir)?;
                for file in files {
                    let files = Issued::at(stem(&file)?);
                    let days_left = Authority::days_left(&files.certificate, now)?;
                    if within_days.is_some_and(|days| days_left > days.into()) {
                        let certificate = files.certificate.display();
                        say(&format!("kept {certificate}: {days_left} days are left"));
                        continue;
                    }
                    authority.renew(&files, keep_key, lifetime.days, now, &rng)?;
                    say_made(&files);
                }
            }
            Self::Revoke { folder, files } => {
                let authority = Authority::open(&folder.dir)?;
                for file in files {
                    let said = match authority.revoke(&file, now)? {
                        true => "is revoked",
                        false => "was revoked already",
                    };
                    say(&format!("{} {said}", file.display()));
                }
            }
        }
        Ok(())
    }
}

/// A listener that trusts two authorities finds each one's revocation list by its name.
fn own_name(rng: &dyn Rng) -> Result<String, CliError> {
    let number = rng
        .array::<8>()
        .map_err(|_| "the random number generator failed")?;
    let number = u64::from_be_bytes(number);
    Ok(format!("Waxseal private authority {number:016x}"))
}

fn stem(file: &Path) -> Result<&Path, CliError> {
    let text = file.to_str().and_then(|text| text.strip_suffix(".crt"));
    let text = text.ok_or_else(|| format!("{}: give a file that ends in .crt", file.display()))?;
    Ok(Path::new(text))
}

fn say_made(files: &Issued) {
    let (certificate, key) = (files.certificate.display(), files.key.display());
    say(&format!("made {certificate} and {key}"));
}
