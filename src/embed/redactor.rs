//! The browser's regular expressions, for the site's rules about sensitive data.

use js_sys::{Array, Function, JsString, Reflect, RegExp};
use wasm_bindgen::{JsCast, JsValue};

use crate::protocol::live_agent::Redactor;

/// `RegExp` of the page.
#[derive(Debug)]
pub(super) struct RegularExpressions;

impl Redactor for RegularExpressions {
    fn replaced(&self, pattern: &str, text: &str, replacement: &str) -> Option<String> {
        // The constructor throws on what it does not understand, so it is called where that is caught.
        let constructor: Function = Reflect::get(&js_sys::global(), &"RegExp".into()).ok()?.dyn_into().ok()?;
        let arguments = Array::of2(&pattern.into(), &JsValue::from("g"));
        let expression: RegExp = Reflect::construct(&constructor, &arguments).ok()?.dyn_into().ok()?;
        let literal = replacement.replace('$', "$$");
        Some(JsString::from(text).replace_by_pattern(&expression, &literal).into())
    }
}
