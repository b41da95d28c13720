//! x
/// x
pub fn routes() -> Vec<rocket::Route> {
    vec![]
}
