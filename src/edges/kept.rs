//! What was read for a page and has not changed since: rows, never a page.
//!
//! A public page asks for the same rows a thousand times a day and they change a few times. [`Kept::read`] asks the database
//! for its mark (one small question) and loads anew only when something, anything, was committed since. There is no time
//! to live and nothing to forget to throw away: whoever is shown a balance is shown the balance.

use super::db::{Db, Mark};
use crate::error::Result;
use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Things kept at once; about fifteen kilobytes each, so a few megabytes in all.
const MOST: usize = 256;

/// Rows by what they are of, all of one mark.
#[derive(Debug, Default)]
pub struct Kept(Mutex<Shelf>);

#[derive(Debug, Default)]
struct Shelf {
    mark: Option<Mark>,
    things: HashMap<String, Arc<dyn Any + Send + Sync>>,
}

impl Kept {
    /// What `key` stands for, as it is committed now. One key always has one type.
    ///
    /// # Errors
    /// Whatever `load` answers; that is not kept.
    pub async fn read<T, F>(&self, db: &Db, key: String, load: F) -> Result<Arc<T>>
    where
        T: Any + Send + Sync,
        F: Future<Output = Result<T>> + Send,
    {
        // The mark is asked first: rows read after it may be newer, never older.
        let mark = db.mark().await?;
        let found = self.with(&mark, |things| things.get(&key).cloned());
        if let Some(found) = found.and_then(|found| found.downcast::<T>().ok()) {
            return Ok(found);
        }
        let loaded = Arc::new(load.await?);
        self.with(&mark, |things| {
            if things.len() >= MOST {
                things.clear();
            }
            things.insert(key, loaded.clone());
        });
        Ok(loaded)
    }

    /// The shelf of this mark; what is of another mark is swept off first.
    fn with<T>(&self, mark: &Mark, use_it: impl FnOnce(&mut HashMap<String, Arc<dyn Any + Send + Sync>>) -> T) -> T {
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if shelf.mark.as_ref() != Some(mark) {
            shelf.things.clear();
            shelf.mark = Some(mark.clone());
        }
        use_it(&mut shelf.things)
    }
}
