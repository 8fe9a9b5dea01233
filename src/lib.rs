//! Entrance.
