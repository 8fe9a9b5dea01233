//! Puts the demo page into what Trunk serves, with the script by which Trunk reloads it.
//!
//! Trunk calls it when it has copied what the page loads; `trunk/index.html` says why it cannot copy the page itself.

use std::path::PathBuf;

use crate::house::House;
use crate::shell::{self, Failure, Outcome};

/// Replaces the page in Trunk's staging folder by the demo page.
pub fn run(house: &House) -> Outcome {
    let Some(staging) = std::env::var_os("TRUNK_STAGING_DIR").map(PathBuf::from) else {
        return Err(Failure::new("`cargo xtask page` is called by Trunk; run `trunk serve`"));
    };
    let staged = staging.join("index.html");
    let demo = shell::read_file(&house.root.join("index.html"))?;
    let reloading = with_scripts_of(&demo, &shell::read_file(&staged)?);
    shell::write_file(&staged, reloading)
}

/// The page `demo` with the scripts that stand in the body of `staged`.
fn with_scripts_of(demo: &str, staged: &str) -> String {
    let scripts =
        staged.split_once("<body>").and_then(|(_, rest)| rest.rsplit_once("</body>")).map_or("", |(all, _)| all);
    match demo.rsplit_once("</body>") {
        Some((before, after)) => format!("{before}{scripts}</body>{after}"),
        None => demo.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::with_scripts_of;

    #[test]
    fn scripts_move_to_the_end_of_the_demo_page() {
        let page = with_scripts_of("<body><p>shop</p></body></html>", "<body><script>1</script></body>");

        assert_eq!(page, "<body><p>shop</p><script>1</script></body></html>");
    }
}
