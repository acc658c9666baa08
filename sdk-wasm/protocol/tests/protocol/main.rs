//! The protocol crate from outside: published vectors, tampered envelopes, properties, and an
//! envelope that must open for ever.

#[cfg(test)]
mod fixture;

#[cfg(test)]
mod envelope;
#[cfg(test)]
mod header;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod pinned;
#[cfg(test)]
mod plaintext;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod record;
#[cfg(test)]
mod signals;
#[cfg(test)]
mod size;
#[cfg(test)]
mod vectors;
