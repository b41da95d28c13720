//! Forms as the interface takes them: `line_items[0][price_data][unit_amount]=100`.

use std::collections::BTreeMap;

/// Fields read of one form.
const FIELDS: usize = 200;

/// A form or a query.
#[derive(Debug, Default, Clone)]
pub struct Form(BTreeMap<String, String>);

impl Form {
    /// Reads `a=b&c[d]=e`.
    pub fn read(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).take(FIELDS);
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (plain(name), plain(value))
        };
        Self(pairs.map(pair).collect())
    }

    /// A field, `""` when it is missing.
    pub fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// A number.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.text(name).parse().ok()
    }

    /// The fields of a map: `metadata[a]=b`.
    pub fn map(&self, name: &str) -> BTreeMap<String, String> {
        let inner = |(field, value): (&String, &String)| {
            let key = field.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?;
            Some((key.to_owned(), value.clone()))
        };
        self.0.iter().filter_map(inner).collect()
    }
}

/// Without `%41` and `+`.
fn plain(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits: Vec<u8> = rest.by_ref().take(2).collect();
                bytes.extend(hex::decode(digits).unwrap_or_default());
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
