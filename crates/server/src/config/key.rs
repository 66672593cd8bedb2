//! What a setting is, and how names are looked up.

use super::keys::ALL;

/// A setting.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    /// Its name in the file; in capitals and with [`VARIABLE_PREFIX`], that of its variable.
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) unset: Unset,
    /// A value that it can have, where there is no default to show.
    pub(super) example: Option<&'static str>,
    /// What it is for, in sentences, each line of which begins with a space.
    pub(super) about: &'static str,
    /// The heading that it stands under.
    pub(super) group: &'static str,
}

/// What it looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    /// Shown without the password in it; can also be given as a file.
    Url,
    /// Never shown; can also be given as a file.
    Secret,
}

/// What holds where nobody set it. `{data_dir}` and `{secrets_dir}` stand for the values of those settings.
#[derive(Debug, Clone, Copy)]
pub(super) enum Unset {
    /// This value.
    Default(&'static str),
    /// What these words say.
    Means(&'static str),
}

/// What the names of variables begin with.
pub(super) const VARIABLE_PREFIX: &str = "LECTERN_";
/// The variable that names the configuration file. It is no setting: the file can't name itself.
pub(super) const FILE_VARIABLE: &str = "LECTERN_CONFIG";
/// The end of the name of the setting that names the file which holds another.
pub(super) const FILE_SUFFIX: &str = "_file";

/// What a name is.
pub(super) enum Known {
    Setting,
    /// No setting; perhaps this one was meant.
    No(Option<String>),
}

/// Looks a name up, in the spelling of the file.
pub(super) fn look_up(name: &str) -> Known {
    if names().any(|known| known == name) {
        return Known::Setting;
    }
    // A slip of the pen changes at most every third letter.
    let distance = |known: &String| strsim::damerau_levenshtein(known, name);
    let nearest = names().min_by_key(distance);
    Known::No(nearest.filter(|known| distance(known) <= known.len() / 3))
}

/// Every name that can be written.
fn names() -> impl Iterator<Item = String> {
    ALL.iter().flat_map(|key| {
        let file = key.kind.may_be_a_file().then(|| key.file_name());
        [Some(key.name.to_owned()), file].into_iter().flatten()
    })
}

impl Key {
    /// The name of the setting that names the file which holds this one.
    pub(super) fn file_name(self) -> String {
        format!("{}{FILE_SUFFIX}", self.name)
    }

    /// The variable that sets it.
    pub(super) fn variable(self) -> String {
        format!("{VARIABLE_PREFIX}{}", self.name.to_uppercase())
    }

    /// The variable that names the file which holds it.
    pub(super) fn file_variable(self) -> String {
        format!("{VARIABLE_PREFIX}{}", self.file_name().to_uppercase())
    }

    /// What it is for, line by line.
    pub(super) fn lines(self) -> impl Iterator<Item = &'static str> {
        self.about.lines().map(|line| line.strip_prefix(' ').unwrap_or(line))
    }
}

impl Kind {
    /// Whether there is a setting that names a file which holds the value.
    pub(super) const fn may_be_a_file(self) -> bool {
        matches!(self, Self::Secret | Self::Url)
    }
}
