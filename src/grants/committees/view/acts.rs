//! The pages of acts of a committee.

use super::motion;
use super::seat_text;
use crate::error::{Error, Result};
use crate::grants::applications::rules::JUDGED;
use crate::grants::committees::rules::OPEN_DAYS;
use crate::grants::committees::service::{motions, seats};
use crate::grants::funds;
use crate::grants::reviews::panel;
use crate::people::organisations;
use crate::people::permission::{Administrator, As, Context, Level};
use crate::web::page::Answer;
use crate::web::parts::Choice;
use crate::web::sheet::Act;
use entities::kinds::{CallId, CallStage, FundId, MotionId, SeatPart};
use entities::{application, award, call, fund, person};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Things of a kind offered to choose from, the newest.
const OFFERED: u64 = 100;

async fn under(context: &Context, id: FundId, name: &str, act: &str) -> Result<(fund::Model, Act)> {
    let row = funds::view::visible(context, id).await?;
    let base = format!("/funds/{id}");
    let back = format!("{base}/committee");
    let title = context.pick(&row.name_zh, &row.name_en);
    let page = Act::new(context, name, format!("{back}/{act}"), back.clone())
        .under(&[
            (context.t("funds-title"), "/funds"),
            (title.clone(), &base),
            (context.t("committee-title"), back.as_str()),
        ])
        .fact(context.t("head-fund"), title);
    Ok((row, page))
}

/// The page that moves something.
///
/// # Errors
/// [`Error::Forbidden`] for who neither sits there nor is a programme officer.
pub async fn open(context: &Context, id: FundId) -> Answer {
    if !motion::moves(context, id) {
        return Err(Error::Forbidden("forbidden-committee"));
    }
    let (row, page) = under(context, id, "committee-open", "open").await?;
    page.ask(context, "text", "title")
        .hint(context.t("motion-title-hint"))
        .ask(context, "area", "text")
        .labelled(context.t("motion-text"))
        .hint(context.t("motion-text-hint"))
        .ask_choice(context, "about", about(context, id).await?)
        .optional()
        .hint(context.t("motion-about-hint"))
        .ask_money(context, "amount", row.currency)
        .labelled(context.t("committee-most"))
        .optional()
        .hint(context.t("motion-amount-hint"))
        .ask(context, "moment", "closes_at")
        .hint(context.t_with("motion-closes-hint", &[("most", &OPEN_DAYS.to_string())]))
        .answer(context, "funds")
}

/// What a motion may concern: the fund's calls, what was applied for there, its awards; the newest of each.
async fn about(context: &Context, id: FundId) -> Result<Vec<Choice>> {
    let db = context.edges.db.read();
    let calls = call::Entity::find()
        .filter(call::Column::FundId.eq(id))
        .filter(call::Column::Stage.ne(CallStage::Cancelled))
        .order_by_desc(call::Column::Id)
        .limit(OFFERED)
        .all(db)
        .await?;
    let ids: Vec<CallId> = calls.iter().map(|row| row.id).collect();
    let applications = application::Entity::find()
        .filter(application::Column::CallId.is_in(ids))
        .filter(application::Column::CallId.is_not_in(panel::blind(context).await?))
        .filter(application::Column::Stage.is_in(JUDGED))
        .order_by_desc(application::Column::Id)
        .limit(OFFERED)
        .all(db)
        .await?;
    let awards = award::Entity::find()
        .filter(award::Column::FundId.eq(id))
        .order_by_desc(award::Column::Id)
        .limit(OFFERED)
        .all(db)
        .await?;
    let titles: std::collections::BTreeMap<_, _> = applications.iter().map(|row| (row.id, row.title.clone())).collect();
    let mut choices = vec![Choice::new("", context.t("motion-about-fund"))];
    let said = |key: &str, title: &str| context.t_with(key, &[("title", title)]);
    choices.extend(calls.iter().map(|row| {
        let title = context.pick(&row.title_zh, &row.title_en);
        Choice::new(format!("call:{}", row.id), said("motion-about-call", &title))
    }));
    choices.extend(
        applications
            .iter()
            .map(|row| Choice::new(format!("application:{}", row.id), said("motion-about-application", &row.title))),
    );
    choices.extend(awards.iter().map(|row| {
        let title = titles.get(&row.application_id).cloned().unwrap_or_else(|| row.id.to_string());
        Choice::new(format!("award:{}", row.id), said("motion-about-one-award", &title))
    }));
    Ok(choices)
}

