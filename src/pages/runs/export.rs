//! Taking the table along: as a file or text, as a pivot, or as a script that asks the same.

use leptos::prelude::*;

use super::Runs;
use crate::components::copy::CopyButton;
use crate::components::dialog::Dialog;
use crate::components::dom;
use crate::components::format;
use crate::components::icon::Icon;
use crate::components::notice::Notice;
use crate::components::segment::segment;
use crate::engine::protocol::{Answer, Event, Export, ExportAsk, Question, RowsAsk};
use crate::model::Field;
use crate::pages::ask::use_answer;
use crate::query::fields::FieldInfo;
use crate::query::group::is_seed;
use crate::query::out::pivot::PivotAsk;
use crate::query::out::{Format, SpreadStyle};
use crate::query::selection::Selection;

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Table,
    Pivot,
    Script,
}

#[derive(Clone, Copy)]
struct Form {
    runs: Runs,
    what: RwSignal<What>,
    format: RwSignal<Format>,
    spread: RwSignal<SpreadStyle>,
    down: RwSignal<Option<Field>>,
    across: RwSignal<Option<Field>>,
    value: RwSignal<Option<Field>>,
}

/// Lines of the preview; the file has all.
const MOST_LINES: usize = 60;

#[component]
pub fn ExportButton(runs: Runs) -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <button class="button quiet" on:click=move |_| open.set(true) title="CSV, JSON, Markdown, LaTeX, a pivot, a script">
            <Icon name="download" />"Export"
        </button>
        {move || open.get().then(|| view! { <ExportDialog runs=runs open=open /> })}
    }
}

impl Form {
    fn of(runs: Runs) -> Self {
        let columns: Vec<Field> = runs.columns.get_untracked().into_iter().map(|it| it.field).collect();
        let grouped = runs.view.get_untracked().group.by;
        // What the table is grouped by makes the rows and columns; else its first two params.
        let is_axis = |it: &&Field| matches!(it, Field::Param(name) if !is_seed(name));
        let mut axes = grouped.into_iter().chain(columns.iter().filter(is_axis).cloned());
        let down = axes.next();
        let across = axes.find(|it| Some(it) != down.as_ref());
        let value = columns.into_iter().find(|it| matches!(it, Field::Metric(_) | Field::Figure(..)));
        Self {
            runs,
            what: RwSignal::new(What::Table),
            format: RwSignal::new(Format::Csv),
            spread: RwSignal::new(runs.view.get_untracked().spread),
            down: RwSignal::new(down),
            across: RwSignal::new(across),
            value: RwSignal::new(value),
        }
    }

    /// None while the pivot lacks a part.
    fn ask(self) -> Option<ExportAsk> {
        let view = self.runs.view.get();
        let (format, spread) = (self.format.get(), self.spread.get());
        let export = match self.what.get() {
            What::Table => Export::Table(format, spread),
            What::Script => Export::Script,
            What::Pivot => {
                let down = self.down.get().into_iter().collect();
                Export::Pivot(PivotAsk { down, across: self.across.get(), value: self.value.get()? }, format, spread)
            }
        };
        let rows = RowsAsk {
            project: self.runs.project.get_value(),
            query: view.rows_query(),
            toggled: view.toggled,
            fields: self.runs.columns.get().into_iter().map(|it| it.field).collect(),
            offset: 0,
            limit: 0,
            selection: Selection::First(0),
        };
        Some(ExportAsk { rows, export })
    }

    fn file_name(self) -> String {
        match self.what.get_untracked() {
            What::Script => "runs.py".into(),
            What::Table => format!("runs.{}", self.format.get_untracked().extension()),
            What::Pivot => format!("pivot.{}", self.format.get_untracked().extension()),
        }
    }
}

