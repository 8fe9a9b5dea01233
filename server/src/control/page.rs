//! The control surface's page for people: three files without anything inline.

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;

/// The page.
pub async fn index() -> impl IntoResponse {
    file("text/html; charset=utf-8", include_str!("page/index.html"))
}

/// Its script.
pub async fn script() -> impl IntoResponse {
    file("text/javascript; charset=utf-8", include_str!("page/control.js"))
}

/// Its style.
pub async fn style() -> impl IntoResponse {
    file("text/css; charset=utf-8", include_str!("page/control.css"))
}

fn file(kind: &'static str, content: &'static str) -> impl IntoResponse {
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:";
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-store"), (CONTENT_SECURITY_POLICY, policy)], content)
}
