//! Generated pages of `docs/` say what the code says.

use crate::sources::root;
use tributary::grants::lifecycles;

const HEAD: &str = "# Lifecycles\n\nGenerated from the tables in `src/grants/*/rules.rs` and `src/people`: run the tests with `TRIBUTARY_BLESS=1` after changing\none. A hold is a flag beside the stage; late, sealed and reconciled are derived, not stages.\n\n";

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
