//! The interpreter with the packages that tests import.

use std::{env, ffi::OsString};

/// The variable that names it.
const VARIABLE: &str = "LECTERN_TEST_PYTHON";

/// It.
pub(crate) fn interpreter() -> OsString {
    let python = env::var_os(VARIABLE);
    assert!(
        python.is_some(),
        "no {VARIABLE}, which names a Python with aiosmtpd and pika: run `cargo xtask test`"
    );
    python.unwrap()
}
