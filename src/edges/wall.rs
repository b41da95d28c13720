//! A wall that the compiler does not look behind.
//!
//! Whether a future may go to another thread is proved by walking through the type of everything it holds, again in each function.
//! What stands behind a wall (the press with all of typst, the processor's client, the pools) was asked once, where it was walled in;
//! without walls that proof was two thirds of a build.

use std::ops::Deref;
use std::sync::Arc;

/// A shared value behind a wall. It is used as if the wall were not there.
pub struct Wall<T: 'static>(Arc<dyn Holds<T>>);

trait Holds<T>: Send + Sync {
    fn held(&self) -> &T;
}

struct Held<T>(T);

impl<T: Send + Sync> Holds<T> for Held<T> {
    fn held(&self) -> &T {
        &self.0
    }
}

impl<T: Send + Sync> Wall<T> {
    /// Walls a value in.
    pub fn around(value: T) -> Self {
        Self(Arc::new(Held(value)))
    }
}

impl<T> Clone for Wall<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Deref for Wall<T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.0.held()
    }
}

impl<T> std::fmt::Debug for Wall<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wall { .. }")
    }
}
