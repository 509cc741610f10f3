//! The `seccfg` program.

fn main() -> std::process::ExitCode {
    seccfg::cli::main()
}