/// The page that seats somebody.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn appoint(by: &As<Administrator>, id: FundId) -> Answer {
    let context: &Context = by;
    let db = context.edges.db.read();
    let (_, page) = under(context, id, "committee-appoint", "appoint").await?;
    let people = person::Entity::find()
        .filter(person::Column::EndedAt.is_null())
        .order_by_asc(person::Column::Name)
        .limit(500)
        .all(db)
        .await?;
    let people = people.into_iter().map(|row| Choice::new(row.id, format!("{} · {}", row.name, row.email))).collect();
    let parts = SeatPart::ALL.iter().map(|part| Choice::new(part, seat_text(context, *part))).collect();
    let mut page = page.ask_choice(context, "person", people).ask_choice(context, "part", parts);
    let shares = seats::shares(db, id).await?;
    if !shares.is_empty() {
        let names = organisations::names(context, shares.iter().map(|(initiator, _)| *initiator)).await?;
        let mut choices = vec![Choice::new("", "")];
        choices.extend(names.into_iter().map(|(initiator, name)| Choice::new(initiator, name)));
        page = page.ask_choice(context, "organisation", choices).labelled(context.t("committee-speaks-for")).optional();
    }
    page.ask(context, "date", "ends_on").proving(context, Level::Decision).answer(context, "funds")
}

/// The page of an act on a motion.
///
/// # Errors
/// [`Error::NotFound`] for an act there is none of; forbidden for who is not on the roll.
pub async fn act(context: &Context, fund: FundId, id: MotionId, act: &str) -> Answer {
    let row = motion::visible(context, fund, id).await?;
    let roll = motions::of_motion(context.edges.db.read(), id).await?;
    let known = ["vote", "recuse", "close", "withdraw"].into_iter().find(|name| *name == act).ok_or(Error::NotFound)?;
    let own = motion::own(context, &roll);
    match known {
        "withdraw" if Some(row.opened_by) != context.actor.person => {
            return Err(Error::Forbidden("forbidden-motion-mover"));
        }
        "withdraw" => {}
        _ if own.is_none() => return Err(Error::Forbidden("forbidden-motion-roll")),
        "close" if own.is_some_and(|own| own.part != SeatPart::Chair) => {
            return Err(Error::Forbidden("forbidden-motion-chair"));
        }
        _ => {}
    }
    let base = motions::page(&row);
    let committee = format!("/funds/{fund}/committee");
    let mut page = Act::new(context, &format!("motion-{known}"), format!("{base}/{known}"), base.clone())
        .under(&[
            (context.t("funds-title"), "/funds"),
            (context.t("committee-title"), committee.as_str()),
            (row.title.clone(), base.as_str()),
        ])
        .fact(context.t("head-motion"), row.title.clone())
        .fact(context.t("committee-closes"), context.moment(row.closes_at));
    if let Some(most) = row.amount_minor {
        page = page.fact(context.t("committee-most"), context.money(most, row.currency));
    }
    let page = match known {
        "vote" => {
            let given = own.map(|own| own.ballot.to_string()).unwrap_or_default();
            let ballots = Choice::words(context, "ballot", ["for", "against", "abstain"]);
            page.ask_choice(context, "ballot", Choice::chosen(ballots, &given)).proving(context, Level::Decision)
        }
        "recuse" => page.ask(context, "area", "reason").stop().proving(context, Level::Decision),
        "close" => page.proving(context, Level::Decision),
        _ => page.ask(context, "area", "reason").stop(),
    };
    page.answer(context, "funds")
}
