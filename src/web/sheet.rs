//! Sheets: a thing or a list with its state, its story and what can be done now, described in Rust and drawn by `sheet.html`.
//!
//! With [`Act`] it is the shape most pages need; pages that deserve a shape of their own have a template.

pub use super::act::{Act, Asked};
use super::page::{Answer, Page};
use super::parts::{ActLink, Checked, Chip, Crumb, EntryHeads, EntryRow, Fact, FlowBar, Happened, Step, Task};
use crate::error::Result;
use crate::people::permission::Context;
use entities::kinds::Currency;
use serde::Serialize;

/// A cell of a table.
#[derive(Debug, Clone, Serialize)]
pub struct Cell {
    /// Text.
    pub text: String,
    /// Link, or `""`.
    pub href: String,
    /// `lead` names the row, `n` is a number, `wide` takes a whole line on a phone, `""`.
    pub class: &'static str,
}

impl Cell {
    /// A plain cell.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), href: String::new(), class: "" }
    }

    /// The cell that names the row, with its link (`""` for none).
    pub fn lead(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { text: text.into(), href: href.into(), class: "lead" }
    }

    /// A number or an amount.
    pub fn number(text: impl Into<String>) -> Self {
        Self { text: text.into(), href: String::new(), class: "n money" }
    }
}

/// A piece of a page.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Block {
    /// Labels with values.
    Facts {
        /// Heading.
        title: String,
        /// Rows.
        items: Vec<Fact>,
    },
    /// Long text, line ends kept.
    Prose {
        /// Heading.
        title: String,
        /// Text.
        text: String,
    },
    /// Large figures.
    Figures {
        /// Heading.
        title: String,
        /// Figures.
        items: Vec<Fact>,
    },
    /// The flow bar.
    Flow {
        /// Heading.
        title: String,
        /// The bar.
        bar: FlowBar,
    },
    /// The stream.
    Stream {
        /// Heading.
        title: String,
        /// Steps.
        steps: Vec<Step>,
    },
    /// Lines of the ledger.
    Entries {
        /// Heading.
        title: String,
        /// Lines.
        rows: Vec<EntryRow>,
        /// Heads.
        heads: EntryHeads,
        /// Said when there is none.
        empty: String,
    },
    /// A table that becomes cards on a phone.
    Table {
        /// Heading.
        title: String,
        /// Heads.
        heads: Vec<String>,
        /// Rows.
        rows: Vec<Vec<Cell>>,
        /// Said when there is none.
        empty: String,
    },
    /// What waits.
    Tasks {
        /// Heading.
        title: String,
        /// Tasks.
        items: Vec<Task>,
        /// Said when there is none.
        empty: String,
    },
    /// What happened.
    History {
        /// Heading.
        title: String,
        /// Newest first.
        items: Vec<Happened>,
    },
    /// A checklist.
    Checklist {
        /// Heading.
        title: String,
        /// Points.
        items: Vec<Checked>,
    },
    /// Links to acts that belong to this piece of the page.
    Acts {
        /// Heading, or `""`.
        title: String,
        /// Links.
        items: Vec<ActLink>,
    },
    /// Links to the older and newer rows.
    Pager {
        /// Older, or `""`.
        older_href: String,
        /// Newer, or `""`.
        newer_href: String,
    },
}

/// A page about one thing or a list.
#[derive(Debug, Clone, Serialize)]
pub struct Sheet {
    /// Way back.
    pub crumbs: Vec<Crumb>,
    /// Title.
    pub title: String,
    /// State.
    pub chip: Option<Chip>,
    /// One sentence.
    pub sentence: String,
    /// Title of "what now", `""` when there is nothing to say.
    pub now_title: String,
    /// Its text.
    pub now_text: String,
    /// Acts offered.
    pub now_acts: Vec<ActLink>,
    /// Work column.
    pub main: Vec<Block>,
    /// Side column.
    pub aside: Vec<Block>,
}

