//! What agents write, and what somebody could write instead.

use super::*;

#[test]
fn words_stay_and_markup_goes() {
    for (markup, text) in [
        ("Hello", "Hello"),
        ("<div dir=\"ltr\">Hello</div>", "Hello"),
        ("<p style=\"direction:ltr\">Hello <span>there</span></p>", "Hello there"),
        ("1 < 2 > 0", "1 < 2 > 0"),
        ("a <3 b", "a <3 b"),
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("<unknown-tag>a</unknown-tag>", "a"),
        ("a<!-- b -->c", "ac"),
        ("<!DOCTYPE html><?xml?>a", "a"),
        ("<img src=x alt=\"a cat\">", "a cat"),
        ("<B>a</B>", "a"),
        ("", ""),
        ("   ", ""),
        ("<br><br>", ""),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<h1>a</h1>b", "a\nb"),
        ("a\u{0}\u{7}b", "ab"),
    ] {
        assert_eq!(prose(markup).text(), text, "{markup}");
    }
}

#[test]
fn blanks_are_one_and_lines_are_where_a_browser_shows_them() {
    for (markup, text) in [
        ("a  \n b", "a b"),
        ("<b>a </b> b", "a b"),
        ("<b>a</b> b", "a b"),
        ("a<br>b", "a\nb"),
        ("a<br/>b<br />c", "a\nb\nc"),
        ("a<br><br>b", "a\n\nb"),
        ("a<br><br><br><br>b", "a\n\nb"),
        ("<p>a</p><p>b</p>", "a\nb"),
        ("<p> a </p> <p> b </p>", "a\nb"),
        ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
        ("<div>a<br></div><div>b</div>", "a\nb"),
        ("<div><div><div>a</div></div></div>b", "a\nb"),
        ("<br>a<br>", "a"),
        ("a<br><b></b><br>", "a"),
        ("a&nbsp;&nbsp;b", "a\u{a0}\u{a0}b"),
    ] {
        assert_eq!(prose(markup).text(), text, "{markup}");
    }
}

#[test]
fn emphasis_is_kept() {
    assert_eq!(prose("a <b>b</b> <em>c</em>"), pieces([text("a "), strong("b"), text(" "), emphasis("c")]));
    assert_eq!(prose("<strong>a</strong><i>b</i>"), pieces([strong("a"), emphasis("b")]));
    assert_eq!(prose("<b></b><i> </i>a"), pieces([text("a")]));
    assert_eq!(prose("a<br><b>b</b>"), pieces([text("a"), Piece::Break, strong("b")]));
    assert_eq!(prose("<b>a<i>b</b>c</i>"), pieces([Piece::Strong(pieces([text("a"), emphasis("b")])), text("c")]));
    assert_eq!(prose("</b>a</i></a></ul></li>"), pieces([text("a")]));
}

#[test]
fn a_line_that_is_not_formatted_says_so() {
    for (markup, is) in
        [("<p>a</p><p>b</p>", false), ("a", false), ("", false), ("<b>a</b>", true), ("<ul><li>a</ul>", true)]
    {
        assert_eq!(is_formatted(&prose(markup)), is, "{markup}");
    }
}

#[test]
fn links_lead_to_the_web_and_nowhere_else() {
    for (markup, href) in [
        ("<a href=\"https://d.example/x?y=1&amp;z=2#p\">w</a>", "https://d.example/x?y=1&z=2#p"),
        ("<a target=_blank href='http://d.example'>w</a>", "http://d.example"),
        ("<A HREF=HTTPS://d.example>w</A>", "HTTPS://d.example"),
        ("<a href=\" \thttps://d.ex\nample \">w</a>", "https://d.example"),
        ("<a href=\"h&#116;tps://d.example\">w</a>", "https://d.example"),
        ("<a data-x='href=\"javascript:a\"' href=https://d.example>w</a>", "https://d.example"),
    ] {
        assert_eq!(prose(markup), pieces([link(href, "w")]), "{markup}");
    }
    for href in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        "&#106;avascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "blob:https://d.example",
        "mailto:a@d.example",
        "tel:1",
        "file:///x",
        "//d.example",
        "/x",
        "x",
        "",
        "https:d.example",
        "https://",
        "https://bank.example@evil.example",
        "\u{1}javascript:alert(1)",
    ] {
        let markup = format!("<a href=\"{href}\">w</a>");
        assert_eq!(prose(&markup), pieces([text("w")]), "{markup}");
    }
    assert_eq!(prose("<a href=https://d.example></a>"), pieces([]));
    assert_eq!(prose("<a>w</a>"), pieces([text("w")]));
}

#[test]
fn a_link_ends_where_the_next_begins() {
    let markup = "<a href=https://a.example>a<a href=https://b.example>b</a>c</a>";
    assert_eq!(prose(markup), pieces([link("https://a.example", "a"), link("https://b.example", "b"), text("c")]));
}