#[component]
fn ExportDialog(runs: Runs, open: RwSignal<bool>) -> impl IntoView {
    let form = Form::of(runs);
    let asked = use_answer(
        move || {
            // More of it may be there when more series are read.
            runs.data.track(&Event::Runs(runs.project.get_value()));
            form.ask().map(|it| Question::Export(Box::new(it)))
        },
        |told| match told.answer {
            Answer::Exported { n_lines, n_not_loaded } => Some((n_lines, n_not_loaded, told.bytes(0))),
            _ => None,
        },
    );
    let text =
        Signal::derive(move || asked.ok().map(|it| String::from_utf8_lossy(&it.2).into_owned()).unwrap_or_default());
    let download = move || {
        if let Some((_, _, bytes)) = asked.ok() {
            dom::download(&form.file_name(), &bytes);
        }
    };
    let whats = move || {
        let mut all = vec![(What::Table, "The table as seen", ""), (What::Pivot, "Pivot", "")];
        all.extend(runs.capabilities.get().filters.then_some((What::Script, "Python script", "")));
        segment("What", all, move || form.what.get(), move |it| form.what.set(it))
    };
    let said = move || {
        let (lines, not_loaded, bytes) = asked.ok()?;
        let mut parts = vec![format::bytes(bytes.len() as u64)];
        if lines > 0 {
            parts.insert(0, format::n_of(lines, "line"));
        }
        if not_loaded > 0 {
            parts.push(format!("{} are not read yet and left empty", format::n_of(not_loaded, "figure")));
        }
        Some(parts.join(" · "))
    };
    view! {
        <Dialog title="Export" first="#export-format" close=Callback::new(move |()| open.set(false)) submit=Callback::new(move |()| download())>
            <div class="body">
                <div>{whats}</div>
                {move || (form.what.get() == What::Pivot).then(|| view! { <PivotFields form=form /> })}
                {move || (form.what.get() != What::Script).then(|| view! { <Formats form=form /> })}
                {move || asked.problem().map(|problem| view! { <Notice problem=problem /> })}
                <pre class="preview" tabindex="0" aria-label="Preview" aria-busy=move || asked.busy.get().to_string()>{move || preview(&text.get())}</pre>
            </div>
            <div class="foot">
                <span class="minor grow" role="status">{said}</span>
                <CopyButton text=text what="all of it" />
                <button type="submit" class="button primary">"Download"</button>
            </div>
        </Dialog>
    }
}

fn preview(text: &str) -> String {
    let mut lines = text.lines();
    let mut shown: Vec<&str> = lines.by_ref().take(MOST_LINES).collect();
    if lines.next().is_some() {
        shown.push("…");
    }
    crate::model::problem::shortened(&shown.join("\n"), 20_000)
}

#[component]
fn Formats(form: Form) -> impl IntoView {
    let formats = Format::ALL.into_iter().map(|it| (it, it.word(), "")).collect();
    let formats = segment("Format", formats, move || form.format.get(), move |it| form.format.set(it));
    let has_spreads = move || form.what.get() == What::Pivot || !form.runs.view.get().group.is_flat();
    let spread = move |event: leptos::ev::Event| {
        let word = event_target_value(&event);
        if let Some(it) = SpreadStyle::ALL.into_iter().find(|it| it.words() == word) {
            form.spread.set(it);
        }
    };
    view! {
        <div class="pair even">
            <div class="field"><span class="label">"Format"</span>
                <div id="export-format" tabindex="-1" role="group" aria-label="Format">{formats}</div></div>
            <Show when=has_spreads>
                <div class="field"><label for="export-spread">"Of several runs"</label>
                    <select id="export-spread" class="input" on:change=spread>
                        {SpreadStyle::ALL.into_iter().map(|it| view! { <option value=it.words() selected=move || form.spread.get() == it>{it.words()}</option> }).collect_view()}
                    </select></div>
            </Show>
        </div>
    }
}

#[component]
fn PivotFields(form: Form) -> impl IntoView {
    let fields = move || form.runs.fields.ok().map(|it| it.fields).unwrap_or_default();
    let is_axis = |it: &FieldInfo| {
        matches!(it.field, Field::Status | Field::User | Field::Dataset)
            || (matches!(it.field, Field::Param(_) | Field::Tag(_)) && it.n_values <= 500)
    };
    let is_value = |it: &FieldInfo| it.numeric && !matches!(it.field, Field::Started | Field::Ended);
    let select = move |id: &'static str,
                       label: &'static str,
                       at: RwSignal<Option<Field>>,
                       none: bool,
                       is: fn(&FieldInfo) -> bool| {
        let change = move |event: leptos::ev::Event| at.set(event_target_value(&event).parse().ok());
        let options = move || {
            let found = fields().into_iter().filter(is).take(1_000).map(|it| it.field);
            let mut found: Vec<Field> = found.collect();
            // A figure or calculation that the table shows is in no list.
            found.extend(at.get_untracked().filter(|it| !found.contains(it)));
            found.into_iter().map(|it| view! {
                <option value=it.to_string() selected=at.get_untracked().as_ref() == Some(&it)>{it.to_string()}</option>
            }).collect_view()
        };
        view! {
            <div class="field"><label for=id>{label}</label>
                <select id=id class="input" on:change=change>
                    {none.then(|| view! { <option value="">"–"</option> })}
                    {options}
                </select></div>
        }
    };
    view! {
        <div class="pair even">
            {select("pivot-down", "Rows", form.down, true, is_axis)}
            {select("pivot-across", "Columns", form.across, true, is_axis)}
        </div>
        {select("pivot-value", "Mean of", form.value, false, is_value)}
    }
}
