//! The rules of the books, each by its name, on both databases.


mod events;

mod ground;




mod sums;
