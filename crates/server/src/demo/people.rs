//! Who is in the demonstration. Addresses are those that are reserved for documentation (RFC 5737, RFC 3849, RFC 2606).

/// The password of everybody.
pub(crate) const PASSWORD: &str = "only for a demonstration";
/// The end of everybody's e-mail address, by which they are known.
pub(crate) const DOMAIN: &str = "@demo.example.org";

/// Somebody, and what there is of theirs.
pub(super) struct Person {
    pub(super) username: &'static str,
    pub(super) first_name: &'static str,
    pub(super) last_name: &'static str,
    pub(super) role: &'static str,
    /// On which they are signed in: what their programs call themselves, and from where.
    pub(super) devices: &'static [(&'static str, &'static str)],
    /// The changes of their balance, each with its reason. The first is never changed by another.
    pub(super) entries: &'static [(i64, &'static str)],
    /// The titles of their transcripts.
    pub(super) transcripts: &'static [&'static str],
}

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 \
                      (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                      Chrome/142.0.0.0 Safari/537.36";
const CURL: &str = "curl/8.14.1";

/// Everybody. The first is the administrator, who changes the others' balances.
pub(super) const PEOPLE: [Person; 5] = [
    Person {
        username: "demo-admin",
        first_name: "Ada",
        last_name: "Lovelace",
        role: "admin",
        devices: &[(FIREFOX, "192.0.2.10"), (CURL, "2001:db8::10")],
        entries: &[],
        transcripts: &[],
    },
    Person {
        username: "demo-operator",
        first_name: "Grace",
        last_name: "Hopper",
        role: "operator",
        devices: &[(CHROME, "192.0.2.20")],
        entries: &[],
        transcripts: &[],
    },
    Person {
        username: "demo-methodist",
        first_name: "Maria",
        last_name: "Montessori",
        role: "methodist",
        devices: &[(CHROME, "198.51.100.30"), (SAFARI, "203.0.113.30")],
        entries: &[(500, "Welcome"), (-120, "Two hours of lectures"), (50, "A complaint was right")],
        transcripts: &["The journey of water", "The journey of water, once more"],
    },
    Person {
        username: "demo-user",
        first_name: "Michael",
        last_name: "Faraday",
        role: "user",
        devices: &[(FIREFOX, "198.51.100.40"), (SAFARI, "203.0.113.40"), (CURL, "2001:db8::40")],
        entries: &[(100, "Welcome"), (-60, "An hour of lectures")],
        transcripts: &["A lecture about water"],
    },
    Person {
        username: "demo-reader",
        first_name: "Alexandra",
        last_name: "David-Néel",
        role: "read_only",
        devices: &[(SAFARI, "203.0.113.50")],
        entries: &[],
        transcripts: &[],
    },
];