#[test]
fn lists_are_kept() {
    let list =
        |order, items: &[&str]| Piece::List { order, items: items.iter().map(|item| pieces([text(item)])).collect() };
    for (markup, expected) in [
        ("<ul><li>a</li><li>b</li></ul>", vec![list(Order::Loose, &["a", "b"])]),
        ("<ol>\n <li>a\n <li>b\n</ol>", vec![list(Order::Counted, &["a", "b"])]),
        ("a<ul><li>b</li></ul>c", vec![text("a"), list(Order::Loose, &["b"]), text("c")]),
        ("<p>a</p><ul><li><p>b</p></li></ul><p>c</p>", vec![text("a"), list(Order::Loose, &["b"]), text("c")]),
        ("<ul></ul>a", vec![text("a")]),
        ("a<ul></ul>b", vec![text("a"), Piece::Break, text("b")]),
        ("<ul><li></li><li>a</li></ul>", vec![list(Order::Loose, &["a"])]),
        ("<ul>a<li>b</li></ul>", vec![list(Order::Loose, &["a", "b"])]),
        ("<li>a</li><li>b</li>", vec![text("a"), Piece::Break, text("b")]),
        ("<ul><li>a", vec![list(Order::Loose, &["a"])]),
    ] {
        assert_eq!(prose(markup), pieces(expected), "{markup}");
    }
    let nested = prose("<ul><li>a<ol><li>b</li></ol></li><li>c</li></ul>");
    let inner = pieces([text("a"), list(Order::Counted, &["b"])]);
    assert_eq!(nested, pieces([Piece::List { order: Order::Loose, items: vec![inner, pieces([text("c")])] }]));
}

#[test]
fn emphasis_does_not_reach_over_the_walls_of_an_item() {
    let markup = "<ul><li><b>a</li><li>b</b></li></ul>";
    let items = vec![pieces([strong("a")]), pieces([text("b")])];
    assert_eq!(prose(markup), pieces([Piece::List { order: Order::Loose, items }]));
}

#[test]
fn what_is_not_for_a_reader_is_dropped_with_its_content() {
    for markup in [
        "a<script>alert('<b>x</b>')</script>b",
        "a<SCRIPT src=x>x</sCrIpT >b",
        "a<style>p{}</style>b",
        "a<iframe src=x>x</iframe>b",
        "a<script>x</scriptx></script>b",
        "a<noscript><img alt=x></noscript>b",
        "a<textarea></b></textarea>b",
        "a<img src=x onerror=alert(1)>b",
        "a<svg onload=alert(1)></svg>b",
        "a<input value=x>b",
    ] {
        assert_eq!(prose(markup).text(), "ab", "{markup}");
    }
    for markup in ["a<script>x", "a<script>x</scrip", "a<style", "a<!-- x", "a<!x", "a<?x"] {
        let said = prose(markup).text();
        assert!(said == "a" || said == markup, "{markup}: {said}");
    }
}

#[test]
fn a_tag_that_never_ends_is_no_tag() {
    for markup in ["a <b", "a <a href=\"https://d.example", "a </b", "<x y='>"] {
        assert_eq!(prose(markup).text(), markup);
    }
}

#[test]
fn a_sign_of_a_tag_in_a_value_does_not_end_it() {
    assert_eq!(prose("<span title=\"a>b\">c</span>").text(), "c");
    assert_eq!(prose("<span title = 'a>b'>c</span>").text(), "c");
    assert_eq!(prose("<span title=it's>c</span>").text(), "c");
}

#[test]
fn no_markup_is_too_deep_or_too_long() {
    let deep = ["<b>", "<ul><li>", "<a href=https://d.example>", "<i><ol>", "<div>", "<table><tr><td>"];
    for open in deep {
        let said = prose(&format!("{}a", open.repeat(3_000)));
        assert_eq!(said.text().trim_start_matches(['•', ' ', '\n']), "a", "{open}");
        assert!(depth(&said) <= DEEPEST, "{open}");
    }
    let long = prose(&"ä".repeat(MOST_SIGNS * 2));
    assert_eq!(long.text().chars().count(), MOST_SIGNS);
}

#[test]
fn hostile_markup_takes_no_longer_than_it_is() {
    for piece in [
        "<",
        "<a",
        "<!--",
        "</",
        "<script>",
        "</scrip",
        "&",
        "&#",
        "<a href=\"",
        "<a href='>",
        "<a b=\"c",
        "<li>",
        "</ul>",
        "<br>",
        "=\"",
        "<b =",
        "<a   ",
        "\u{a0}<",
    ] {
        let _ = prose(&piece.repeat(30_000));
        let _ = prose(&format!("<x {}", piece.repeat(30_000)));
        let _ = prose(&format!("<a href={}>a</a>", piece.repeat(30_000)));
    }
}

#[test]
fn broken_markup_of_all_kinds_is_read_to_its_end() {
    let parts = [
        "<", ">", "/", "a", "b", "li", "ul", " ", "=", "\"", "'", "&", ";", "#", "!", "-", "script", "é", "\n", "href",
    ];
    let mut seed = 7_u64;
    for _ in 0..3_000 {
        let mut markup = String::new();
        for _ in 0..24 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let place = usize::try_from((seed >> 33) % parts.len() as u64).expect("it is small");
            markup.push_str(parts[place]);
        }
        assert!(depth(&prose(&markup)) <= DEEPEST, "{markup}");
    }
}

fn depth(prose: &Prose) -> usize {
    let inner = prose.0.iter().map(|piece| match piece {
        Piece::Text(_) | Piece::Break => 0,
        Piece::Strong(words) | Piece::Emphasis(words) | Piece::Link { words, .. } => depth(words),
        Piece::List { items, .. } => 1 + items.iter().map(depth).max().unwrap_or_default(),
    });
    1 + inner.max().unwrap_or_default()
}

fn pieces(pieces: impl IntoIterator<Item = Piece>) -> Prose {
    pieces.into_iter().collect()
}

fn text(words: &str) -> Piece {
    Piece::Text(words.into())
}

fn strong(words: &str) -> Piece {
    Piece::Strong(pieces([text(words)]))
}

fn emphasis(words: &str) -> Piece {
    Piece::Emphasis(pieces([text(words)]))
}

fn link(href: &str, words: &str) -> Piece {
    Piece::Link { href: href.into(), words: pieces([text(words)]) }
}
