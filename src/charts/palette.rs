//! Colours of series and of a chart's parts. Values and contrasts: the look's own tables.

use plotters::style::RGBColor;

const LIGHT: [RGBColor; 8] = [
    RGBColor(0x6d, 0x8c, 0xe3),
    RGBColor(0x98, 0x5c, 0x03),
    RGBColor(0x19, 0xa2, 0x6f),
    RGBColor(0x87, 0x24, 0x53),
    RGBColor(0x9d, 0x92, 0x0a),
    RGBColor(0x52, 0x48, 0xa0),
    RGBColor(0x00, 0x7c, 0x90),
    RGBColor(0x88, 0x0f, 0x01),
];
const DARK: [RGBColor; 8] = [
    RGBColor(0x7e, 0x9f, 0xfa),
    RGBColor(0xc8, 0x7c, 0x23),
    RGBColor(0x01, 0x9f, 0x80),
    RGBColor(0xfc, 0x90, 0xb7),
    RGBColor(0xdf, 0xcb, 0x5b),
    RGBColor(0x92, 0x5c, 0xb0),
    RGBColor(0x59, 0xe2, 0xff),
    RGBColor(0xb6, 0x4f, 0x4b),
];

/// Pixels on, pixels off, … for each slot: colour is never the only cue.
const DASHES: [&[f64]; 8] = [&[], &[], &[], &[], &[7.0, 2.5], &[2.0, 2.0], &[9.0, 2.0, 2.0, 2.0], &[5.0, 1.5]];

pub fn series(slot: u8, dark: bool) -> RGBColor {
    let colours = if dark { &DARK } else { &LIGHT };
    colours[usize::from(slot) % colours.len()]
}

/// The same as bytes, for the line layer.
pub fn rgb(slot: u8, dark: bool) -> [u8; 3] {
    let RGBColor(r, g, b) = series(slot, dark);
    [r, g, b]
}

/// From the ninth run on the colours repeat with the next dash.
pub fn dash(slot: u8) -> &'static [f64] {
    let slot = usize::from(slot);
    DASHES[if slot < 8 { slot } else { 4 + (slot + slot / 8) % 4 }]
}

/// From little to much, as light themes and dark ones show it.
const SEQUENCE: [[RGBColor; 6]; 2] = [
    [
        RGBColor(0x76, 0x9a, 0x41),
        RGBColor(0x39, 0x91, 0x5e),
        RGBColor(0x07, 0x7f, 0x7a),
        RGBColor(0x00, 0x67, 0x87),
        RGBColor(0x22, 0x46, 0x8d),
        RGBColor(0x30, 0x21, 0x71),
    ],
    [
        RGBColor(0x4d, 0x5f, 0xb3),
        RGBColor(0x3f, 0x86, 0xbf),
        RGBColor(0x35, 0xa7, 0xb5),
        RGBColor(0x55, 0xc3, 0x9c),
        RGBColor(0x9b, 0xd9, 0x87),
        RGBColor(0xe2, 0xee, 0x8e),
    ],
];

/// The colour of a share of the way, 0 to 1.
pub fn sequence(share: f64, dark: bool) -> RGBColor {
    let colours = &SEQUENCE[usize::from(dark)];
    let place = share.clamp(0.0, 1.0) * 5.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 4")]
    let at = (place.floor() as usize).min(4);
    let along = place - place.floor().min(4.0);
    let (RGBColor(r0, g0, b0), RGBColor(r1, g1, b1)) = (colours[at], colours[at + 1]);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between two bytes")]
    let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * along).round() as u8;
    RGBColor(mix(r0, r1), mix(g0, g1), mix(b0, b1))
}

/// A short line in a run's colour, dashed as its curve is.
pub fn sample(slot: u8) -> String {
    let (colour, mut at) = (css(slot), 0.0);
    let part = |(i, long): (usize, &f64)| {
        let from = at;
        at += long;
        format!("{} {from}px {at}px", if i.is_multiple_of(2) { colour.as_str() } else { "#0000" })
    };
    let parts: Vec<String> = dash(slot).iter().enumerate().map(part).collect();
    if parts.is_empty() {
        return format!("border-color:{colour}");
    }
    format!("border-color:#0000;background:repeating-linear-gradient(90deg,{}) border-box", parts.join(","))
}

/// The same colour as CSS has it.
pub fn css(slot: u8) -> String {
    format!("var(--c{})", slot % 8 + 1)
}

/// Title, axis labels, grid, x axis, background.
#[derive(Clone, Copy)]
pub struct Theme {
    pub dark: bool,
    pub title: RGBColor,
    pub label: RGBColor,
    pub grid: RGBColor,
    pub axis: RGBColor,
    pub ground: RGBColor,
}

pub fn theme(dark: bool) -> Theme {
    if dark {
        Theme {
            dark,
            title: RGBColor(0xee, 0xef, 0xf1),
            label: RGBColor(0x85, 0x8b, 0x94),
            grid: RGBColor(0x1d, 0x20, 0x24),
            axis: RGBColor(0x3a, 0x3e, 0x44),
            ground: RGBColor(0x11, 0x12, 0x14),
        }
    } else {
        Theme {
            dark,
            title: RGBColor(0x16, 0x18, 0x1b),
            label: RGBColor(0x65, 0x6b, 0x74),
            grid: RGBColor(0xee, 0xef, 0xf1),
            axis: RGBColor(0xcf, 0xd2, 0xd6),
            ground: RGBColor(0xff, 0xff, 0xff),
        }
    }
}
