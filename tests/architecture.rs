//! The rules of CONTRIBUTING.md, read from the sources: which way imports run, and where the world may be touched.

use crate::sources::{Source, under};
use std::collections::{BTreeMap, BTreeSet};

/// A rule: where it holds, what must not stand there, and why.
struct Rule {
    /// Which files.
    within: fn(&str) -> bool,
    /// Texts that break it.
    never: &'static [&'static str],
    /// The rule in words.
    says: &'static str,
}

/// Pages too large for the `view.rs` of their room, which stand beside it.
const PAGES: [&str; 10] = [
    "acts.rs",
    "checks.rs",
    "edit.rs",
    "form.rs",
    "hold_pages.rs",
    "list.rs",
    "mine.rs",
    "notices.rs",
    "sheets.rs",
    "words.rs",
];

/// The folders that own tables and change them: their files are rules, services, pages or routes.
const ROOMS: [&str; 6] = ["src/bank/", "src/commons/", "src/desk/", "src/grants/", "src/ledger/", "src/people/"];

fn is_routes(path: &str) -> bool {
    path.ends_with("/routes.rs") || path.contains("/routes/")
}

fn is_page(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    // A page that became a folder keeps its name.
    let folder = |page: &str| path.contains(&format!("/{}/", page.trim_end_matches(".rs")));
    path.ends_with("/view.rs") || path.contains("/view/") || PAGES.iter().any(|page| name == *page || folder(page))
}

/// Whatever of a room is neither page nor route, its face (`mod.rs`) aside: that is where the world is changed.
fn is_service(path: &str) -> bool {
    ROOMS.iter().any(|room| path.starts_with(room)) && !is_page(path) && !is_routes(path) && !path.ends_with("/mod.rs")
}

/// Where people hear at once that something of theirs changed: the one step from a lower room to a higher.
fn tells_a_higher_room(path: &str) -> bool {
    path == "src/people/payees.rs"
}

const RULES: &[Rule] = &[
    Rule {
        within: |path| path.starts_with("src/core/"),
        never: &[
            "async fn",
            "sea_orm",
            "rocket",
            "crate::edges",
            "crate::commons",
            "crate::web",
            "crate::people",
            "crate::grants",
            "crate::ledger",
            "crate::error",
        ],
        says: "core is pure: no database, no clock, no page",
    },
    Rule {
        within: |path| path.ends_with("/rules.rs"),
        never: &["super::service", "super::view", "super::routes", "crate::web", "crate::edges", "sea_orm"],
        says: "rules decide; they reach neither service nor page nor world",
    },
    Rule {
        within: is_service,
        never: &["crate::web", "::view::", "super::view", "::routes", "rocket::"],
        says: "a service knows no page",
    },
    Rule { within: is_page, never: &["super::routes", ".write(|"], says: "a page reads" },
    Rule {
        within: |path| path.starts_with("src/edges/"),
        never: &[
            "crate::commons",
            "crate::people",
            "crate::ledger",
            "crate::grants",
            "crate::bank",
            "crate::desk",
            "crate::web",
        ],
        says: "edges stand below every room",
    },
    Rule {
        within: |path| path.starts_with("src/commons/"),
        never: &[
            "crate::people::{",
            "people::accounts",
            "people::organisations",
            "crate::ledger",
            "crate::grants",
            "crate::bank",
            "crate::desk",
            "crate::web",
        ],
        says: "commons serve every room and know none; of people only the permission",
    },
    Rule {
        within: |path| path.starts_with("src/people/") && !tells_a_higher_room(path),
        never: &["crate::ledger", "crate::grants", "crate::bank", "crate::disclosure", "crate::desk"],
        says: "people stand below the books and the grants",
    },
    Rule {
        within: |path| path.starts_with("src/ledger/"),
        never: &["crate::grants", "crate::bank", "crate::disclosure", "crate::desk"],
        says: "the books know no room: a room calls its recipe",
    },
    Rule {
        within: |path| path.starts_with("src/web/"),
        never: &["crate::grants", "crate::bank", "crate::disclosure", "crate::desk"],
        says: "the front door knows no room",
    },
    Rule {
        within: |path| path.starts_with("src/grants/"),
        never: &["crate::bank", "crate::desk", "crate::app"],
        says: "the desk asks the rooms, never the other way round",
    },
    Rule {
        within: |path| path.starts_with("src/bank/"),
        never: &["crate::disclosure", "crate::desk", "crate::app"],
        says: "the bank asks gifts and tranches; only the desk and the house ask the bank",
    },
    Rule {
        within: |path| path.starts_with("src/disclosure/"),
        never: &["crate::bank", "entities::bank_statement_line", "bank_statement_line::"],
        says: "whom money came from is never public",
    },
    Rule {
        within: |path| path.starts_with("src/disclosure/"),
        never: &["ActiveModel", ".write(", "ledger::recipes"],
        says: "disclosure reads only",
    },
    Rule {
        within: |path| path != "src/edges/db.rs",
        never: &[".begin(", ".begin_with", ".transaction("],
        says: "the one write door is edges/db.rs",
    },
    Rule {
        within: |path| path != "src/edges/clock.rs",
        never: &["Utc::now", "Local::now", "SystemTime::now"],
        says: "time is injected: tx.now() or edges.clock",
    },
    Rule { within: |path| path != "src/config.rs", never: &["env::var"], says: "only config.rs reads the environment" },
    Rule {
        within: |path| path != "src/edges/dice.rs",
        never: &["rand::rng", "thread_rng", "OsRng"],
        says: "chance is edges.dice",
    },
    Rule {
        within: |path| {
            !matches!(path, "src/desk/check.rs" | "src/people/setup.rs" | "src/demo.rs" | "src/commands.rs")
                && !path.starts_with("src/demo/")
        },
        never: &["println!", "print!("],
        says: "only commands print",
    },
    Rule {
        within: |_| true,
        never: &[".unwrap()", ".expect(", "panic!(", "todo!(", "unimplemented!(", "f64", "f32"],
        says: "a refusal is an Error; money is whole numbers",
    },
];

