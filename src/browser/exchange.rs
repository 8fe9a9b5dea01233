//! One HTTP exchange through `fetch`, with its own `AbortController`.

use std::time::Duration;

use gloo_net::http::{Method as Verb, RequestBuilder};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, Blob, FormData, RequestCache, RequestCredentials};

use crate::protocol::http::{Content, Method};
use crate::protocol::{Request, Response, TransportError};

/// What an exchange is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The text of its answer.
    Text,
    /// A file for the visitor.
    File,
}

/// How an exchange ended, and the file that it brought.
pub type End = (Result<Response, TransportError>, Option<Blob>);

/// An exchange in flight. Dropping it aborts it; its end is then not reported.
pub struct Exchange {
    controller: Option<AbortController>,
}

impl Exchange {
    /// Begins an exchange; `report` is told its end, in a later task.
    pub fn begin(
        request: Request,
        file: Option<web_sys::File>,
        wanted: Wanted,
        report: impl FnOnce(End) + 'static,
    ) -> Self {
        let controller = AbortController::new().ok();
        let signal = controller.as_ref().map(AbortController::signal);
        spawn_local(async move {
            report(match exchange(request, file, wanted, signal.as_ref()).await {
                Some((response, brought)) => (Ok(response), brought),
                None => (Err(TransportError::Network), None),
            });
        });
        Self { controller }
    }

    /// Begins an exchange with the page, which has promised an answer, or has none to give.
    pub fn with_page(promise: Option<js_sys::Promise>, report: impl FnOnce(End) + 'static) -> Self {
        spawn_local(async move { report((page_answer(promise).await.ok_or(TransportError::Network), None)) });
        Self { controller: None }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        // After the end of the exchange this does nothing.
        if let Some(controller) = &self.controller {
            controller.abort();
        }
    }
}

/// Makes the exchange; `None` where it failed, for whatever reason. The page may have wrapped `fetch` into something that
/// rejects with what is no error at all.
async fn exchange(
    request: Request,
    file: Option<web_sys::File>,
    wanted: Wanted,
    signal: Option<&web_sys::AbortSignal>,
) -> Option<(Response, Option<Blob>)> {
    let verb = match request.method {
        Method::Get => Verb::GET,
        Method::Post => Verb::POST,
        Method::Patch => Verb::PATCH,
        Method::Put => Verb::PUT,
        Method::Delete => Verb::DELETE,
    };
    let mut builder = RequestBuilder::new(&request.url)
        .method(verb)
        .cache(RequestCache::NoStore)
        // The key is the only credential (live-agent.md §2.1); cookies of the page are nobody's business.
        .credentials(RequestCredentials::Omit)
        .abort_signal(signal);
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let built = match request.content {
        Content::Empty => builder.build(),
        Content::Form(fields) => {
            let parts = web_sys::UrlSearchParams::new().ok()?;
            for (name, value) in &fields {
                parts.append(name, value);
            }
            builder.body(parts)
        }
        Content::Json(text) => builder.header("Content-Type", "application/json").body(text),
        Content::Bytes { .. } => builder.body(file?),
        Content::File { part, fields, .. } => builder.body(form(part, &fields, file).ok()?),
    };
    let built = web_sys::Request::from(built.ok()?);
    let answer = JsFuture::from(web_sys::window()?.fetch_with_request(&built)).await.ok()?;
    let answer: web_sys::Response = answer.dyn_into().ok()?;
    let retry_after = answer.headers().get("Retry-After").ok()?.and_then(|text| text.trim().parse().ok());
    let location = answer.headers().get("Location").ok()?;
    let kind = answer.headers().get("Content-Type").ok()?.unwrap_or_default();
    let is_words = wanted == Wanted::Text || !answer.ok() || kind.to_ascii_lowercase().contains("json");
    let brought: Option<Blob> = match wanted {
        Wanted::Text => None,
        Wanted::File => Some(JsFuture::from(answer.blob().ok()?).await.ok()?.dyn_into().ok()?),
    };
    let body = match &brought {
        _ if !is_words => String::new(),
        Some(blob) => JsFuture::from(blob.text()).await.ok()?.as_string()?,
        None => JsFuture::from(answer.text().ok()?).await.ok()?.as_string()?,
    };
    let retry_after = retry_after.map(Duration::from_secs);
    Some((Response { status: answer.status(), body, retry_after, location }, brought))
}

/// What the page says, as JSON; `None` where it could not say it now.
async fn page_answer(promise: Option<js_sys::Promise>) -> Option<Response> {
    let nothing = Response { status: 404, ..Response::default() };
    let Some(promise) = promise else { return Some(nothing) };
    let value = JsFuture::from(promise).await.ok()?;
    let text = js_sys::JSON::stringify(&value).ok()?.as_string();
    Some(text.map_or(nothing, |body| Response { status: 200, body, ..Response::default() }))
}

fn form(part: &str, fields: &[(&'static str, String)], file: Option<web_sys::File>) -> Result<FormData, JsValue> {
    let form = FormData::new()?;
    for (name, value) in fields {
        form.append_with_str(name, value)?;
    }
    if let Some(file) = file {
        form.append_with_blob_and_filename(part, &file, &file.name())?;
    }
    Ok(form)
}
