//! Generated pages of `docs/` say what the code says.

use crate::sources::{root, under};
use tributary::app::lifecycles;

const HEAD: &str = "# Lifecycles\n\nGenerated from the tables in `src/grants/*/rules.rs`, `src/people/rules.rs`, `src/bank/rules.rs` and `src/core/policy.rs`: run the tests with\n`TRIBUTARY_BLESS=1` after changing one. A hold is a flag beside the stage; late, sealed and reconciled are derived, not stages.\n\n";

#[test]
#[allow(clippy::disallowed_methods, reason = "the one switch of the tests")]
fn the_page_of_lifecycles_is_the_tables() {
    let path = root().join("docs/lifecycle.md");
    let wanted = format!("{HEAD}{}", lifecycles().join("\n"));
    if std::env::var("TRIBUTARY_BLESS").is_ok_and(|text| text == "1") {
        std::fs::write(&path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == wanted, "docs/lifecycle.md is not what the tables say: run with TRIBUTARY_BLESS=1");
}

#[test]
fn the_table_of_settings_is_the_settings() {
    let config = std::fs::read_to_string(root().join("src/config.rs")).unwrap();
    let (_, stored) = config.split_once("struct Stored {").unwrap();
    let (stored, _) = stored.split_once('}').unwrap();
    let keys: Vec<&str> = stored.lines().filter_map(|line| line.trim().split_once(':')).map(|(key, _)| key).collect();
    let page = std::fs::read_to_string(root().join("docs/operations.md")).unwrap();
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.contains("`TRIBUTARY_"))
        .map(|line| line.split('|').map(|cell| cell.trim().trim_matches('`')).collect())
        .collect();
    let written: Vec<&str> = rows.iter().map(|row| row[1]).collect();
    assert_eq!(written, keys, "docs/operations.md names other settings than src/config.rs");
    for row in rows {
        assert_eq!(row[2], format!("TRIBUTARY_{}", row[1].to_uppercase()));
    }
}

#[test]
fn every_function_and_file_the_map_names_is_there() {
    let files = [under("src", &[".rs"]), under("entities/src", &[".rs"])].concat();
    let rust: String = files.iter().map(|file| file.text.as_str()).collect();
    let mut missing = Vec::new();
    for name in ["docs/ARCHITECTURE.md", "CONTRIBUTING.md", "docs/operations.md", "README.md"] {
        let page = std::fs::read_to_string(root().join(name)).unwrap();
        for named in page.split('`').skip(1).step_by(2) {
            let is_path = named.contains('/') && !named.contains([' ', '*', ':', '$', '<', '…', '{']);
            let house = ["src/", "docs/", "tests/", "templates/", "locales/"].iter().any(|at| named.starts_with(at));
            if is_path && house && !root().join(named).exists() {
                missing.push(format!("{name}: {named}"));
            }
            let path: Vec<&str> = named.split("::").collect();
            let plain = path.iter().all(|part| part.chars().all(|c| c.is_alphanumeric() || c == '_'));
            let variant = path[0] == "Error";
            if path.len() > 1 && plain && !variant && !path.last().is_some_and(|last| stands(&rust, last)) {
                missing.push(format!("{name}: {named}"));
            }
        }
    }
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
}

#[test]
fn every_lifecycle_is_on_the_page() {
    let tables: usize =
        under("src", &[".rs"]).iter().map(|file| file.code_text().matches(": Lifecycle<").count()).sum();
    assert_eq!(tables, lifecycles().len(), "a table is missing in grants::lifecycles");
}

/// Whether something of this name is declared in the sources.
fn stands(rust: &str, name: &str) -> bool {
    // The words of `kinds` are declared in one macro, each as its name and its body.
    let in_kinds = rust.contains(&format!("\n    {name} {{\n"));
    in_kinds
        || ["fn ", "mod ", "enum ", "struct ", "const ", "type "].iter().any(|kind| {
            let declared = format!("{kind}{name}");
            rust.match_indices(&declared)
                .any(|(at, _)| !rust[at + declared.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        })
}
