//! One visit as it is stored and compared: digests alone.

use super::Component;

/// What the device is.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Form {
    /// Anything that is no phone.
    #[default]
    Computer,
    /// A phone or a tablet: of one model there are many that are alike.
    Phone,
}

/// What one visit told, as digests that mean something under the key of one merchant alone.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Visit {
    /// A phone or not.
    pub form: Form,
    /// The browser's major version; 0 where it is not known.
    pub browser_version: u16,
    /// Digests in the order of [`Component::ALL`]; 0 where there is nothing.
    pub digests: [u32; Component::COUNT],
}

/// First byte of what is stored.
const FORMAT: u8 = 1;
const HEAD: usize = 4;

impl Visit {
    /// The digest of a component that was told.
    pub fn digest(&self, component: Component) -> Option<u32> {
        Some(self.digests[component as usize]).filter(|digest| *digest != 0)
    }

    /// Components that were told.
    pub fn told(&self) -> usize {
        self.digests.iter().filter(|digest| **digest != 0).count()
    }

    /// As it is stored: the format, the form, the browser's version and the digests, lowest byte first.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![FORMAT, u8::from(self.form == Form::Phone)];
        bytes.extend_from_slice(&self.browser_version.to_le_bytes());
        bytes.extend(self.digests.iter().flat_map(|digest| digest.to_le_bytes()));
        bytes
    }

    /// What was stored; components that were added since are not there. `None` of another format.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (head, digests) = bytes.split_at_checked(HEAD)?;
        let &[FORMAT, form @ (0 | 1), low, high] = head else {
            return None;
        };
        let mut visit = Self {
            form: if form == 1 {
                Form::Phone
            } else {
                Form::Computer
            },
            browser_version: u16::from_le_bytes([low, high]),
            digests: [0; Component::COUNT],
        };
        if digests.len() % 4 != 0 {
            return None;
        }
        for (place, digest) in visit.digests.iter_mut().zip(digests.chunks_exact(4)) {
            let digest = digest.try_into().ok()?;
            *place = u32::from_le_bytes(digest);
        }
        Some(visit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_visits_are_read_for_ever() {
        let mut pinned = vec![1, 1, 131, 0];
        pinned.extend((1..=21_u8).flat_map(|digest| [digest, 0, 0, 1]));
        let read = Visit::from_bytes(&pinned).unwrap();
        assert_eq!(read.form, Form::Phone);
        assert_eq!(read.browser_version, 131);
        assert_eq!(read.digest(Component::Audio), Some(0x0100_0001));
        assert_eq!(read.digest(Component::Window), Some(0x0100_0015));
        assert_eq!(read.to_bytes(), pinned);
        // Of a build with fewer components, and with more.
        let fewer = Visit::from_bytes(&pinned[..8]).unwrap();
        assert_eq!(fewer.told(), 1);
        pinned.extend([7; 8]);
        assert_eq!(Visit::from_bytes(&pinned), Some(read));
    }

    #[test]
    fn what_is_no_visit_is_none() {
        for bytes in [
            &[][..],
            &[1, 0, 0],
            &[2, 0, 0, 0],
            &[1, 2, 0, 0],
            &[1, 0, 0, 0, 9],
        ] {
            assert_eq!(Visit::from_bytes(bytes), None);
        }
    }
}
