//! The rows on screen, pooled and written straight to their nodes: a scroll or an answer touches
//! what differs and nothing else. Which row shows where is decided by `table`.

use web_sys::{Element, Node};

use super::cell_words::{curve_path, tip, words};
use super::moulds::{Moulds, add_picture, append, child, copy, element, set, set_hidden};
use super::table::status_icon;
use crate::charts::palette;
use crate::components::format::Style;
use crate::components::{format, icon};
use crate::model::{ProjectKey, Status};
use crate::pages::route::{Route, RunView};
use crate::query::cells::{Cell, Fold, FoldKind, Row};
use crate::query::out::SpreadStyle;

/// Lines made in one frame.
const NEW_LINES: usize = 12;
/// When more lines than this change on screen, those beyond its edges wait until it rests.
const AT_ONCE: usize = 8;

#[derive(Clone, PartialEq)]
pub struct Shown {
    /// Place among all rows that match.
    pub at: u32,
    pub row: Row,
    /// Colour of its curves, while its eye is open.
    pub slot: Option<u8>,
    /// Its eye is open, but so many are that no curve is drawn of it.
    pub is_on: bool,
    pub is_current: bool,
    /// The column whose value is the best of all.
    pub best: Option<usize>,
}

/// Where columns stand, in pixels, and which of them are on screen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// Left edge and width of each.
    pub places: Vec<(u32, u32)>,
    pub width: u32,
    /// So many of the first stand beside the name.
    pub n_pinned: usize,
    /// Of the others.
    pub visible: std::ops::Range<usize>,
    /// Columns of numbers stand right-aligned.
    pub numeric: Vec<bool>,
    pub styles: Vec<Style>,
    pub spread: SpreadStyle,
}

pub struct Pool {
    parent: Element,
    project: ProjectKey,
    height: f64,
    lines: Vec<Line>,
    moulds: Moulds,
    /// As it was painted last.
    layout: Layout,
}

impl Pool {
    pub fn new(parent: Element, project: ProjectKey, height: f64) -> Self {
        let moulds = Moulds::new(&leptos::prelude::document());
        Self { parent, project, height, lines: Vec::new(), moulds, layout: Layout::default() }
    }

    /// Shows these rows in `size` lines. Row r goes to the line that r leaves as remainder, so that a
    /// scroll by one row changes one line; columns go to cells in the same way.
    /// Makes few new lines at a time, so that no frame is long, and of a wild scroll only what is `seen`.
    pub fn paint(
        &mut self,
        size: usize,
        layout: &Layout,
        rows: impl Iterator<Item = Shown>,
        seen: std::ops::Range<u32>,
    ) -> Painted {
        while self.lines.len() > size.max(1) {
            if let Some(line) = self.lines.pop() {
                line.root.remove();
            }
        }
        let (on_screen, beyond): (Vec<Shown>, Vec<Shown>) = rows.take(size).partition(|it| seen.contains(&it.at));
        let mut brush = Brush {
            n_most: size.min(self.lines.len() + NEW_LINES),
            used: vec![false; size.max(1)],
            has_new_layout: self.layout != *layout,
            ..Brush::default()
        };
        self.layout = layout.clone();
        on_screen.into_iter().for_each(|it| self.put(it, layout, &mut brush));
        if brush.has_new_layout {
            self.lines
                .iter_mut()
                .filter(|it| it.shown.as_ref().is_none_or(|it| !seen.contains(&it.at)))
                .for_each(|it| it.is_old = true);
        }
        let waits = brush.n_changed > AT_ONCE;
        if !waits {
            beyond.into_iter().for_each(|it| self.put(it, layout, &mut brush));
        }
        for (line, used) in self.lines.iter_mut().zip(brush.used) {
            let stays = used || waits && line.shown.as_ref().is_some_and(|it| !seen.contains(&it.at));
            if !stays && line.shown.take().is_some() {
                set(&line.root, "hidden", "");
            }
        }
        match (brush.lacks_lines, waits) {
            (true, _) => Painted::LinesToCome,
            (false, true) => Painted::EdgesToCome,
            (false, false) => Painted::All,
        }
    }

    fn put(&mut self, shown: Shown, layout: &Layout, brush: &mut Brush) {
        let place = shown.at as usize % brush.used.len();
        if place >= brush.n_most {
            brush.lacks_lines = true;
            return;
        }
        while self.lines.len() <= place {
            let line = Line::new(&self.moulds.line);
            let _ = self.parent.append_child(&line.root);
            self.lines.push(line);
        }
        brush.used[place] = true;
        let line = &mut self.lines[place];
        line.is_old |= brush.has_new_layout;
        if line.show(&self.moulds.cell, shown, layout, &self.project, self.height) {
            brush.n_changed += 1;
        }
    }

