//! A real editor: Neovim without a screen opens a profile and shows what is wrong with it.

use std::fs;
use std::process::Command;

use crate::profile;
use crate::support::folder;

/// What somebody writes who has an old Neovim; newer ones have less to write (docs/editor.md).
const CONFIGURATION: &str = r#"
local id = vim.lsp.start_client({ name = "seccfg", cmd = { vim.env.SECCFG, "lsp" }, root_dir = vim.fn.getcwd() })
vim.lsp.buf_attach_client(0, id)
local function shown() return #vim.diagnostic.get(0) > 0 end
if not vim.wait(20000, shown, 20) then
  print("nothing is shown")
  vim.cmd("cquit!")
end
for _, one in ipairs(vim.diagnostic.get(0)) do
  io.stdout:write(one.code .. " " .. (one.lnum + 1) .. " " .. one.source .. "\n")
end
local params = vim.lsp.util.make_position_params()
params.position = { line = 0, character = 0 }
local answers = vim.lsp.buf_request_sync(0, "textDocument/completion", params, 20000)
io.stdout:write(#answers[id].result.items > 5 and "offers\n" or "no offers\n")
vim.lsp.stop_client(id)
vim.cmd("qall!")
"#;

#[test]
fn neovim_shows_the_finding() {
    let folder = folder();
    let text = format!(
        "\n{}",
        profile("").replace("include_subdomains = true", "include_subdomains = true\nmax_age = \"30d\"")
    );
    let line = text.lines().position(|line| line.starts_with("max_age")).expect("it is there") + 1;
    fs::write(folder.path().join("security.toml"), text).expect("a file can be written");
    fs::write(folder.path().join("try.lua"), CONFIGURATION).expect("a file can be written");
    let output = Command::new("nvim")
        .args(["--headless", "--clean", "-n", "security.toml", "-c", "luafile try.lua"])
        .current_dir(folder.path())
        .env_clear()
        .env("HOME", folder.path())
        .env("PATH", "/usr/bin:/bin")
        .env("SECCFG", env!("CARGO_BIN_EXE_seccfg"))
        .output()
        .expect("Neovim is installed (scripts/setup)");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
    assert!(
        said.contains(&format!("HST001 {line} seccfg")) && said.contains("offers") && !said.contains("no offers"),
        "{said}"
    );
}
