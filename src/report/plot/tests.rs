// SPDX-License-Identifier: Apache-2.0
use super::*;
use crate::report::fixture;

/// Checks that tags nest, attributes are quoted and every `&` is an entity (XML 1.0, enough for
/// what a program writes); gives the elements as name and attributes.
fn elements(text: &str) -> Vec<(String, String)> {
    let mut open: Vec<String> = Vec::new();
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        check_text(before);
        let end = tag.find('>').expect("a tag ends");
        let inside = &tag[1..end];
        rest = &tag[end + 1..];
        if let Some(name) = inside.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "tags nest");
            continue;
        }
        let body = inside.trim_end_matches('/');
        let (name, attributes) = body.split_once(' ').unwrap_or((body, ""));
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric()), "{name}");
        assert_eq!(attributes.matches('"').count() % 2, 0, "{attributes}");
        check_text(attributes);
        found.push((name.to_owned(), attributes.to_owned()));
        if !inside.ends_with('/') {
            open.push(name.to_owned());
        }
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "one document");
    found
}

fn check_text(text: &str) {
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
    for part in text.split('&').skip(1) {
        let entity = part.split(';').next().expect("split gives one");
        assert!(["lt", "gt", "amp", "quot", "apos"].contains(&entity), "&{part}");
    }
}

fn svg(events: &[Event]) -> String {
    let bytes = export(events);
    assert_eq!(bytes, export(events), "the same log gives the same bytes");
    String::from_utf8(bytes).expect("UTF-8")
}

fn polygons(text: &str, colour: RGBColor) -> usize {
    let RGBColor(r, g, b) = colour;
    let fill = format!("fill=\"#{r:02X}{g:02X}{b:02X}\"");
    let mine =
        |(name, attributes): &&(String, String)| name == "polygon" && attributes.contains(&fill);
    elements(text).iter().filter(mine).count()
}

#[test]
fn it_is_well_formed_whatever_the_names_hold() {
    for log in fixture::all() {
        let text = svg(&log.events);
        let found = elements(&text);
        assert_eq!(found[0].0, "svg");
        assert!(found[0].1.contains(r#"width="1200" height="520" viewBox="0 0 4800 2080""#));
    }
    elements(&svg(&[]));
}

#[test]
fn every_master_that_moved_data_has_one_polygon() {
    let log = fixture::clean_pass();
    let text = svg(&log.events);
    for master in [0, 1, 3, 4, 7] {
        assert_eq!(polygons(&text, colour(master)), 1, "master {master}");
    }
    for master in [2, 5, 6] {
        assert_eq!(polygons(&text, colour(master)), 0, "master {master}");
    }
    assert_eq!(polygons(&text, ALARM), 0);
}

#[test]
fn violations_are_red_triangles() {
    assert_eq!(polygons(&svg(&fixture::open_firewall().events), ALARM), 6);
}

#[test]
fn the_ceiling_is_named_whether_or_not_it_fits() {
    let mut log = fixture::clean_pass();
    let text = svg(&log.events);
    assert!(text.contains("9\u{2009}600 MB/s") && !text.contains("above this scale"));
    let Event::Run(header) = &mut log.events[0] else { panic!("no header") };
    header.port_ceiling = 38_400_000_000;
    assert!(svg(&log.events).contains("38\u{2009}400 MB/s, above this scale"));
}

#[test]
fn a_layer_lies_on_the_layers_below() {
    let column =
        |start, rates: [u64; 2]| Column { start, end: start + 10, rates: rates.to_vec(), bins: 1 };
    let columns = [column(0, [1, 2]), column(10, [3, 4])];
    assert_eq!(
        stack::outline(&columns, 1),
        [(0, 3), (10, 3), (10, 7), (20, 7), (20, 3), (10, 3), (10, 1), (0, 1)]
    );
}

#[test]
fn many_bins_are_merged_and_gaps_are_empty() {
    let mut events = fixture::clean_pass().events;
    events.retain(|event| !matches!(event, Event::Bin { .. } | Event::Summary(_)));
    for n in (0..2000).filter(|n| !(500..600).contains(n)) {
        let bytes = vec![[60, 0]; 8];
        events.push(Event::Bin { cycle: crate::units::Cycle(n * 60_000), bytes });
    }
    let digest = Digest::new(&events);
    let columns = stack::columns(&digest);
    assert!(columns.len() <= 402, "{}", columns.len());
    let gap = columns.iter().find(|column| column.bins == 0).expect("the gap");
    assert_eq!((gap.start, gap.end, gap.total()), (500 * 60_000, 600 * 60_000, 0));
    assert!(columns.windows(2).all(|pair| pair[0].end == pair[1].start));
}
