//! ROC and precision-recall curves as SVG.

use std::fmt::Write;

use crate::measure::curve;

const SIDE: f64 = 400.0;
const MARGIN: f64 = 50.0;
/// Points of a line, at most: more are not to be seen.
const POINTS: usize = 400;

/// False positive rate against recall.
#[allow(clippy::cast_precision_loss, reason = "counts far below 2^52")]
pub fn roc(labels: &[bool], scores: &[f64], note: &str) -> String {
    let points = curve(labels, scores);
    let (frauds, others) = points
        .last()
        .map_or((1, 1), |last| (last.1.max(1), last.2.max(1)));
    let mut line = vec![(0.0, 0.0)];
    line.extend(points.iter().map(|point| {
        (
            point.2 as f64 / others as f64,
            point.1 as f64 / frauds as f64,
        )
    }));
    draw("ROC", ["false positive rate", "recall"], &line, note)
}

/// Recall against precision.
#[allow(clippy::cast_precision_loss, reason = "counts far below 2^52")]
pub fn precision_recall(labels: &[bool], scores: &[f64], note: &str) -> String {
    let points = curve(labels, scores);
    let frauds = points.last().map_or(1, |last| last.1.max(1));
    let line: Vec<(f64, f64)> = points
        .iter()
        .map(|point| {
            (
                point.1 as f64 / frauds as f64,
                point.1 as f64 / (point.1 + point.2).max(1) as f64,
            )
        })
        .collect();
    draw("Precision and recall", ["recall", "precision"], &line, note)
}

fn draw(title: &str, axes: [&str; 2], line: &[(f64, f64)], note: &str) -> String {
    let all = SIDE + 2.0 * MARGIN;
    let (x, y) = (
        |x: f64| MARGIN + x * SIDE,
        |y: f64| MARGIN + (1.0 - y) * SIDE,
    );
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {all} {all}" font-family="sans-serif" font-size="12"><title>{title}</title><rect width="{all}" height="{all}" fill="#fff"/>"##
    );
    for tenth in (0..=10).step_by(2) {
        let at = f64::from(tenth) / 10.0;
        let [left, right, top, bottom] = [x(0.0), x(1.0), y(1.0), y(0.0)];
        // Writing to a String cannot fail.
        let _ = write!(
            svg,
            r##"<path d="M{left} {0}H{right}M{1} {top}V{bottom}" stroke="#ddd"/><text x="{2}" y="{3}" text-anchor="end">{at}</text><text x="{1}" y="{4}" text-anchor="middle">{at}</text>"##,
            y(at),
            x(at),
            left - 6.0,
            y(at) + 4.0,
            bottom + 18.0,
        );
    }
    let step = line.len().div_ceil(POINTS).max(1);
    let last = line.len().saturating_sub(1);
    let mut path = String::new();
    for (at, point) in line
        .iter()
        .enumerate()
        .filter(|(at, _)| at % step == 0 || *at == last)
    {
        let letter = if at == 0 { 'M' } else { 'L' };
        let _ = write!(path, "{letter}{:.1} {:.1}", x(point.0), y(point.1));
    }
    let middle = all / 2.0;
    let _ = write!(
        svg,
        r##"<path d="{path}" fill="none" stroke="#06c" stroke-width="2"/><text x="{middle}" y="24" text-anchor="middle" font-size="14">{title}</text><text x="{middle}" y="40" text-anchor="middle">{}</text><text x="{middle}" y="{}" text-anchor="middle">{}</text><text x="14" y="{middle}" text-anchor="middle" transform="rotate(-90 14 {middle})">{}</text></svg>"##,
        escape(note),
        all - 12.0,
        axes[0],
        axes[1],
    );
    svg.push('\n');
    svg
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_end_where_they_must() {
        let labels = [true, false, true, false];
        let scores = [0.9, 0.8, 0.7, 0.1];
        let svg = roc(&labels, &scores, "a <b> & c");
        assert!(
            svg.contains("M50.0 450.0") && svg.contains("L450.0 50.0"),
            "{svg}"
        );
        assert!(svg.contains("a &lt;b&gt; &amp; c"));
        let svg = precision_recall(&labels, &scores, "");
        // Half the recall at precision 1; all of it at one half.
        assert!(
            svg.contains("M250.0 50.0") && svg.contains("L450.0 250.0"),
            "{svg}"
        );
    }
}
