//! Ids as newtypes, so that no two kinds can be confused.

use super::keep::keep_inner;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u64);

        keep_inner!($name);
    };
}

id! {
    /// One message that the visitor wrote, from the moment it is accepted until it is delivered or dropped.
    EntryId
}
id! {
    /// One line of the transcript; consecutive from 0 within a conversation.
    MessageId
}
id! {
    /// One HTTP exchange. Never reused within a page's life.
    RequestId
}
id! {
    /// One thing posted to the backend. A repeat of the same content keeps its id; other content never has it.
    PostId
}
id! {
    /// One page's life in one tab; drawn at random, so that two never have the same.
    TabId
}
id! {
    /// A file that the visitor picked. The shell keeps the bytes, the core only this handle.
    FileId
}
