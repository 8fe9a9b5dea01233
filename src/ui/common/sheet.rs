//! One constructable style sheet, shared by all instances: strict policies allow it, a `<style>` element they do not.

use std::cell::RefCell;

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CssStyleSheet, Node};

/// A style sheet in use by one root. Taken back on drop.
pub struct AdoptedSheet {
    root: Node,
    sheet: CssStyleSheet,
}

impl AdoptedSheet {
    /// Lets the root of `node` (shadow root or document) use the sheet with this text. `None` where the browser cannot.
    pub fn adopt(node: &Node, text: &str) -> Option<Self> {
        let sheet = shared(text)?;
        let root = node.get_root_node();
        let sheets = sheets_of(&root)?;
        sheets.push(&sheet);
        set_sheets_of(&root, &sheets);
        Some(Self { root, sheet })
    }
}

impl Drop for AdoptedSheet {
    fn drop(&mut self) {
        let Some(sheets) = sheets_of(&self.root) else { return };
        // Two instances in one root adopt it twice; each takes back one.
        let own = JsValue::from(&self.sheet);
        let mut is_taken = false;
        let rest = Array::new();
        for sheet in sheets.iter() {
            if is_taken || sheet != own {
                rest.push(&sheet);
            } else {
                is_taken = true;
            }
        }
        set_sheets_of(&self.root, &rest);
    }
}

fn shared(text: &str) -> Option<CssStyleSheet> {
    thread_local! {
        static SHEET: RefCell<Option<CssStyleSheet>> = const { RefCell::new(None) };
    }
    SHEET.with_borrow_mut(|slot| {
        if slot.is_none() {
            let sheet = CssStyleSheet::new().ok()?;
            sheet.replace_sync(text).ok()?;
            *slot = Some(sheet);
        }
        slot.clone()
    })
}

/// A copy of the list, because what the property gives cannot be edited in older browsers.
fn sheets_of(root: &Node) -> Option<Array> {
    let list = Reflect::get(root, &JsValue::from_str(PROPERTY)).ok()?;
    if list.is_undefined() { None } else { Some(list.unchecked_into::<Array>().slice(0, u32::MAX)) }
}

fn set_sheets_of(root: &Node, sheets: &Array) {
    // Fails where the root moved to another document; the sheet is gone then, too.
    let _ = Reflect::set(root, &JsValue::from_str(PROPERTY), sheets);
}

const PROPERTY: &str = "adoptedStyleSheets";
