//! Hands the visitor a file, as a link to it would.

use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast;
use web_sys::{Blob, HtmlElement, Url};

/// Saves `file` under `name`, wherever this browser saves files. Nothing happens where it does not let a page do so.
pub(super) fn save(file: &Blob, name: &str) {
    let Ok(url) = Url::create_object_url_with_blob(file) else { return };
    let link = web_sys::window().and_then(|window| window.document()).and_then(|page| page.create_element("a").ok());
    if let Some(link) = link {
        // Names and values are valid, whatever the file is called: the browser keeps what can stand in a name of one.
        let _ = link.set_attribute("href", &url);
        let _ = link.set_attribute("download", name);
        link.unchecked_ref::<HtmlElement>().click();
    }
    // A browser may begin to read it some time after the click.
    Timeout::new(KEPT_MILLIS, move || drop(Url::revoke_object_url(&url))).forget();
}

/// What large files take to be read on slow devices.
const KEPT_MILLIS: u32 = 60_000;