impl Sheet {
    /// An empty sheet.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            crumbs: Vec::new(),
            title: title.into(),
            chip: None,
            sentence: String::new(),
            now_title: String::new(),
            now_text: String::new(),
            now_acts: Vec::new(),
            main: Vec::new(),
            aside: Vec::new(),
        }
    }

    /// With the way back: pairs of text and link, the page itself left out.
    pub fn under(mut self, crumbs: &[(String, &str)]) -> Self {
        self.crumbs =
            crumbs.iter().map(|(label, href)| Crumb { label: label.clone(), href: (*href).to_owned() }).collect();
        self
    }

    /// With its state.
    pub fn chip(mut self, text: impl Into<String>, tone: &'static str) -> Self {
        self.chip = Some(Chip { text: text.into(), tone });
        self
    }

    /// With one sentence.
    pub fn sentence(mut self, text: impl Into<String>) -> Self {
        self.sentence = text.into();
        self
    }

    /// With what can be done now. Nothing is shown when there is neither text nor act.
    pub fn now(mut self, title: impl Into<String>, text: impl Into<String>, acts: Vec<ActLink>) -> Self {
        self.now_text = text.into();
        self.now_title = if self.now_text.is_empty() && acts.is_empty() { String::new() } else { title.into() };
        self.now_acts = acts;
        self
    }

    /// With a piece in the work column.
    pub fn with(mut self, block: Block) -> Self {
        self.main.push(block);
        self
    }

    /// With a piece in the side column.
    pub fn beside(mut self, block: Block) -> Self {
        self.aside.push(block);
        self
    }

    /// As a page at one of the five places.
    ///
    /// # Errors
    /// When the view cannot be written.
    pub fn answer(self, context: &Context, here: &'static str) -> Answer {
        Page::new(context, "sheet.html", here, &self)?.answer()
    }
}

