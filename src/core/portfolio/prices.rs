//! What money, a place in a category and a place in a group are worth: a Lagrangian bound in whole numbers.
//!
//! Every binding constraint gets a price. With prices, each project stands for itself: its best is what is left of its
//! key after paying them, and the sum of all bests and of what the constraints are worth is never below the key of any
//! feasible portfolio (`bound`). Any prices give a true bound; these are found by bisection, category by category
//! inside the bisection of the budget's price, and then group by group. What a choice gives up against the best of its
//! project is its loss: key = bound − all losses − what is paid for money left over. `fronts` enumerates by loss.

use super::programme::{Bounds, Item, Keys, Programme, Worth};

/// How often the prices of groups and of money are fitted to each other.
const ROUNDS: usize = 8;

/// The constraints that are enforced; a relaxed one is looked at again when it is broken.
#[derive(Debug, Clone)]
pub(super) struct Active {
    pub(super) min_amount: Vec<bool>,
    pub(super) max_count: Vec<bool>,
    pub(super) min_count: Vec<bool>,
    pub(super) groups: Vec<bool>,
}

impl Active {
    pub(super) fn none(programme: &Programme) -> Self {
        let idle = vec![false; programme.bounds.len()];
        let groups = vec![false; programme.groups.len()];
        Self { min_amount: idle.clone(), max_count: idle.clone(), min_count: idle, groups }
    }
}

/// The items of one category (or of none) and the bounds that are enforced on them.
#[derive(Debug, Clone)]
pub(super) struct Envelope {
    pub(super) items: Vec<usize>,
    pub(super) bounds: Bounds,
    /// Price of money here: the budget's and the category's own.
    pub(super) money: i128,
    /// Price of a place: above 0 where the maximum binds, below where the minimum does.
    pub(super) place: i128,
}

/// All prices and the bound they give.
#[derive(Debug)]
pub(super) struct Prices {
    pub(super) budget: i128,
    pub(super) envelopes: Vec<Envelope>,
    pub(super) groups: Vec<i128>,
    /// Per group, whether it is enforced.
    pub(super) enforced: Vec<bool>,
    pub(super) bound: i128,
    /// Per item, what it pays for its groups.
    pub(super) dues: Vec<i128>,
}

/// What an item may be: worth, size, and whether it is decided.
struct View<'a> {
    items: &'a [Item],
    keys: &'a Keys,
    step: i64,
    dues: Vec<i128>,
}

impl View<'_> {
    /// The best of a funded item at this price of money, and the money of it.
    fn funded(&self, place: usize, price: i128) -> (i128, i128) {
        let (item, worth) = (&self.items[place], self.keys.worth[place]);
        let more = i128::from(item.steps) * i128::from(self.step);
        let least = worth.base - price * i128::from(item.min) - self.dues[place];
        if worth.slope > price {
            (least + (worth.slope - price) * more, i128::from(item.min) + more)
        } else {
            (least, i128::from(item.min))
        }
    }

    /// The best choice inside an envelope at this price: its value without bounds on money, its money, and the price
    /// of a place.
    fn choice(&self, envelope: &Envelope, price: i128) -> (i128, i128, i128) {
        let (mut value, mut money, mut count) = (0, 0, 0_i64);
        let mut open = Vec::with_capacity(envelope.items.len());
        for place in &envelope.items {
            let (best, spent) = self.funded(*place, price);
            match self.items[*place].decision {
                Some(true) => {
                    value += best;
                    money += spent;
                    count += 1;
                }
                Some(false) => {}
                None => open.push((best, spent)),
            }
        }
        let positive = open.iter().filter(|(best, _)| *best > 0).count();
        let most = place_count(envelope.bounds.max_count.map_or(i64::MAX, |most| most - count), open.len());
        let least = place_count(envelope.bounds.min_count.map_or(0, |least| least - count), open.len());
        let taken = positive.min(most).max(least);
        let mut place = 0;
        if taken != positive {
            open.sort_unstable_by_key(|(best, spent)| (-best, *spent));
            // Any price between the last one in and the first one out will do; the middle leaves both some distance.
            let last_in = if taken > 0 { open[taken - 1].0 } else { open[taken].0 };
            let first_out = if taken < open.len() { open[taken].0 } else { last_in };
            place = (last_in + first_out).div_euclid(2).min(if taken > positive { 0 } else { i128::MAX });
            for (best, spent) in &open[..taken] {
                value += best;
                money += spent;
            }
        } else {
            for (best, spent) in open.iter().filter(|(best, _)| *best > 0) {
                value += best;
                money += spent;
            }
        }
        (value, money, place)
    }

    /// The smallest price in the range at which the envelope spends at most this.
    fn price_for(&self, envelope: &Envelope, most: i64, range: i128) -> i128 {
        let (mut low, mut high) = (-range, range);
        while low < high {
            let middle = (low + high).div_euclid(2);
            if self.choice(envelope, middle).1 <= i128::from(most) { high = middle } else { low = middle + 1 }
        }
        low
    }
}

fn place_count(count: i64, items: usize) -> usize {
    usize::try_from(count.max(0)).unwrap_or(usize::MAX).min(items)
}

