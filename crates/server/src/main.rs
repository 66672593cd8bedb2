//! The program `lectern`.

fn main() -> std::process::ExitCode {
    lectern_server::run()
}
