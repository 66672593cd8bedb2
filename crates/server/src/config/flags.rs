//! The flags that are settings.

use clap::{Args, Command};

/// A setting given on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flag {
    /// The flag's name, without dashes before it.
    pub(super) name: &'static str,
    /// The setting.
    pub(super) key: &'static str,
    pub(super) value: String,
}

impl Flag {
    /// A flag, if it was given.
    pub(crate) fn given(name: &'static str, key: &'static str, value: Option<&String>) -> Option<Self> {
        value.map(|value| Self { name, key, value: value.clone() })
    }
}

/// The flag of `lectern serve` that sets what is called `key`.
pub(super) fn flag_of(key: &str) -> Option<String> {
    let groups = [
        CommonFlags::augment_args,
        StoreFlags::augment_args,
        ServerFlags::augment_args,
        RecognizerFlags::augment_args,
        ChunkFlags::augment_args,
    ];
    let all = groups.into_iter().fold(Command::new("all"), |command, add| add(command));
    all.get_arguments().find(|flag| flag.get_id() == key)?.get_long().map(|name| format!("--{name}"))
}

/// Declares a group of flags, each the setting of its field's name. They are known to the commands below, too.
macro_rules! flags {
    ($(#[$doc:meta])* $group:ident { $($(#[$about:meta])* $field:ident, $flag:literal, $value:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, Args)]
        pub(crate) struct $group {
            $($(#[$about])* #[arg(long = $flag, value_name = $value, global = true)] $field: Option<String>,)*
        }

        impl $group {
            /// Those that were given.
            pub(crate) fn given(&self) -> Vec<Flag> {
                [$(Flag::given($flag, stringify!($field), self.$field.as_ref())),*].into_iter().flatten().collect()
            }
        }
    };
}

flags! {
    /// What every command takes.
    CommonFlags {
        /// What is logged, such as `info` or `warn,lectern_application=debug`
        log, "log", "FILTER";
        /// How it is logged: pretty or json
        log_format, "log-format", "FORMAT";
    }
}

flags! {
    /// What everything that opens the server's folder and database takes.
    StoreFlags {
        /// Folder of the database, recordings, keys and secrets
        data_dir, "data-dir", "DIR";
        /// Folder of keys and generated secrets, which replicas share [default: the data folder]
        secrets_dir, "secrets-dir", "DIR";
        /// Where the database is
        database_url, "database-url", "URL";
    }
}

flags! {
    /// What the server takes.
    ServerFlags {
        /// Address and port to listen on; port 0 takes any that is free
        listen, "listen", "ADDRESS";
        /// The address under which people reach the server
        public_url, "public-url", "URL";
        /// Where recordings are kept
        audio_url, "audio-url", "URL";
        /// Whether this process also transcribes: embedded or off
        worker, "worker", "WHERE";
    }
}

flags! {
    /// What everything that recognises speech takes.
    RecognizerFlags {
        /// The recogniser: auto, pocketsphinx, command or none
        recognizer, "recognizer", "NAME";
        /// The recogniser's command line, with {wav} for the recording's path
        recognizer_command, "recognizer-command", "COMMAND";
    }
}

flags! {
    /// What everything that cuts recordings takes.
    ChunkFlags {
        /// How long the pieces are that are recognised at once
        chunk_seconds, "chunk-seconds", "SECONDS";
    }
}
