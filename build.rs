//! Takes out of the style sheet what only people read; it travels inside the WebAssembly module.

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let mut sheet = String::new();
    for name in ["style/tokens.css", "style/widget.css", "style/form.css"] {
        println!("cargo::rerun-if-changed={name}");
        sheet.push_str(&fs::read_to_string(name)?);
    }
    let folder = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo names no OUT_DIR"))?;
    fs::write(Path::new(&folder).join("widget.css"), packed(&sheet))
}

/// The same rules without comments and without blanks between them. Relies on how the sheets are laid out: one declaration
/// on each line, and nothing else on it.
fn packed(sheet: &str) -> String {
    let mut packed = String::new();
    for line in uncommented(sheet).lines().map(str::trim) {
        match line.strip_suffix(';') {
            Some(declaration) => packed.push_str(&declaration.replacen(": ", ":", 1).replace(", ", ",")),
            None => packed.push_str(&line.replace(" {", "{")),
        }
        if line.ends_with(';') {
            packed.push(';');
        }
    }
    packed.replace(";}", "}")
}

fn uncommented(sheet: &str) -> String {
    let parts = sheet.split("/*").map(|part| part.split_once("*/").map_or(part, |(_, after)| after));
    parts.collect()
}