/// Links to the acts that a lifecycle offers: `label("act-<lifecycle>-<act>-button")`, to `<base>/<act>`.
pub fn act_links(
    context: &Context,
    lifecycle: &str,
    base: &str,
    acts: &[&'static str],
    stops: &[&str],
) -> Vec<ActLink> {
    acts.iter()
        .enumerate()
        .map(|(place, act)| ActLink {
            href: format!("{base}/{act}"),
            text: context.t(&format!("act-{lifecycle}-{act}-button")),
            tone: if stops.contains(act) {
                "stop"
            } else if place == 0 {
                ""
            } else {
                "quiet"
            },
        })
        .collect()
}

/// The chip of a stage: its public label `stage-<lifecycle>-<stage>` or, for staff, `staff-<lifecycle>-<stage>` where there is one.
pub fn stage_text(context: &Context, lifecycle: &str, stage: &str) -> String {
    if context.actor.is_staff()
        && let Some(text) = context.edges.words.find(context.locale, &format!("staff-{lifecycle}-{stage}"), &[])
    {
        return text;
    }
    context.t(&format!("stage-{lifecycle}-{stage}"))
}

/// Why something happened: as it was written, or the role that was given.
fn reason(context: &Context, lifecycle: &str, event: &entities::event::Model) -> String {
    let word = |key: &str| context.edges.words.find(context.locale, key, &[]);
    let told = match lifecycle {
        "role-grant" => word(&format!("role-{}", event.reason)),
        // A rule that was broken is kept by its code, several behind one another.
        "application" => event.reason.split(", ").map(word).collect::<Option<Vec<_>>>().map(|rules| rules.join(" ")),
        _ => None,
    };
    told.unwrap_or_else(|| event.reason.clone())
}

/// The part that was played; a deputy's is called so.
fn who(context: &Context, event: &entities::event::Model) -> String {
    let part = context.t(&format!("part-{}", event.actor_part));
    if event.for_id.is_some() { context.t_with("part-deputy", &[("part", &part)]) } else { part }
}

/// The history of a thing as a block, in words: `act-name-<lifecycle>-<act>`, or `act-name-<act>` for what is common.
pub fn history(context: &Context, lifecycle: &str, events: &[entities::event::Model]) -> Block {
    let items = events
        .iter()
        .map(|event| {
            let own = format!("did-{lifecycle}-{}", event.act);
            let what = context
                .edges
                .words
                .find(context.locale, &own, &[])
                .unwrap_or_else(|| context.t(&format!("did-{}", event.act)));
            Happened {
                when: context.moment(event.at),
                who: who(context, event),
                what,
                note: reason(context, lifecycle, event),
            }
        })
        .collect();
    Block::History { title: context.t("history-title"), items }
}

impl Sheet {
    /// Samples for the test that renders every view: every kind of block, full and empty.
    ///
    /// # Errors
    /// Never.
    pub fn samples(context: &Context) -> Result<Vec<Self>> {
        let flow = crate::ledger::balances::Flow {
            received_minor: 9_836_000,
            paid_minor: 4_150_000,
            fee_minor: 41_500,
            committed_minor: 4_191_500,
            available_minor: 1_453_000,
        };
        let full = with_lists(
            Self::new("t")
                .under(&[("c".into(), "/c")])
                .chip("s", "ok")
                .sentence("s")
                .now("n", "t", sample_acts())
                .with(Block::Facts { title: "t".into(), items: sample_facts() })
                .with(Block::Prose { title: "t".into(), text: "a\nb".into() })
                .with(Block::Figures { title: "t".into(), items: sample_facts() })
                .with(Block::Flow { title: "t".into(), bar: FlowBar::new(context, flow, Currency::CNY) }),
            context,
        );
        let empty = Self::new("t")
            .with(Block::Entries {
                title: "t".into(),
                rows: vec![],
                heads: EntryHeads::new(context),
                empty: "none".into(),
            })
            .with(Block::Table { title: "t".into(), heads: vec![], rows: vec![], empty: "none".into() })
            .with(Block::Tasks { title: "t".into(), items: vec![], empty: "none".into() });
        Ok(vec![full, empty])
    }
}

fn sample_facts() -> Vec<Fact> {
    vec![Fact::new("a", "b"), Fact::linked("c", "d", "/e")]
}

fn sample_acts() -> Vec<ActLink> {
    vec![ActLink { href: "/x".into(), text: "x".into(), tone: "stop" }]
}

/// A sample sheet with every block that is a list.
fn with_lists(sheet: Sheet, context: &Context) -> Sheet {
    let entry = EntryRow {
        date: "d".into(),
        what: "w".into(),
        voucher: "V-000001".into(),
        href: "/ledger/V-000001".into(),
        amount_text: "+¥1.00".into(),
        incoming: true,
    };
    sheet
        .with(Block::Stream {
            title: "t".into(),
            steps: vec![Step {
                state: "now",
                title: "t".into(),
                detail: "d".into(),
                href: String::new(),
                date: "d".into(),
            }],
        })
        .with(Block::Entries {
            title: "t".into(),
            rows: vec![entry],
            heads: EntryHeads::new(context),
            empty: String::new(),
        })
        .with(Block::Table {
            title: "t".into(),
            heads: vec!["h".into(), "n".into()],
            rows: vec![vec![Cell::lead("l", "/l"), Cell::number("1")]],
            empty: "e".into(),
        })
        .with(Block::Tasks {
            title: "t".into(),
            items: vec![Task {
                href: "/t".into(),
                title: "t".into(),
                detail: "d".into(),
                chip: "c".into(),
                tone: "stop",
            }],
            empty: "e".into(),
        })
        .with(Block::Acts { title: "t".into(), items: sample_acts() })
        .with(Block::Pager { older_href: "/o".into(), newer_href: String::new() })
        .beside(Block::History {
            title: "t".into(),
            items: vec![Happened { when: "w".into(), who: "p".into(), what: "a".into(), note: "n".into() }],
        })
        .beside(Block::Checklist {
            title: "t".into(),
            items: vec![Checked { text: "t".into(), ok: false, word: "w".into() }],
        })
}
