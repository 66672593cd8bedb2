//! Fields of patches.

use std::fmt::Display;

use lectern_application::accounts::Change;
use serde::{Deserialize, Deserializer};

use crate::problem::Fields;

/// A field of a patch: null is a value, and absence is none.
#[derive(Default)]
pub(super) enum Patch {
    /// It was left out.
    #[default]
    Absent,
    /// It was given, or is to be taken away.
    Given(Option<String>),
}

impl<'de> Deserialize<'de> for Patch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self::Given)
    }
}

impl Patch {
    /// The change it asks for.
    pub(super) fn change<'a, T, E: Display>(
        &'a self,
        fields: &mut Fields,
        pointer: &str,
        parse: impl FnOnce(&'a str) -> Result<T, E>,
    ) -> Change<T> {
        match self {
            Self::Absent => Change::Keep,
            Self::Given(text) => Change::To(fields.optional(pointer, text.as_deref(), parse)),
        }
    }
}
