//! A project and a ballot, as the rules see them.

#[derive(Debug)]
pub(super) struct Project {
    pub id: String,
    pub cost: i128,
    pub support: i128,
}

/// What some voters said alike.
#[derive(Debug)]
pub(super) struct Ballot {
    pub voters: u32,
    /// (project, score > 0), ascending by project.
    pub scores: Vec<(u32, i64)>,
}

/// The place of a project in its list.
pub(super) fn at(project: u32) -> usize {
    // Projects are counted by u32, which every machine we run on can address.
    usize::try_from(project).unwrap_or(usize::MAX)
}
