//! The fields of an official document ("Văn bản"): number, date, issuing body, from the labels that pages set beside
//! them, be it in tables, lists, rows of boxes or lines.

use std::collections::HashSet;

use dom_query::{NodeId, NodeRef};

use super::date;
use super::page::text_of;
use crate::article::{OfficialDocument, text};
use crate::fetch::bound::{Walk as _, take};

/// The labels of a field, folded.
const NUMBER: &[&str] = &[
    "so ky hieu",
    "so/ky hieu",
    "so / ky hieu",
    "so, ky hieu",
    "so ki hieu",
    "so/ki hieu",
    "so hieu",
    "so van ban",
    "so hieu van ban",
    "so ky hieu van ban",
    "so, ky hieu van ban",
    "ky hieu",
    "document number",
    "document no",
    "document no.",
    "number",
    "no.",
    "reference number",
    "ref. no.",
    "number/symbol",
];
const DATE: &[&str] = &[
    "ngay ban hanh",
    "ngay van ban",
    "ngay ky",
    "ngay ky ban hanh",
    "ngay ra van ban",
    "date of issue",
    "issued on",
    "issue date",
    "date issued",
    "date of issuance",
    "issued date",
    "promulgation date",
];
const ISSUER: &[&str] = &[
    "co quan ban hanh",
    "don vi ban hanh",
    "noi ban hanh",
    "co quan/don vi ban hanh",
    "to chuc ban hanh",
    "cap ban hanh",
    "co quan ra van ban",
    "issuing body",
    "issued by",
    "issuing authority",
    "issuing agency",
    "agency issued",
    "promulgated by",
];
const SIGNER: &[&str] = &["nguoi ky", "nguoi ky duyet", "signed by", "signer", "signatory"];
const KIND: &[&str] =
    &["loai van ban", "hinh thuc van ban", "the loai van ban", "the loai", "document type", "type of document", "type"];

/// The document that the page describes below `home`: one with a number and a date or an issuing body.
pub(super) fn find(
    home: &NodeRef<'_>,
    options: &date::Options,
    furniture: &HashSet<NodeId>,
) -> Option<OfficialDocument> {
    let mut out = OfficialDocument::default();
    for node in home.below().filter(NodeRef::is_text) {
        let raw = node.text();
        if raw.trim().is_empty() || raw.chars().count() > 60 {
            continue;
        }
        // The label may share its text with the value: "Số ký hiệu: 19/NQ-HĐND".
        let (label, own) = match raw.split_once(':') {
            Some((label, rest)) => (label, text::one_line(rest)),
            None => (raw.as_ref(), String::new()),
        };
        let label = text::folded(&text::one_line(label));
        let is = |labels: &[&str]| labels.contains(&label.as_str());
        let slot = match () {
            () if is(NUMBER) => &mut out.number,
            () if is(DATE) => &mut out.date,
            () if is(ISSUER) => &mut out.issuer,
            () if is(SIGNER) => &mut out.signer,
            () if is(KIND) => &mut out.kind,
            () => continue,
        };
        if slot.is_some() || node.above(None).any(|up| furniture.contains(&up.id)) {
            continue;
        }
        let value = Some(own).filter(|own| !own.is_empty()).or_else(|| value_after(&node, false));
        *slot = value.filter(|value| value.chars().count() <= 200);
    }
    out.date = out.date.and_then(|found| date::parse(&found, options)).map(crate::article::Moment::to_text);
    let numbered = out.number.as_ref().is_some_and(|number| number.chars().any(|c| c.is_ascii_digit()));
    (numbered && (out.date.is_some() || out.issuer.is_some())).then_some(out)
}

/// A line beside a label that is longer holds no value.
const LONGEST_LINE: usize = 2000;

/// The text beside a label: the rest of its line (or its next piece alone), the next cell, the next box.
pub(super) fn value_after(label: &NodeRef<'_>, piece: bool) -> Option<String> {
    let mut node = *label;
    for _ in 0..5 {
        let cell = ["td", "th", "dt"].iter().any(|name| node.has_name(name));
        let mut line = String::new();
        let mut next = node.next_sibling();
        while let Some(sibling) = next.filter(|_| take(1) && line.len() <= LONGEST_LINE) {
            let content = if sibling.is_text() { text::one_line(&sibling.text()) } else { text_of(&sibling) };
            let content = content.trim_start_matches([':', ' ']).trim().to_owned();
            if !content.is_empty() {
                // In a row of cells or boxes the next one is the value; in a line all that follows is.
                if cell || sibling.node_name().is_some_and(|name| crate::article::clean::is_block(&name)) {
                    return Some(content).filter(|_| line.is_empty()).or(Some(line));
                }
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(&content);
                if piece {
                    break;
                }
            } else if sibling.has_name("br") && !line.is_empty() {
                break;
            }
            next = sibling.next_sibling();
        }
        if !line.is_empty() {
            return Some(line);
        }
        node = node.parent()?;
    }
    None
}