/// Fits all prices.
pub(super) fn fit(programme: &Programme, keys: &Keys, active: &Active) -> Prices {
    let mut view = View { items: &programme.items, keys, step: programme.step, dues: vec![0; programme.items.len()] };
    let mut groups = vec![0; programme.groups.len()];
    let mut envelopes = envelopes(programme, active);
    let grouped = active.groups.iter().any(|active| *active);
    let mut budget = fit_money(programme, &view, &mut envelopes);
    for _ in 0..if grouped { ROUNDS } else { 0 } {
        fit_groups(programme, active, &mut view, &envelopes, &mut groups);
        budget = fit_money(programme, &view, &mut envelopes);
    }
    let mut bound = budget * i128::from(programme.ceiling());
    for envelope in &envelopes {
        bound += view.choice(envelope, envelope.money).0;
        let own = envelope.money - budget;
        let at = if own > 0 { envelope.bounds.max_amount } else { envelope.bounds.min_amount };
        bound += own * i128::from(at.unwrap_or(0));
    }
    bound += programme.groups.iter().zip(&groups).map(|(group, price)| price * i128::from(group.at_most)).sum::<i128>();
    Prices { budget, envelopes, groups, enforced: active.groups.clone(), bound, dues: view.dues }
}

fn envelopes(programme: &Programme, active: &Active) -> Vec<Envelope> {
    let enforced = |place: usize, bounds: &Bounds| Bounds {
        max_amount: bounds.max_amount,
        min_amount: bounds.min_amount.filter(|_| active.min_amount[place]),
        max_count: bounds.max_count.filter(|_| active.max_count[place]),
        min_count: bounds.min_count.filter(|_| active.min_count[place]),
    };
    let bounds = programme.bounds.iter().enumerate().map(|(place, bounds)| enforced(place, bounds));
    let mut envelopes: Vec<Envelope> = bounds
        .chain([Bounds::default()])
        .map(|bounds| Envelope { items: Vec::new(), bounds, money: 0, place: 0 })
        .collect();
    for (place, item) in programme.items.iter().enumerate() {
        envelopes[item.category.unwrap_or(programme.bounds.len())].items.push(place);
    }
    envelopes
}

fn fit_money(programme: &Programme, view: &View<'_>, envelopes: &mut [Envelope]) -> i128 {
    let range = range(view);
    let limits: Vec<(i128, i128)> = envelopes
        .iter()
        .map(|envelope| {
            let low = envelope.bounds.max_amount.map_or(-range, |most| view.price_for(envelope, most, range));
            let high = match envelope.bounds.min_amount {
                Some(least) if least > 0 => view.price_for(envelope, least - 1, range) - 1,
                _ => range,
            };
            (low, high)
        })
        .collect();
    let at = |place: usize, price: i128| {
        let (low, high) = limits[place];
        if price < low { low.min(high.max(price)) } else { price.min(high) }
    };
    let (mut low, mut high) = (0, if programme.budget.is_some() { range } else { 0 });
    while low < high {
        let middle = (low + high).div_euclid(2);
        let money: i128 = envelopes.iter().enumerate().map(|(place, one)| view.choice(one, at(place, middle)).1).sum();
        if money <= i128::from(programme.ceiling()) { high = middle } else { low = middle + 1 }
    }
    for (place, envelope) in envelopes.iter_mut().enumerate() {
        envelope.money = at(place, low);
        envelope.place = view.choice(envelope, envelope.money).2;
    }
    low
}

/// Beyond this no project pays for itself, and below its negative every project does.
fn range(view: &View<'_>) -> i128 {
    let worth = view.keys.worth.iter().zip(&view.dues).zip(view.items);
    let reach = |((worth, dues), item): ((&Worth, &i128), &Item)| {
        ((worth.base.abs() + dues) / i128::from(item.min) + 1).max(worth.slope.abs())
    };
    worth.map(reach).max().unwrap_or(0) + 1
}

/// Each group's price lies between what the last member in and the first one out would pay.
fn fit_groups(
    programme: &Programme,
    active: &Active,
    view: &mut View<'_>,
    envelopes: &[Envelope],
    prices: &mut [i128],
) {
    let of = |place: usize| &envelopes[programme.items[place].category.unwrap_or(envelopes.len() - 1)];
    for (number, group) in programme.groups.iter().enumerate().filter(|(number, _)| active.groups[*number]) {
        let mut offers = Vec::new();
        let mut places = group.at_most;
        for member in &group.members {
            view.dues[*member] -= prices[number];
            let envelope = of(*member);
            match programme.items[*member].decision {
                Some(true) => places -= 1,
                Some(false) => {}
                None => offers.push(view.funded(*member, envelope.money).0 - envelope.place),
            }
        }
        offers.sort_unstable_by(|a, b| b.cmp(a));
        let places = usize::try_from(places.max(0)).unwrap_or(usize::MAX);
        let first_out = offers.get(places).copied().unwrap_or(0).max(0);
        let last_in = if places > 0 && first_out > 0 { offers[places - 1] } else { first_out };
        prices[number] = (first_out + last_in) / 2;
        for member in &group.members {
            view.dues[*member] += prices[number];
        }
    }
}
