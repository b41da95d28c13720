//! What came of a fund's money: the accepted final reports of its awards added up, counts and never names.

use crate::error::Result;
use crate::people::permission::Context;
use crate::web::parts::Fact;
use crate::web::sheet::Block;
use entities::kinds::{FundId, ReportKind, ReportStage};
use entities::{award, report};
use sea_orm::sea_query::{ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

/// Sums over the final reports of a fund.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Reached {
    projects: i64,
    people: i64,
    hours: i64,
}

impl Reached {
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn load(db: &impl ConnectionTrait, id: FundId) -> Result<Self> {
        let of_fund = Query::select()
            .column(award::Column::Id)
            .from(award::Entity)
            .and_where(award::Column::FundId.eq(id))
            .to_owned();
        let sums: Option<(i64, Option<i64>, Option<i64>)> = report::Entity::find()
            .select_only()
            .column_as(report::Column::Id.count(), "projects")
            .column_as(report::Column::Beneficiaries.sum().cast_as("bigint"), "people")
            .column_as(report::Column::VolunteerHours.sum().cast_as("bigint"), "hours")
            .filter(report::Column::Kind.eq(ReportKind::Final))
            .filter(report::Column::Stage.eq(ReportStage::Accepted))
            .filter(report::Column::AwardId.in_subquery(of_fund))
            .into_tuple()
            .one(db)
            .await?;
        let (projects, people, hours) = sums.unwrap_or_default();
        Ok(Self { projects, people: people.unwrap_or(0), hours: hours.unwrap_or(0) })
    }

    /// As facts beside the fund's page; nothing while no project is done.
    pub(super) fn tell(self, context: &Context) -> Option<Block> {
        let items = vec![
            Fact::new(context.t("fund-outcomes-projects"), self.projects.to_string()),
            Fact::new(context.t("fund-outcomes-people"), self.people.to_string()),
            Fact::new(context.t("fund-outcomes-hours"), self.hours.to_string()),
        ];
        (self.projects > 0).then(|| Block::Facts { title: context.t("fund-outcomes"), items })
    }
}
