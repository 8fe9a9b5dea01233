//! Puts the desk's style sheet together: the widget's own, then what is the desk's. It travels inside the module.

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let mut sheet = String::new();
    for name in ["../style/tokens.css", "../style/widget.css", "style/desk.css", "style/side.css", "style/pane.css"] {
        println!("cargo::rerun-if-changed={name}");
        sheet.push_str(&fs::read_to_string(name)?);
    }
    let folder = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo names no OUT_DIR"))?;
    fs::write(Path::new(&folder).join("desk.css"), sheet)
}
