//! The pages: what a donor reads on the way back, who sees what, and that the sandbox says what it is.

use super::{GIVEN, Shop};
use crate::support::{World, both};
use entities::kinds::{OrderStage, PersonId};

/// A person's browser, over real HTTP.
struct Browser {
    client: reqwest::Client,
    url: String,
    cookie: String,
}

impl Browser {
    async fn of(shop: &Shop, person: PersonId) -> Self {
        let url = shop.cast.world.till.as_ref().unwrap().url.clone();
        let cookie = format!("tributary_session={}", shop.cast.world.session(person).await);
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { client, url, cookie }
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let answer =
            self.client.get(format!("{}{path}", self.url)).header("cookie", &self.cookie).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn post(&self, path: &str, body: &str) -> (u16, String) {
        let request = self.client.post(format!("{}{path}", self.url)).header("cookie", &self.cookie);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        // Every form has a key of its own.
        let key = tributary::edges::dice::fingerprint(format!("{path}{body}"));
        let answer = request.body(format!("form_key={}&{body}", &key[..32])).send().await.unwrap();
        let place = answer.headers().get("location").map(|place| place.to_str().unwrap().to_owned());
        (answer.status().as_u16(), place.unwrap_or_default())
    }
}

both! { paying:
async fn a_donor_clicks_through_and_the_way_back_proves_nothing(world: World) {
    let shop = Shop::open(world).await;
    let donor = Browser::of(&shop, shop.cast.signatory).await;
    let fund = donor.get(&format!("/funds/{}", shop.fund)).await.1;
    assert!(fund.contains("/orders/new?fund="), "the fund's page offers it");
    assert_eq!(donor.get(&format!("/orders/new?fund={}", shop.fund)).await.0, 200);
    let form = format!("fund={}&organisation={}&amount=100.00&anonymity=named", shop.fund, shop.cast.initiator);
    let (status, order) = donor.post("/orders", &form).await;
    assert_eq!(status, 303, "{order}");
    let order = order.split('?').next().unwrap().to_owned();
    let (_, page) = donor.get(&order).await;
    let pay = page.split("href=\"").find(|rest| rest.contains("/sandbox/pay/")).unwrap().split('"').next().unwrap();
    let pay = pay.replace("&#x2F;", "/").replace(&donor.url, "");
    // Back without having paid: it says so.
    assert!(donor.get(&format!("{order}/return")).await.1.contains("Nothing is paid yet"));
    let (status, sandbox) = donor.get(&pay).await;
    assert!(status == 200 && sandbox.contains("Sandbox"), "{sandbox}");
    let (status, back) = donor.post(&pay, "pay_by=card&happens=later").await;
    assert_eq!((status, back.split('?').next().unwrap()), (303, format!("{order}/return").as_str()));
    assert!(donor.get(&back).await.1.contains("being confirmed"), "completed is not paid");
    let id = entities::kinds::OrderId(order.rsplit('/').next().unwrap().parse().unwrap());
    shop.sandbox.later(&shop.session(id).await, true);
    // Back before any webhook: the order is looked up, and the webhook that comes after changes nothing.
    assert!(donor.get(&back).await.1.contains("The payment has arrived"));
    let books = shop.books().await;
    shop.tell(0).await;
    assert_eq!((shop.books().await, shop.row(id).await.stage), (books, OrderStage::Paid));
    assert!(donor.get(&format!("/gifts/{}", shop.row(id).await.gift_id)).await.1.contains(&order));
}

async fn only_its_donor_and_finance_see_an_order(world: World) {
    let shop = Shop::open(world).await;
    let (order, intent) = shop.paid().await;
    let stranger = Browser::of(&shop, shop.cast.world.person("stranger", &[]).await).await;
    for path in ["", "/return", "/refund", "/look-again"] {
        assert_eq!(stranger.get(&format!("/orders/{order}{path}")).await.0, 404, "{path}");
    }
    assert_eq!(stranger.get("/orders/odd").await.0, 403);
    let donor = Browser::of(&shop, shop.cast.signatory).await;
    assert!(!donor.get(&format!("/orders/{order}")).await.1.contains(&intent));
    assert_eq!(donor.get(&format!("/orders/{order}/refund")).await.0, 403);
    let finance = Browser::of(&shop, shop.cast.finance).await;
    assert!(finance.get(&format!("/orders/{order}")).await.1.contains(&intent));
    for path in ["/orders/odd", "/orders/new?fund=1", "/desk"] {
        assert_eq!(finance.get(path).await.0, 200, "{path}");
    }
    for act in ["refund", "look-again", "withdraw-refund", "free-refund", "end", "withdraw-end"] {
        assert_eq!(finance.get(&format!("/orders/{order}/{act}")).await.0, 200, "{act}");
    }
    let (status, _) = finance.post(&format!("/orders/{order}/refund"), "amount=40.00&reason=asked").await;
    assert_eq!(status, 303);
    let approver = Browser::of(&shop, shop.cast.approver).await;
    let page = approver.get(&format!("/orders/{order}/confirm-refund")).await.1;
    assert!(page.contains("40.00"));
    assert_eq!(approver.get(&format!("/orders/{order}/confirm-end")).await.0, 200);
    let name = tributary::web::forms::SEEN;
    let shown = page.split(&format!("name=\"{name}\" value=\"")).nth(1).map_or("", |rest| rest.split('"').next().unwrap());
    let (status, place) = approver.post(&format!("/orders/{order}/confirm-refund"), &format!("act=confirm&{name}={shown}")).await;
    assert_eq!(status, 303, "{place}");
    assert!(donor.get(&format!("/orders/{order}")).await.1.contains("40.00"));
    assert_eq!(shop.books().await[&entities::kinds::AccountKind::FundAvailable], GIVEN - 4_000);
}
}

both! { paying:
async fn an_order_is_ended_on_its_pages(world: World) {
    let shop = Shop::open(world).await;
    let order = shop.order().await;
    let intent = shop.choose(order, tributary::sandbox::Outcome::Paid).await;
    shop.sandbox.falsify(&intent, 1, "cny");
    shop.tell(0).await;
    let (finance, approver) = (Browser::of(&shop, shop.cast.finance).await, Browser::of(&shop, shop.cast.approver).await);
    let (place, end) = (format!("/orders/{order}"), format!("/orders/{order}/end"));
    assert!(finance.get(&place).await.1.contains(&end), "it is offered");
    let (status, page) = finance.post(&end, "reason=wrong+amount").await;
    assert_eq!(status, 422, "{page}");
    shop.refund_there(&intent, 1, "").await;
    assert_eq!(finance.post(&end, "reason=wrong+amount,+sent+back").await.0, 303);
    let page = approver.get(&format!("/orders/{order}/confirm-end")).await.1;
    assert!(page.contains("sent back"), "{page}");
    let name = tributary::web::forms::SEEN;
    let shown = page.split(&format!("name=\"{name}\" value=\"")).nth(1).map_or("", |rest| rest.split('"').next().unwrap());
    let (status, place) = approver.post(&format!("/orders/{order}/confirm-end"), &format!("act=confirm&{name}={shown}")).await;
    assert_eq!(status, 303, "{place}");
    assert_eq!(shop.stands(order).await.0, OrderStage::Failed);
}
}

both! {
async fn without_a_processor_nothing_of_it_is_there(world: World) {
    let cast = crate::rooms::funds::Cast::on(world).await;
    let fund = cast.signed(entities::kinds::FundraisingMode::Targeted, 0).await;
    let signatory = cast.world.acting(cast.signatory).await;
    let page = tributary::grants::orders::view::acts::start(&signatory, Some(fund), None).await;
    assert_eq!(page.unwrap_err().code(), "not-found");
    let client = rocket::local::asynchronous::Client::untracked(tributary::app::server(cast.world.edges.clone())).await.unwrap();
    for path in ["/stripe/events", "/sandbox/v1/refunds", "/sandbox/pay/cs_sandbox_00000001"] {
        assert_eq!(client.post(path).dispatch().await.status().code, 404, "{path}");
    }
    assert_eq!(client.get("/sandbox").dispatch().await.status().code, 404);
}
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_has_the_same_answer_and_another_body_is_refused() {
    let world = World::paying().await;
    let till = world.till.as_ref().unwrap();
    let client = reqwest::Client::new();
    let post = async |key: &str, body: &str, secret: &str| {
        let request = client.post(format!("{}/sandbox/v1/checkout/sessions", till.url));
        let request =
            request.header("authorization", format!("Bearer {secret}")).header("idempotency-key", key.to_owned());
        let answer = request.body(body.to_owned()).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let body = "mode=payment&line_items[0][price_data][unit_amount]=100&line_items[0][price_data][currency]=cny";
    let secret = crate::support::paying::KEY;
    let first = post("k1", body, secret).await;
    assert_eq!(first.0, 200);
    assert_eq!(post("k1", body, secret).await, first);
    assert_eq!(post("k1", &body.replace("100", "200"), secret).await.0, 400);
    assert_ne!(post("k2", body, secret).await, first);
    let wrong = post("k3", "mode=payment", secret).await;
    assert_eq!((wrong.0, post("k3", "mode=payment", secret).await), (400, wrong.clone()), "errors are kept too");
    till.sandbox.fail_next(&[tributary::sandbox::Fault::KeptFault]);
    assert_eq!((post("k4", body, secret).await.0, post("k4", body, secret).await.0), (500, 500));
    assert_eq!(post("k5", body, "sk_live_other").await.0, 401);
}
