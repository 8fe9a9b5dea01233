//! How a fixture is printed, and how two prints differ.

use serde_json::Value;

/// The value as a fixture has it: what fits on a line stands on one, and names stand in the order in which things happen.
pub fn text(value: &Value) -> String {
    let mut out = String::new();
    write(value, 0, 0, &mut out);
    out.push('\n');
    out
}

/// The lines that differ, with what stands around them.
pub fn difference(written: &str, played: &str) -> String {
    let (written, played): (Vec<_>, Vec<_>) = (written.lines().collect(), played.lines().collect());
    let mut lines = Vec::new();
    let (mut left, mut right) = (0, 0);
    while left < written.len() || right < played.len() {
        if left < written.len() && written.get(left) == played.get(right) {
            lines.push(format!("  {}", written[left]));
            left += 1;
            right += 1;
            continue;
        }
        // The nearest place at which both go on alike.
        let most = (written.len() - left) + (played.len() - right);
        let (skipped, added) = (1..=most)
            .find_map(|sum| {
                (0..=sum).map(|skip| (skip, sum - skip)).find(|(skip, add)| {
                    let theirs = written.get(left + skip);
                    theirs.is_some() && theirs == played.get(right + add)
                })
            })
            .unwrap_or((written.len() - left, played.len() - right));
        lines.extend(written[left..left + skipped].iter().map(|line| format!("- {line}")));
        lines.extend(played[right..right + added].iter().map(|line| format!("+ {line}")));
        left += skipped;
        right += added;
    }
    let is_near = |place: usize| {
        lines[place.saturating_sub(3)..(place + 4).min(lines.len())].iter().any(|line| !line.starts_with(' '))
    };
    let near: Vec<&str> = (0..lines.len()).filter(|place| is_near(*place)).map(|place| &*lines[place]).collect();
    near.join("\n")
}

fn write(value: &Value, indent: usize, before: usize, out: &mut String) {
    let short = flat(value);
    if indent + before + short.len() <= WIDTH || !(value.is_array() || value.is_object()) {
        out.push_str(&short);
        return;
    }
    let inner = indent + 2;
    let line = |out: &mut String, at: usize| out.extend(std::iter::once('\n').chain(std::iter::repeat_n(' ', at)));
    match value {
        Value::Array(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                line(out, inner);
                write(item, inner, 0, out);
            }
            line(out, indent);
            out.push(']');
        }
        _ => {
            out.push('{');
            for (place, (name, field)) in ordered(value).into_iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                line(out, inner);
                let name = format!("{}: ", Value::from(name.as_str()));
                out.push_str(&name);
                // Headers are compared at a glance only where they stand on one line.
                if name.starts_with("\"headers") {
                    out.push_str(&flat(field));
                } else {
                    write(field, inner, name.len(), out);
                }
            }
            line(out, indent);
            out.push('}');
        }
    }
}

fn flat(value: &Value) -> String {
    match value {
        Value::Array(items) if items.is_empty() => "[]".to_owned(),
        Value::Array(items) => format!("[{}]", items.iter().map(flat).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) if fields.is_empty() => "{}".to_owned(),
        Value::Object(_) => {
            let fields = ordered(value)
                .into_iter()
                .map(|(name, field)| format!("{}: {}", Value::from(name.as_str()), flat(field)));
            format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

fn ordered(value: &Value) -> Vec<(&String, &Value)> {
    let mut fields: Vec<(&String, &Value)> = value.as_object().into_iter().flatten().collect();
    let place = |name: &str| ORDER.iter().position(|known| *known == name).unwrap_or(ORDER.len());
    fields.sort_by_key(|(name, _)| place(name));
    fields
}

const WIDTH: usize = 118;

const ORDER: [&str; 40] = [
    "about",
    "after",
    "attributes",
    "visitor",
    "call",
    "request",
    "masked",
    "answer",
    "updates",
    "next",
    "asks",
    "error",
    "remedy",
    "steps",
    "cases",
    "status",
    "retryAfter",
    "method",
    "url",
    "headers",
    "open",
    "post",
    "close",
    "cause",
    "answers",
    "entries",
    "signal",
    "type",
    "name",
    "id",
    "purpose",
    "title",
    "intro",
    "label",
    "kind",
    "value",
    "prefix",
    "noun",
    "message",
    "messages",
];
