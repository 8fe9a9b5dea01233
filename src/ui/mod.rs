//! Leptos components over the view.
