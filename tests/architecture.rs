//! The rules of the house, checked against its text: who may import whom, what every file has, and that the tables of
//! names agree. What the compiler or a lint already holds is not repeated here.

#![cfg(not(target_arch = "wasm32"))]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test may stop at the first surprise"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[test]
fn every_module_imports_only_what_its_layer_may() {
    let mut wrong = Vec::new();
    for source in sources(&["src"]) {
        let layer = source.layer();
        for (line, path) in source.paths() {
            if !may_import(&layer, &path) {
                wrong.push(format!("{}:{line}: {layer} must not know {}", source.name, path.join("::")));
            }
        }
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_import_table_refuses_what_it_should() {
    for (layer, path) in [
        ("model", "protocol::Call"),
        ("model", "session"),
        ("protocol", "session::View"),
        ("protocol", "protocol::live_agent::Config"),
        ("protocol::live_agent", "session::View"),
        ("protocol::live_agent", "protocol::genesys::Config"),
        ("session", "protocol::live_agent::LiveAgent"),
        ("session", "browser::Driver"),
        ("session", "tab::Tab"),
        ("tab", "protocol::live_agent::LiveAgent"),
        ("tab", "browser::Driver"),
        ("ui", "tab::Tab"),
        ("browser", "protocol::Protocol"),
        ("browser", "protocol::live_agent::LiveAgent"),
        ("browser", "ui::mount"),
        ("browser", "embed"),
        ("ui", "protocol::Request"),
        ("ui", "browser::now"),
        ("ui", "session::Session"),
        ("ui", "session::Input"),
        ("ui", "embed::Handle"),
    ] {
        let path: Vec<String> = path.split("::").map(str::to_owned).collect();
        assert!(!may_import(layer, &path), "{layer} {path:?}");
    }
}

#[test]
fn paths_are_found_in_lists_in_code_and_above_the_module() {
    let text = "use crate::session::{Command, view::{View, Stage}};\n// use crate::ui::X;\nlet a = crate::browser::now();\nuse super::super::model::Message;\n";
    let source = Source { name: "src/ui/common/x.rs".to_owned(), text: text.to_owned() };

    let found: Vec<String> =
        source.paths().into_iter().map(|(line, path)| format!("{line} {}", path.join("::"))).collect();

    assert_eq!(
        found,
        [
            "1 session::Command",
            "1 session::view::View",
            "1 session::view::Stage",
            "3 browser::now",
            "4 ui::model::Message",
        ]
    );
}

#[test]
fn the_core_names_no_browser_crate() {
    let crates: Vec<String> = browser_crates().iter().map(|name| name.replace('-', "_")).collect();
    let core = sources(&["src/model", "src/protocol", "src/session", "src/tab"]);

    let wrong: Vec<String> = found(&core, |code| crates.iter().any(|name| code.contains(&format!("{name}::"))));

    assert!(!crates.is_empty() && wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn browser_crates_are_declared_for_wasm32_only() {
    let manifest = read("Cargo.toml");
    let everywhere: BTreeSet<String> =
        ["[dependencies]", "[dev-dependencies]"].into_iter().flat_map(|table| names_in(&manifest, table)).collect();

    let wrong: Vec<String> = browser_crates().into_iter().filter(|name| everywhere.contains(name)).collect();

    assert_eq!(wrong, [""; 0]);
    let library = read("src/lib.rs");
    for module in ["browser", "embed", "ui"] {
        let guarded = format!("#[cfg(target_arch = \"wasm32\")]\npub mod {module};");
        assert!(library.contains(&guarded), "{module} is not for wasm32 only");
    }
}

#[test]
fn the_server_does_not_know_the_widget() {
    for manifest in ["server/Cargo.toml", "xtask/Cargo.toml"] {
        assert!(!read(manifest).contains("holdfast-chat"), "{manifest}");
    }
    let wrong = found(&sources(&["server/src"]), |code| code.contains("holdfast_chat::"));

    assert_eq!(wrong, [""; 0]);
}

#[test]
fn the_core_of_the_desk_knows_no_browser_either() {
    let crates = names_in(&read("desk/Cargo.toml"), "[target.'cfg(target_arch = \"wasm32\")'.dependencies]");
    let shell = ["holdfast_chat::browser", "holdfast_chat::ui", "crate::shell", "crate::screen"].map(str::to_owned);
    let banned: Vec<String> = crates.into_iter().map(|name| name.replace('-', "_") + "::").chain(shell).collect();

    let wrong = found(&sources(&["desk/src/api", "desk/src/core"]), |code| {
        banned.iter().any(|banned| code.contains(banned.as_str()))
    });
    let upwards = found(&sources(&["desk/src/api"]), |code| code.contains("crate::core"));

    assert!(banned.len() > 7);
    assert_eq!((wrong, upwards), (vec![], vec![]));
}

#[test]
fn every_file_says_first_what_it_is_for() {
    let wrong: Vec<String> = sources(&HOUSE)
        .into_iter()
        .filter(|source| !source.text.starts_with("//! "))
        .map(|source| source.name)
        .collect();

    assert_eq!(wrong, [""; 0]);
}

#[test]
fn no_file_is_longer_than_500_lines() {
    let long = |source: &Source| source.text.lines().count() > 500;
    let wrong: Vec<String> = sources(&HOUSE).into_iter().filter(long).map(|source| source.name).collect();

    assert_eq!(wrong, [""; 0]);
}

#[test]
fn nothing_is_left_undone_or_taken_for_granted() {
    let banned = [".unwrap()", "todo!(", "unimplemented!(", "dbg!(", "unreachable!(", "panic!("];
    let wrong = found(&sources(&["src", "desk/src"]), |code| banned.iter().any(|banned| code.contains(banned)));

    assert_eq!(wrong, [""; 0]);
}

#[test]
fn no_test_is_ignored_or_waits() {
    let banned = ["#[ignore", "thread::sleep("];
    let everywhere = sources(&["src", "tests", "server/src", "desk/src"]);
    let wrong =
        found(&everywhere, |code| banned.iter().any(|banned| code.contains(banned)) && !code.contains("banned"));

    assert_eq!(wrong, [""; 0]);
}

#[test]
fn status_codes_are_matched_on_in_adapters_only() {
    let wrong =
        found(&sources(&["src/session", "src/ui", "src/browser"]), |code| code.contains("match response.status"));

    assert_eq!(wrong, [""; 0]);
}

#[test]
fn the_reasons_for_an_end_are_the_same_for_the_core_the_types_and_the_reader() {
    let core = quoted(&between(&read("src/model/reason.rs"), "pub const fn name", "\n    }\n"), '"');
    let types = quoted(&between(&read("pkg/index.d.ts"), "export type EndReason =", ";"), '\'');
    let readme = read("README.md");
    let row = readme.lines().find(|line| line.starts_with("| `holdfast-session-ended`")).expect("the event has a row");
    let told: BTreeSet<String> = quoted(row, '`')
        .into_iter()
        .filter(|word| !word.contains(['{', '_']) && !word.starts_with("holdfast"))
        .collect();

    assert_eq!(core.len(), 12);
    assert_eq!(core, types);
    assert_eq!(core, told);
}

#[test]
fn the_events_are_the_same_for_the_types_and_the_reader() {
    let map = between(&read("pkg/index.d.ts"), "interface HoldfastEventMap {", "\n}");
    let types: BTreeSet<String> =
        map.lines().filter_map(|line| line.trim().strip_prefix('\'')?.split('\'').next().map(str::to_owned)).collect();
    let rows: String = read("README.md").lines().filter(|line| line.starts_with("| `holdfast-")).collect();
    let told: BTreeSet<String> = quoted(&rows, '`').into_iter().filter(|word| word.starts_with("holdfast-")).collect();

    assert!(types.len() > 10);
    assert_eq!(types, told);
}

#[test]
fn the_methods_are_the_same_for_the_element_the_types_and_the_readers() {
    let launcher = read("pkg/holdfast.js");
    let is_method = |name: &&str| !name.is_empty() && name.chars().all(|letter| letter.is_ascii_lowercase());
    let own = launcher.lines().filter_map(|line| Some(line.strip_prefix("    ")?.split_once('(')?.0));
    let own: BTreeSet<String> = own.filter(is_method).map(str::to_owned).collect();
    let types = between(&read("pkg/index.d.ts"), "interface HoldfastChatElement", "\n}");
    let typed =
        types.lines().filter(|line| line.ends_with("): void;")).filter_map(|line| line.trim().split('(').next());
    let typed: BTreeSet<String> = typed.map(str::to_owned).collect();
    let told = |text: &str| -> BTreeSet<String> {
        let methods = quoted(text, '`').into_iter().filter(|word| word.ends_with(')'));
        methods.filter_map(|word| word.split('(').next().map(str::to_owned)).collect()
    };
    let readme = between(&read("README.md"), "| on the element | |", "\n\n");
    let npm = read("pkg/README.md");
    let npm = npm.lines().find(|line| line.starts_with("| methods |")).expect("there is a row of methods");
    let rows: String = readme.lines().filter_map(|line| line.split('|').nth(1)).collect();

    assert!(own.len() > 4, "{own:?}");
    assert_eq!((&typed, &told(&rows), &told(npm)), (&own, &own, &own));
}

#[test]
fn the_states_and_connections_are_the_same_for_the_shell_and_the_types() {
    let shell = read("src/embed/notices.rs");
    let types = read("pkg/index.d.ts");

    let stages = quoted(&between(&shell, "fn stage_name", "\n}"), '"');
    assert_eq!(stages, quoted(&between(&types, "export type State =", ";"), '\''));
    let connections = quoted(&between(&shell, "fn connection_name", "\n}"), '"');
    assert_eq!(connections, quoted(&between(&types, "'holdfast-connection-changed': CustomEvent<{", "}>"), '\''));
}

#[test]
fn every_attribute_that_is_read_stands_in_the_readers_table_and_in_the_types() {
    let configs =
        adapters().iter().map(|adapter| read(&format!("src/protocol/{adapter}/config.rs"))).collect::<String>();
    let read_here: BTreeSet<String> = ["given(\"", "required(\""]
        .into_iter()
        .flat_map(|call| configs.split(call).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned))
        .collect();
    let (readme, types) = (read("README.md"), read("pkg/index.d.ts"));

    assert!(read_here.len() > 12, "{read_here:?}");
    let untold: Vec<&String> = read_here.iter().filter(|name| !readme.contains(&format!("`{name}`"))).collect();
    let untyped: Vec<&String> = read_here.iter().filter(|name| !types.contains(&camel(name))).collect();
    assert_eq!((untold, untyped), (vec![], vec![]));
}

/// The import table of the house.
fn may_import(layer: &str, path: &[String]) -> bool {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let adapter = layer.strip_prefix("protocol::");
    match (layer, path.as_slice()) {
        ("lib" | "embed", _) | (_, ["model", ..]) => true,
        ("model", _) => false,
        // One adapter never knows another, and nobody but the composition root knows any.
        (_, ["protocol", item, ..]) if adapters().contains(*item) => adapter == Some(item),
        ("protocol" | "session", ["protocol", ..]) | ("tab", ["protocol", "Protocol"]) => true,
        (_, ["protocol", ..]) if adapter.is_some() => true,
        ("session", ["session", ..]) | ("tab", ["session" | "tab", ..]) | ("ui", ["ui", ..]) => true,
        ("browser", ["session" | "tab" | "browser", ..]) => true,
        ("browser", ["protocol", "http" | "Request" | "Response" | "TransportError", ..]) => true,
        ("ui", ["session", item, ..]) => !MACHINERY.contains(item),
        _ => false,
    }
}

fn adapters() -> BTreeSet<String> {
    let folder = root().join("src/protocol");
    let entries = std::fs::read_dir(folder).expect("the folder can be read");
    entries
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.join("config.rs").exists())
        .filter_map(|path| path.file_name().map(|name| name.to_string_lossy().into_owned()))
        .chain(["genesys".to_owned()])
        .collect()
}

/// One file.
struct Source {
    name: String,
    text: String,
}

impl Source {
    /// The layer that it belongs to; an adapter is one of its own.
    fn layer(&self) -> String {
        let module = self.module();
        match module.as_slice() {
            [] => "lib".to_owned(),
            [layer, folder, ..] if layer == "protocol" && adapters().contains(folder) => format!("protocol::{folder}"),
            [layer, ..] => layer.clone(),
        }
    }

    fn module(&self) -> Vec<String> {
        let name = self.name.trim_start_matches("src/").trim_end_matches(".rs");
        let name = name.trim_end_matches("/mod");
        if name == "lib" { Vec::new() } else { name.split('/').map(str::to_owned).collect() }
    }

    /// Its lines without comments, counted from 1.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().filter_map(|(place, line)| {
            let code = line.split("//").next().unwrap_or_default();
            (!code.trim().is_empty()).then_some((place + 1, code))
        })
    }

    /// Every path into this crate that leads through its root, without `crate`.
    fn paths(&self) -> Vec<(usize, Vec<String>)> {
        let lines: Vec<(usize, &str)> = self.code().collect();
        let mut paths = Vec::new();
        for (place, (line, code)) in lines.iter().enumerate() {
            for start in ["crate::", "super::"] {
                for (at, _) in code.match_indices(start) {
                    let is_whole =
                        !code[..at].ends_with(|letter: char| letter.is_alphanumeric() || "_:$".contains(letter));
                    if is_whole {
                        // A list may go on over several lines.
                        let rest: String = std::iter::once(&code[at..])
                            .chain(lines[place + 1..].iter().take(20).map(|(_, code)| *code))
                            .collect::<Vec<_>>()
                            .join(" ");
                        paths.extend(self.resolved(&rest).into_iter().map(|path| (*line, path)));
                    }
                }
            }
        }
        paths
    }

    fn resolved(&self, text: &str) -> Vec<Vec<String>> {
        let mut base = self.module();
        let mut rest = text;
        let mut is_rooted = false;
        loop {
            if let Some(after) = rest.strip_prefix("crate::") {
                (base, rest, is_rooted) = (Vec::new(), after, true);
            } else if let Some(after) = rest.strip_prefix("super::") {
                is_rooted |= base.pop().is_none() || base.is_empty();
                rest = after;
            } else {
                break;
            }
        }
        // What stays below the own layer needs no leave; what is reached by climbing is told as it is.
        let climbed = text.starts_with("super::super::") || is_rooted;
        if !climbed {
            return Vec::new();
        }
        listed(rest).into_iter().map(|path| base.iter().cloned().chain(path).collect()).collect()
    }
}