/// Files of scores, votes and widths may say why they use what others may not; the cells of a workbook are such by its format.
const EXCEPTIONS: [(&str, &str); 3] =
    [("src/core/scoring/", "f64"), ("src/core/voting/", "f64"), ("src/edges/workbook.rs", "f64")];

/// Tables that only the ledger writes.
const BOOKS: [&str; 8] =
    ["account", "posting", "posting_document", "transfer", "lot", "lot_move", "seal_head", "seal_secret"];

#[test]
fn imports_run_one_way_and_the_world_has_one_door() {
    let mut broken = Vec::new();
    for file in under("src", &[".rs"]) {
        for rule in RULES.iter().filter(|rule| (rule.within)(&file.path)) {
            for (number, line) in file.code() {
                let found = rule.never.iter().find(|text| line.contains(**text) && !excepted(&file, text));
                if let Some(text) = found {
                    broken.push(format!("{}:{number}: `{text}`: {}", file.path, rule.says));
                }
            }
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

fn excepted(file: &Source, text: &str) -> bool {
    EXCEPTIONS.iter().any(|(folder, allowed)| file.path.starts_with(folder) && text == *allowed)
}

#[test]
fn only_the_ledger_writes_the_books() {
    let mut broken = Vec::new();
    for file in under("src", &[".rs"]).iter().filter(|file| !file.path.starts_with("src/ledger/")) {
        for (number, line) in file.code() {
            for table in BOOKS {
                let writes = ["ActiveModel", "Entity::insert", "Entity::update", "Entity::delete"];
                let text = writes.iter().map(|write| format!("{table}::{write}")).find(|text| whole(line, text));
                if let Some(text) = text {
                    broken.push(format!("{}:{number}: `{text}`: money moves only through ledger::recipes", file.path));
                }
            }
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

/// Whether the text stands there by itself: `payee_account::` is not `account::`.
fn whole(line: &str, text: &str) -> bool {
    line.match_indices(text).any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// Modules of a room that still import each other: an application's form and its page, the two ways in which an award ends.
const CIRCLES: [&str; 2] = ["src/grants/applications/: edit, view", "src/grants/awards/: closing, service"];

#[test]
fn no_two_modules_of_a_room_import_each_other() {
    let files = under("src", &[".rs"]);
    let mut circles = Vec::new();
    let rooms = files.iter().filter_map(|file| file.path.strip_suffix("mod.rs"));
    // The rooms of a grant's life call each other; inside one of them nothing does.
    for room in rooms.filter(|room| *room != "src/grants/") {
        let mut imports: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for file in files.iter().filter(|file| !file.path.ends_with("/mod.rs")) {
            let Some(inside) = file.path.strip_prefix(room) else { continue };
            let module = inside.split(['/', '.']).next().unwrap();
            imports.entry(module).or_default().extend(siblings(file, room, inside));
        }
        let imported = |by: &str, what: &str| imports.get(by).is_some_and(|names| names.contains(what));
        for (one, names) in &imports {
            let round = names.iter().filter(|other| *one < other.as_str() && imported(other, one));
            circles.extend(round.map(|other| format!("{room}: {one}, {other}")));
        }
    }
    assert_eq!(circles, CIRCLES, "what both need belongs into a module of its own");
}

/// What a file names of its room. A face that hands on the names of its room (`pub use`) does not import them.
fn siblings(file: &Source, room: &str, inside: &str) -> BTreeSet<String> {
    let code = file.code_text();
    let from_the_root = room.replace("src/", "crate::").replace('/', "::");
    let nearby = "super::".repeat(inside.matches('/').count() + 1);
    let mut names = BTreeSet::new();
    for opening in [from_the_root, nearby] {
        for (at, _) in code.match_indices(&opening) {
            if code[..at].ends_with("pub use ") || code[..at].ends_with("super::") {
                continue;
            }
            names.extend(listed(&code[at + opening.len()..]));
        }
    }
    names
}

/// The first names of a path or of a list of paths.
fn listed(rest: &str) -> BTreeSet<String> {
    if !rest.starts_with('{') {
        return [first_name(rest)].into();
    }
    let (mut names, mut depth) = (BTreeSet::new(), 0);
    for part in rest.split_inclusive(['{', '}', ',']) {
        if depth == 1 {
            names.insert(first_name(part));
        }
        depth += i32::from(part.ends_with('{')) - i32::from(part.ends_with('}'));
        if depth == 0 {
            break;
        }
    }
    names
}

/// The name a text begins with.
fn first_name(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}