    /// Gives the cell or name that is pointed at its tooltip.
    pub fn point(&self, target: &Element) {
        if let Ok(Some(name)) = target.closest("a.name") {
            let line = self.lines.iter().find(|it| it.name == name);
            if let Some(row) = line.and_then(|it| it.shown.as_ref()).map(|it| &it.row) {
                let shown = shown_name(row);
                let whole = row.broken.as_ref().map(|why| format!("{shown}: could not be read whole: {why}"));
                set(&name, "title", whole.as_deref().unwrap_or(shown));
            }
            return;
        }
        let Ok(Some(cell)) = target.closest(".td") else { return };
        let cells = self
            .lines
            .iter()
            .filter_map(|line| Some((&line.shown.as_ref()?.row.cells, line.cells.iter().chain(&line.pinned))));
        for (values, mut nodes) in cells {
            if let Some((at, _)) = nodes.find(|it| it.root == cell).and_then(|it| it.column)
                && let Some(value) = values.get(at)
            {
                set(&cell, "title", &tip(value));
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Painted {
    All,
    /// Lines are still to be made.
    LinesToCome,
    /// What is beyond the edges of the screen is as it was.
    EdgesToCome,
}

#[derive(Default)]
struct Brush {
    n_most: usize,
    used: Vec<bool>,
    n_changed: usize,
    lacks_lines: bool,
    /// Columns stand, look or are rounded in another way now.
    has_new_layout: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Eye,
    Fold,
    Row,
}

/// The row that was pressed, and on which part.
pub fn pressed(target: &Element) -> Option<(u32, Part)> {
    let row = target.closest(".tr").ok()??;
    let at = row.get_attribute("aria-rowindex")?.parse::<u32>().ok()?.checked_sub(2)?;
    let on = |selector| target.closest(selector).is_ok_and(|it| it.is_some());
    let part = match () {
        () if on(".eye") => Part::Eye,
        () if on(".fold") => Part::Fold,
        () => Part::Row,
    };
    Some((at, part))
}

struct Line {
    root: Element,
    eye: Element,
    eye_path: Element,
    fold: Element,
    fold_path: Element,
    child: Element,
    swatch: Element,
    status: Element,
    status_path: Element,
    status_word: Element,
    name: Element,
    name_text: Element,
    partly: Element,
    inside: Element,
    running: Element,
    failed: Element,
    pin: Element,
    pinned: Vec<CellNodes>,
    cells: Vec<CellNodes>,
    visible: std::ops::Range<usize>,
    width: u32,
    /// Painted with a layout that is another one now.
    is_old: bool,
    shown: Option<Shown>,
}

struct CellNodes {
    /// The column it shows, and where.
    column: Option<(usize, (u32, u32))>,
    root: Element,
    text: Node,
    /// Step of a metric, in a slot of its own so that decimals align.
    step: Option<Element>,
    step_shown: Option<String>,
    class: String,
    /// The line of a curve.
    curve: Option<Element>,
    style: (Style, SpreadStyle),
}

impl Line {
    fn new(mould: &Element) -> Self {
        let root = copy(mould);
        let pin = child(&root, 0);
        let (eye, fold, status, name) = (child(&pin, 0), child(&pin, 1), child(&pin, 4), child(&pin, 5));
        Self {
            eye_path: child(&child(&eye, 0), 0),
            fold_path: child(&child(&fold, 0), 0),
            child: child(&pin, 2),
            swatch: child(&pin, 3),
            status_path: child(&child(&status, 0), 0),
            status_word: child(&status, 1),
            name_text: child(&name, 0),
            partly: child(&pin, 6),
            inside: child(&pin, 7),
            running: child(&pin, 8),
            failed: child(&pin, 9),
            root,
            pin,
            eye,
            fold,
            status,
            name,
            pinned: Vec::new(),
            cells: Vec::new(),
            visible: 0..0,
            width: 0,
            is_old: false,
            shown: None,
        }
    }

    /// Says whether anything changed.
    fn show(&mut self, cell_mould: &Element, now: Shown, layout: &Layout, project: &ProjectKey, height: f64) -> bool {
        let before = self.shown.take();
        let is_old = std::mem::take(&mut self.is_old);
        if before.as_ref() == Some(&now) && !is_old {
            self.shown = before;
            return false;
        }
        let is_new = before.is_none();
        let before = before.unwrap_or_else(|| Shown { row: Row::nothing(), at: u32::MAX, ..now.clone() });
        if is_new {
            let _ = self.root.remove_attribute("hidden");
        }
        if before.at != now.at || self.width != layout.width {
            set(&self.root, "aria-rowindex", &(now.at + 2).to_string());
            let place = format!("width:{}px;transform:translateY({}px)", layout.width, f64::from(now.at) * height);
            set(&self.root, "style", &place);
        }
        if is_new || before.is_current != now.is_current || before.row.fold != now.row.fold {
            let kind = match now.row.fold.as_ref().map(|it| &it.kind) {
                Some(FoldKind::Value { .. }) => " group",
                Some(FoldKind::Seeds) => " folded",
                Some(FoldKind::Parent) | None => "",
            };
            self.root.set_class_name(&format!("tr{kind}{}", if now.is_current { " current" } else { "" }));
        }
        if is_new || before.row.depth != now.row.depth {
            set(&self.fold, "style", &format!("margin-left:{}px", u32::from(now.row.depth) * 16));
        }
        if is_new || before.row.fold != now.row.fold {
            self.show_fold(now.row.fold.as_ref());
        }
        if is_new || before.slot != now.slot || before.is_on != now.is_on {
            let is_open = now.slot.is_some() || now.is_on;
            set(&self.eye, "aria-pressed", if is_open { "true" } else { "false" });
            set(&self.eye_path, "d", icon::path(if is_open { "eye" } else { "eye-off" }));
            self.swatch.set_class_name(if now.slot.is_some() { "swatch on" } else { "swatch" });
            let colour = now.slot.map_or(String::new(), |it| format!("background:{}", palette::css(it)));
            set(&self.swatch, "style", &colour);
        }
        let (old, row) = (&before.row, &now.row);
        if is_new || old.id != row.id || old.name != row.name || old.broken != row.broken || old.fold != row.fold {
            self.show_name(row, project);
        }
        if is_new || old.status != row.status {
            self.show_status(row.status);
        }
        if is_new || old.is_child != row.is_child {
            set_hidden(&self.child, !row.is_child);
        }
        self.show_cells(cell_mould, layout, &before, &now);
        self.shown = Some(now);
        true
    }

    fn show_name(&self, row: &Row, project: &ProjectKey) {
        let shown = shown_name(row);
        self.name_text.set_text_content(Some(shown));
        set(&self.eye, "aria-label", &format!("Curve of {shown}"));
        // A group is no place to go to.
        if row.fold.as_ref().is_none_or(|it| it.kind == FoldKind::Parent) {
            let _ = self.name.remove_attribute("tabindex");
            set(&self.name, "href", &Route::Run(project.run(row.id.clone()), RunView::default()).link());
        } else {
            let _ = self.name.remove_attribute("href");
            // The keyboard stands on it all the same.
            set(&self.name, "tabindex", "-1");
        }
        set_hidden(&self.partly, row.broken.is_none());
    }

    fn show_fold(&self, fold: Option<&Fold>) {
        self.fold.set_class_name(if fold.is_some() { "fold" } else { "fold none" });
        // Of several runs there is no one status; the badges say what is not finished.
        set_hidden(&self.status, fold.is_some_and(|it| it.kind != FoldKind::Parent));
        let mut says = [String::new(), String::new(), String::new()];
        if let Some(fold) = fold {
            set(&self.fold_path, "d", icon::path(if fold.is_open { "chevron-down" } else { "chevron-right" }));
            set(&self.fold, "aria-expanded", if fold.is_open { "true" } else { "false" });
            set(&self.fold, "aria-label", if fold.is_open { "Close" } else { "Open" });
            let runs = format::n_of(u64::from(fold.n_runs), "run");
            says[0] = match &fold.kind {
                FoldKind::Seeds => format::n_of(u64::from(fold.n_runs), "seed"),
                FoldKind::Value { field, n_inner: 0 } => format!("{field} · {runs}"),
                FoldKind::Value { field, n_inner } => {
                    format!("{field} · {} · {runs}", format::n_of(u64::from(*n_inner), "config"))
                }
                FoldKind::Parent => format!("{} below", format::count(fold.n_runs)),
            };
            if fold.n_running > 0 {
                says[1] = format!("{} running", format::count(fold.n_running));
            }
            if fold.n_failed > 0 {
                says[2] = format!("{} failed", format::count(fold.n_failed));
            }
        }
        for (node, text) in [&self.inside, &self.running, &self.failed].into_iter().zip(&says) {
            set_hidden(node, text.is_empty());
            node.set_text_content(Some(text));
        }
    }

    fn show_status(&self, status: Status) {
        self.status.set_class_name(&format!("status {}", status.word()));
        set(&self.status, "title", status.word());
        set(&self.status_path, "d", icon::path(status_icon(status)));
        self.status_word.set_text_content(Some(status.word()));
    }

    fn show_cells(&mut self, cell_mould: &Element, layout: &Layout, before: &Shown, now: &Shown) {
        let n_cells = now.row.cells.len();
        let pinned = 0..layout.n_pinned.min(n_cells);
        let visible = layout.visible.start.max(pinned.end)..layout.visible.end.min(n_cells);
        show_some(&self.pin, &mut self.pinned, pinned, cell_mould, layout, before, now);
        show_some(&self.root, &mut self.cells, visible, cell_mould, layout, before, now);
        self.visible = layout.visible.clone();
        self.width = layout.width;
    }
}

fn shown_name(row: &Row) -> &str {
    if row.name.is_empty() { row.id.as_str() } else { &row.name }
}

/// Columns of one range in the cells of one parent. Column i goes to the cell that i leaves as remainder.
fn show_some(
    parent: &Element,
    cells: &mut Vec<CellNodes>,
    range: std::ops::Range<usize>,
    mould: &Element,
    layout: &Layout,
    before: &Shown,
    now: &Shown,
) {
    let n = range.len();
    if cells.len() != n {
        for gone in cells.drain(n.min(cells.len())..) {
            gone.root.remove();
        }
        while cells.len() < n {
            let root = copy(mould);
            append(parent, &[&root]);
            let text = root.first_child().unwrap_or_else(|| root.clone().into());
            cells.push(CellNodes {
                column: None,
                text,
                step: None,
                step_shown: None,
                class: String::new(),
                curve: None,
                style: Default::default(),
                root,
            });
        }
        cells.iter_mut().for_each(|it| it.column = None);
    }
    for i in range {
        let Some(place) = layout.places.get(i).copied() else { continue };
        let nodes = &mut cells[i % n];
        let is_best = now.best == Some(i);
        let style = (layout.styles.get(i).copied().unwrap_or_default(), layout.spread);
        let is_same = nodes.column == Some((i, place))
            && nodes.style == style
            && before.row.cells.get(i) == now.row.cells.get(i)
            && (before.best == Some(i)) == is_best;
        if is_same {
            continue;
        }
        if nodes.column != Some((i, place)) {
            set(&nodes.root, "style", &format!("left:{}px;width:{}px", place.0, place.1));
            set(&nodes.root, "aria-colindex", &(i + 2).to_string());
            nodes.column = Some((i, place));
        }
        nodes.style = style;
        nodes.show(&now.row.cells[i], is_best, layout.numeric.get(i) == Some(&true), place.1);
    }
}

impl CellNodes {
    fn show(&mut self, cell: &Cell, is_best: bool, is_numeric: bool, width: u32) {
        let (kind, text, step) = words(cell, self.style);
        let kind = match kind {
            "missing" if is_numeric => "missing num",
            "several" if is_numeric => "several num",
            kind => kind,
        };
        let class = format!("td {kind}{}", if is_best { " best" } else { "" });
        if self.class != class {
            self.root.set_class_name(&class);
            self.class = class;
        }
        self.text.set_node_value(Some(&text));
        if step.is_some() && self.step.is_none() {
            let node = element(&leptos::prelude::document(), "span", "step");
            append(&self.root, &[&node]);
            self.step = Some(node);
        }
        // Steps are the same down a column more often than not.
        if let Some(node) = self.step.as_ref().filter(|_| self.step_shown != step) {
            node.set_text_content(step.as_deref());
            set_hidden(node, step.is_none());
            self.step_shown = step;
        }
        self.show_curve(if let Cell::Curve(shape) = cell { Some(shape) } else { None }, width);
    }

    fn show_curve(&mut self, shape: Option<&Vec<f32>>, width: u32) {
        if let (Some(_), None) = (shape, &self.curve) {
            self.curve = add_picture(&leptos::prelude::document(), &self.root);
        }
        let Some(path) = &self.curve else { return };
        let line = shape.map(|it| curve_path(it, f64::from(width) - 18.0, 17.0)).unwrap_or_default();
        set(path, "d", &line);
        if let Some(picture) = path.parent_element() {
            set_hidden(&picture, shape.is_none());
        }
    }
}
