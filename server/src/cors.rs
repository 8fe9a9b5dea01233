//! What another origin may ask and read. The settings say who, each façade says what.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;

use crate::call;
use crate::settings::Cors;

/// What a façade lets another origin do.
#[derive(Debug, Clone, Copy)]
pub struct Sharing {
    /// The methods that it may use.
    pub methods: &'static str,
    /// The headers that it may add.
    pub headers: &'static str,
    /// The answer's headers that it may read, beyond those that everybody may.
    pub exposed: Option<&'static str>,
    /// Whether cookies may go along.
    pub credentials: Credentials,
}

/// Whether cookies may go along with a request from another origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credentials {
    /// They may not; then a wildcard names every origin.
    Refused,
    /// They may; then an answer names the very origin that asks.
    Allowed,
}

/// Answers a preflight.
pub fn preflight(cors: &Cors, sharing: &Sharing) -> Response {
    if *cors == Cors::Off {
        return call::text(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
    }
    let mut response = call::empty(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(sharing.methods));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(sharing.headers));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response
}

/// Adds to an answer who may read it.
pub fn dress(cors: &Cors, sharing: &Sharing, request: &HeaderMap, response: &mut Response) {
    let origin = request.get(header::ORIGIN);
    let wildcard = *cors == Cors::Any && sharing.credentials == Credentials::Refused;
    let allowed = match cors {
        Cors::Any if wildcard => Some(HeaderValue::from_static("*")),
        Cors::Any => origin.cloned(),
        Cors::Off => return,
        Cors::Only(origins) => {
            origin.filter(|origin| origins.iter().any(|one| one.as_bytes() == origin.as_bytes())).cloned()
        }
    };
    let headers = response.headers_mut();
    if let Some(allowed) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        if sharing.credentials == Credentials::Allowed {
            headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        if let Some(exposed) = sharing.exposed {
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(exposed));
        }
    }
    if !wildcard {
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Sharing =
        Sharing { methods: "GET", headers: "Accept", exposed: Some("Location"), credentials: Credentials::Refused };
    const WITH_COOKIES: Sharing = Sharing { exposed: None, credentials: Credentials::Allowed, ..PLAIN };

    fn dressed(cors: &Cors, sharing: &Sharing, origin: &'static str) -> Vec<String> {
        let request = HeaderMap::from_iter([(header::ORIGIN, HeaderValue::from_static(origin))]);
        let mut response = call::empty(StatusCode::OK);
        dress(cors, sharing, &request, &mut response);
        let lines = response.headers().iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()));
        lines.collect()
    }

    #[test]
    fn without_cookies_everybody_is_named_by_a_wildcard() {
        let lines = dressed(&Cors::Any, &PLAIN, "http://a.test");
        assert_eq!(lines, ["access-control-allow-origin: *", "access-control-expose-headers: Location"]);
    }

    #[test]
    fn with_cookies_the_very_origin_is_named() {
        let lines = dressed(&Cors::Any, &WITH_COOKIES, "http://a.test");
        let origin = "access-control-allow-origin: http://a.test";
        assert_eq!(lines, [origin, "access-control-allow-credentials: true", "vary: Origin"]);
    }

    #[test]
    fn an_origin_that_is_not_listed_is_told_nothing() {
        let listed = Cors::Only(vec!["http://a.test".to_owned()]);
        assert_eq!(dressed(&listed, &WITH_COOKIES, "http://b.test"), ["vary: Origin"]);
        assert_eq!(dressed(&Cors::Off, &WITH_COOKIES, "http://a.test"), [""; 0]);
    }

    #[test]
    fn a_preflight_tells_what_the_facade_allows() {
        let response = preflight(&Cors::Any, &PLAIN);
        let told = |name| response.headers().get(name).cloned();
        assert_eq!(told(header::ACCESS_CONTROL_ALLOW_METHODS), Some(HeaderValue::from_static("GET")));
        assert_eq!(told(header::ACCESS_CONTROL_ALLOW_HEADERS), Some(HeaderValue::from_static("Accept")));
        assert_eq!(preflight(&Cors::Off, &PLAIN).status(), StatusCode::METHOD_NOT_ALLOWED);
    }
}
