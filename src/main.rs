//! The program; what it does stands in [`tributary::commands`].

fn main() -> std::process::ExitCode {
    tributary::commands::run()
}
