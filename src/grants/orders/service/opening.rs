//! The session is opened at the processor: under the key that stands since the order does, and looked for before it is asked
//! for a second time.

use super::{house, load, locked, processor, truth};
use crate::commons::events::{self, Note};
use crate::commons::lives::advance;
use crate::core::cards::to_processor;
use crate::edges::Edges;
use crate::edges::stripe::told::Session;
use crate::edges::stripe::{Opening, Trouble};
use crate::error::{Error, Result};
use crate::grants::funds;
use crate::grants::gifts::service::{self as gifts, online};
use crate::grants::orders::rules::{KEY_HOURS, OPEN_MINUTES};
use chrono::Duration;
use entities::kinds::{OrderId, OrderStage, Subject};
use entities::online_order;
use sea_orm::{ActiveValue::Set, EntityTrait};
use std::sync::Arc;

/// The processor's clock may differ from ours by this.
const CLOCKS_APART: Duration = Duration::minutes(10);

/// Opens the session for a donor who waits. Should it not go well now, the job goes on.
pub async fn soon(edges: &Arc<Edges>, id: OrderId) {
    if let Err(error) = open(edges, id).await {
        tracing::warn!(order = id.0, %error, "the session is not open yet");
    }
}

/// Opens the session of an order, or finds the one that was opened before. Harmless when asked again.
///
/// # Errors
/// When the outcome is unknown: asked again it looks first.
pub async fn open(edges: &Arc<Edges>, id: OrderId) -> Result<()> {
    let order = load(edges.db.read(), id).await?;
    if order.stage != OrderStage::Opening {
        return Ok(());
    }
    if let Some(first) = order.first_called_at {
        let since = (first - CLOCKS_APART).timestamp();
        if let Some(found) = processor(edges)?.find_session(&order.reference, since).await? {
            return opened(edges, id, &found).await;
        }
        if edges.clock.now() - first > Duration::hours(KEY_HOURS) {
            return refused(edges, id, "the processor never had it").await;
        }
    }
    called(edges, id).await?;
    let opening = asked(edges, &order).await?;
    match processor(edges)?.open_session(&order.idempotency_key, &opening).await {
        Ok(session) => opened(edges, id, &session).await,
        Err(Trouble::Refused(text)) => refused(edges, id, &text).await,
        Err(unknown) => Err(unknown.into()),
    }
}

/// What the processor is told: the same whenever it is told, because the same key must have the same body.
async fn asked(edges: &Edges, order: &online_order::Model) -> Result<Opening> {
    let gift = gifts::load(edges.db.read(), order.gift_id).await?;
    let fund = funds::service::load(edges.db.read(), gift.fund_id).await?;
    let amount = to_processor(order.amount_minor, order.currency.0)
        .map_err(|error| Error::Internal(format!("order {}: {error}", order.id)))?;
    Ok(Opening {
        reference: order.reference.clone(),
        amount,
        currency: order.currency.code().to_ascii_lowercase(),
        name: fund.name_zh,
        back: format!("{}/orders/{}/return", edges.config.base_url, order.id),
        expires_at: (order.created_at + Duration::minutes(OPEN_MINUTES)).timestamp(),
    })
}

/// Notes that the processor is about to be asked, before it is.
async fn called(edges: &Arc<Edges>, id: OrderId) -> Result<()> {
    edges
        .db
        .write(|tx| async move {
            let tx = &tx;
            let row = locked(tx, id).await?;
            if row.first_called_at.is_none() {
                let set = online_order::ActiveModel {
                    id: Set(id),
                    first_called_at: Set(Some(tx.now())),
                    ..Default::default()
                };
                online_order::Entity::update(set).exec(tx).await?;
            }
            Ok(())
        })
        .await
}

/// The session is known: the donor can go there, and whatever happened meanwhile is taken over.
pub(super) async fn opened(edges: &Arc<Edges>, id: OrderId, session: &Session) -> Result<()> {
    let system = &house(edges);
    system
        .write(|tx| async move {
            let tx = &tx;
            let row = locked(tx, id).await?;
            if row.stage != OrderStage::Opening {
                return Ok(());
            }
            let set = online_order::ActiveModel {
                id: Set(id),
                session_id: Set(Some(session.id.clone())),
                checkout_url: Set(session.url.clone()),
                ..Default::default()
            };
            online_order::Entity::update(set).exec(tx).await?;
            advance(tx, system, &row, "open", Note::act("")).await.map(|_| ())
        })
        .await?;
    truth::look(edges, id).await
}

async fn refused(edges: &Arc<Edges>, id: OrderId, why: &str) -> Result<()> {
    let system = &house(edges);
    system
        .write(|tx| async move {
            let tx = &tx;
            let row = locked(tx, id).await?;
            if row.stage != OrderStage::Opening {
                return Ok(());
            }
            advance(tx, system, &row, "fail", Note::act("").because(why)).await?;
            online::end(tx, system, row.gift_id, "fail").await?;
            events::record(tx, system, Subject::Gift, row.gift_id.0, Note::act("order-failed")).await
        })
        .await
}
