//! What the widget costs a visitor in bytes, and whether that is within the budget.
//!
//! Measures what `dist` left; builds nothing itself.

use std::path::{Path, PathBuf};

use crate::dist;
use crate::house::{House, text_between};
use crate::setup::node;
use crate::shell::{self, Failure, Outcome};

/// One file's size as it is, and as servers send it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Size {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

/// Prints the sizes of all that a page loads; fails if they exceed the budget.
pub fn run(house: &House) -> Outcome {
    let launcher = house.root.join("pkg/holdfast.js");
    let interest = files_on_interest(house);
    if !launcher.is_file() || interest.is_empty() {
        return Err(Failure::new("there is nothing to measure yet").advise("build it with `cargo xtask dist`"));
    }
    let before = measure(house, &[launcher])?;
    let after = measure(house, &interest)?;
    let first = sum(&before);
    let all = first.plus(sum(&after));

    println!("{:<34}{:>10}{:>10}{:>10}", "", "raw", "gzip", "brotli");
    for (name, size) in before.iter().chain(&after) {
        print_row(name, *size);
    }
    print_row("before the visitor shows interest", first);
    print_row("in all", all);

    let budget = shell::read_file(&house.root.join("xtask/budget.toml"))?;
    let excesses: Vec<String> = [("before-interest", first), ("in-all", all)]
        .into_iter()
        .map(|(name, size)| compare(name, size.brotli, limit(&budget, name)?))
        .filter_map(Outcome::transpose)
        .collect::<Outcome<_>>()?;
    if excesses.is_empty() { Ok(()) } else { Err(Failure::new(excesses.join("\n"))) }
}

impl Size {
    fn plus(self, other: Self) -> Self {
        Self { raw: self.raw + other.raw, gzip: self.gzip + other.gzip, brotli: self.brotli + other.brotli }
    }
}

/// What is loaded once the visitor shows interest.
fn files_on_interest(house: &House) -> Vec<PathBuf> {
    shell::list_folder(&dist::package(house))
        .into_iter()
        .filter(|path| {
            path.extension().is_some_and(|extension| extension == "js" || extension == "wasm" || extension == "css")
        })
        .collect()
}

fn measure(house: &House, files: &[PathBuf]) -> Outcome<Vec<(String, Size)>> {
    let script = house.root.join("xtask/node/measure.mjs");
    let lines = shell::read(shell::command(node::provide()?).arg(script).args(files))?;
    files.iter().zip(lines.lines()).map(|(file, line)| Ok((name_of(house, file), parse_size(line)?))).collect()
}

fn name_of(house: &House, file: &Path) -> String {
    file.strip_prefix(&house.root).unwrap_or(file).display().to_string()
}

fn parse_size(line: &str) -> Outcome<Size> {
    let numbers: Vec<u64> = line.split(' ').filter_map(|word| word.parse().ok()).collect();
    match numbers.as_slice() {
        [raw, gzip, brotli] => Ok(Size { raw: *raw, gzip: *gzip, brotli: *brotli }),
        _ => Err(Failure::new(format!("measure.mjs printed `{line}` instead of three numbers"))),
    }
}

fn sum(sizes: &[(String, Size)]) -> Size {
    sizes.iter().fold(Size::default(), |total, (_, size)| total.plus(*size))
}

fn print_row(name: &str, size: Size) {
    println!("{name:<34}{:>10}{:>10}{:>10}", size.raw, size.gzip, size.brotli);
}

fn limit(budget: &str, name: &str) -> Outcome<u64> {
    text_between(budget, &format!("\n{name} = "), "\n")
        .and_then(|number| number.replace('_', "").trim().parse().ok())
        .ok_or_else(|| Failure::new(format!("xtask/budget.toml has no number `{name}`")))
}

/// A sentence about an excess, if there is one.
fn compare(name: &str, bytes: u64, limit: u64) -> Outcome<Option<String>> {
    if bytes > limit {
        return Ok(Some(format!("over budget: {name} is {bytes} bytes of brotli, {} over {limit}", bytes - limit)));
    }
    println!("within budget: {name} leaves {} of {limit} bytes of brotli", limit - bytes);
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_with_their_separators() {
        let budget = "# budget\nbefore-interest = 3_000\nin-all = 90_000\n";
        assert_eq!(limit(budget, "before-interest").ok(), Some(3_000));
        assert_eq!(limit(budget, "in-all").ok(), Some(90_000));
        assert!(limit(budget, "elsewhere").is_err());
    }

    #[test]
    fn sizes_are_three_numbers() {
        assert_eq!(parse_size("3 2 1").ok(), Some(Size { raw: 3, gzip: 2, brotli: 1 }));
        assert!(parse_size("3 2").is_err());
        assert!(parse_size("").is_err());
    }
}