/// The paths at the beginning of `text`: one, or as many as its lists have.
fn listed(text: &str) -> Vec<Vec<String>> {
    let name: String = text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
    let rest = &text[name.len()..];
    if name.is_empty() && rest.starts_with('{') {
        return items(&rest[1..]).into_iter().flat_map(|item| listed(item.trim())).collect();
    }
    match rest.strip_prefix("::") {
        Some(rest) => {
            let deeper = listed(rest);
            if deeper.is_empty() {
                return vec![vec![name]];
            }
            deeper.into_iter().map(|path| std::iter::once(name.clone()).chain(path).collect()).collect()
        }
        None if name.is_empty() => Vec::new(),
        None => vec![vec![name]],
    }
}

/// The items of a list, up to the brace that ends it.
fn items(text: &str) -> Vec<&str> {
    let mut depth = 0_u32;
    let mut start = 0;
    let mut items = Vec::new();
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => {
                items.push(&text[start..at]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    items
}

/// The places at which code is as described.
fn found(sources: &[Source], is_so: impl Fn(&str) -> bool) -> Vec<String> {
    let places = |source: &Source| -> Vec<String> {
        let lines = source.code().filter(|(_, code)| is_so(code));
        lines.map(|(line, code)| format!("{}:{line}: {}", source.name, code.trim())).collect()
    };
    sources.iter().flat_map(places).collect()
}

/// All Rust files below these folders.
fn sources(folders: &[&str]) -> Vec<Source> {
    let mut paths: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    let mut sources = Vec::new();
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).expect("the folder can be read");
            paths.extend(entries.map(|entry| entry.expect("the folder can be read").path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root()).expect("it is below the root").to_string_lossy().into_owned();
            sources.push(Source { name, text: std::fs::read_to_string(&path).expect("the file can be read") });
        }
    }
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(!sources.is_empty(), "{folders:?}");
    sources
}

