//! What is shown of settings that hold secrets.

/// What stands for a secret.
pub(super) const MASK: &str = "***";

/// A URL as it can be shown. Who speaks to a server is masked whole: a name may be half of a secret. So is what only looks
/// like a URL.
pub(crate) fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return MASK.to_owned() };
    let (place, query) = rest.split_once('?').map_or((rest, None), |(place, query)| (place, Some(query)));
    let place =
        place.rsplit_once('@').map_or_else(|| place.to_owned(), |(_, place)| format!("{MASK}@{place}"));
    let query = query.map(|_| format!("?{MASK}")).unwrap_or_default();
    format!("{scheme}://{place}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_shown_without_the_passwords_in_them() {
        let shown = [
            ("sqlite://./data/lectern.db", "sqlite://./data/lectern.db"),
            ("postgres://db:5432/lectern", "postgres://db:5432/lectern"),
            ("postgres://me:s3cr3t@db/lectern", "postgres://***@db/lectern"),
            ("postgres://me:s3c@r3t@db/lectern?password=s3cr3t", "postgres://***@db/lectern?***"),
            ("s3cr3t", "***"),
        ];
        for (text, expected) in shown {
            assert_eq!(without_password(text), expected, "{text}");
        }
    }
}