fn browser_crates() -> Vec<String> {
    names_in(&read("Cargo.toml"), "[target.'cfg(target_arch = \"wasm32\")'.dependencies]")
}

/// The names that a table of a manifest declares.
fn names_in(manifest: &str, table: &str) -> Vec<String> {
    let lines =
        manifest.lines().skip_while(|line| line.trim() != table).skip(1).take_while(|line| !line.starts_with('['));
    lines
        .filter(|line| line.starts_with(|letter: char| letter.is_ascii_alphabetic()))
        .filter_map(|line| line.split(['=', '.', ' ']).next())
        .map(str::to_owned)
        .collect()
}

fn between(text: &str, from: &str, to: &str) -> String {
    let (_, rest) = text.split_once(from).expect("the beginning is there");
    rest.split(to).next().unwrap_or_default().to_owned()
}

/// What stands between each pair of these marks.
fn quoted(text: &str, mark: char) -> BTreeSet<String> {
    text.split(mark).skip(1).step_by(2).map(str::to_owned).collect()
}

fn camel(name: &str) -> String {
    let mut words = name.split('-');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let (initial, rest) = word.split_at(1);
        name + &initial.to_uppercase() + rest
    })
}

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Everything that is written in Rust.
const HOUSE: [&str; 5] = ["src", "tests", "server/src", "desk/src", "xtask/src"];

/// What of the session moves it; a screen only looks and asks.
const MACHINERY: [&str; 8] =
    ["Session", "Input", "Effect", "Environment", "Notice", "Snapshot", "Record", "SnapshotError"];
