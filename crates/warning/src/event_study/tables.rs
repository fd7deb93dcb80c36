//! The tables of the event study.

use shoals_core::rules::Status;
use shoals_core::{Table, TradingDay};
use shoals_stats::event_study::sample::CrossSection;

use super::{
    CalendarTime, EventOutcome, EventVerdict, EventWindow, PathDay, SeriesTest, SubjectName,
};

impl EventOutcome {
    /// Every table, the events first.
    pub(super) fn all_tables(&self) -> Vec<Table> {
        let mut tables = vec![self.event_table(), self.series_table()];
        if !self.stocks.is_empty() {
            tables.push(self.stock_table());
        }
        tables.extend([self.calendar_table(), self.path_table()]);
        tables
    }

    /// What happened, and what is to be made of it.
    fn event_table(&self) -> Table {
        let rows = &self.verdicts;
        let text = |of: &dyn Fn(&EventVerdict) -> String| rows.iter().map(of).collect::<Vec<_>>();
        let days = |of: fn(&EventVerdict) -> TradingDay| rows.iter().map(of).collect::<Vec<_>>();
        let titles: Vec<_> = rows.iter().map(|row| row.placed.event.title()).collect();
        let signs = "for micro caps less the CSI 300: +, - or ?";
        let expected = |row: &EventVerdict| row.placed.event.expected_sign.mark().to_owned();
        let table = Table::new("event")
            .with("event_id", "stable name", text(&|row| row.placed.event.event_id.clone()))
            .with("day_0", "first trading day it could act on", days(|row| row.placed.day_0))
            .with(
                "finding",
                "found, confounded, suggestive, nothing or not_covered",
                text(&|row| row.finding.name().to_owned()),
            )
            .with("title", "what happened", titles)
            .with("expected_sign", signs, text(&expected))
            .with(
                "found_sign",
                "sign of the main window's abnormal return",
                text(&|row| row.found_sign.mark().to_owned()),
            );
        let sentences: Vec<_> = rows.iter().map(|row| row.sentence.clone()).collect();
        self.with_origin(self.with_moves(table)).with(
            "verdict",
            "what moved, how sure, what it cannot tell",
            sentences,
        )
    }

    /// That table with the figures of the main window.
    fn with_moves(&self, table: Table) -> Table {
        let rows = &self.verdicts;
        let number = |of: &dyn Fn(&EventVerdict) -> f64| rows.iter().map(of).collect::<Vec<_>>();
        let spread =
            |of: fn(&SeriesTest) -> f64| number(&|row| row.spread.as_ref().map_or(f64::NAN, of));
        let treated = |of: fn(&CrossSection) -> f64| {
            number(&|row| row.treated.as_ref().map_or(f64::NAN, |one| of(&one.tests)))
        };
        let difference = |of: fn(&SeriesTest) -> f64| {
            number(&|row| row.difference.as_ref().map_or(f64::NAN, of))
        };
        table
            .with(
                "car",
                "abnormal return of micro caps less the CSI 300 in the main window",
                spread(|test| test.car),
            )
            .with("t", "over MacKinlay's error", spread(|test| test.t))
            .with(
                "placebo_p",
                "share of earlier days that moved as far",
                spread(|test| test.placebo_p),
            )
            .with(
                "adjusted_p",
                "placebo_p adjusted for the days tested",
                number(&|row| row.adjusted_p),
            )
            .with(
                "bootstrap_p",
                "share of drawn windows that moved as far",
                spread(|test| test.bootstrap_p),
            )
            .with(
                "treated_car",
                "mean abnormal return of the treated names",
                treated(|test| test.mean_car),
            )
            .with("patell_z", "names taken for independent", treated(|test| test.patell_z))
            .with(
                "kolari_pynnonen_t",
                "names as correlated as they are",
                treated(|test| test.kolari_pynnonen_t),
            )
            .with(
                "adjusted_kolari_pynnonen_p",
                "its p-value adjusted for the days tested",
                number(&|row| row.adjusted_kolari_pynnonen_p),
            )
            .with(
                "difference_car",
                "treated less control beyond its usual day",
                difference(|test| test.car),
            )
            .with(
                "difference_p",
                "placebo p-value of that difference",
                difference(|test| test.placebo_p),
            )
            .with(
                "detectable",
                "smallest effect found in eight of ten",
                spread(|test| test.detectable),
            )
    }

    /// That table with each event's neighbours, days and source.
    fn with_origin(&self, table: Table) -> Table {
        let rows = &self.verdicts;
        let text = |of: &dyn Fn(&EventVerdict) -> String| rows.iter().map(of).collect::<Vec<_>>();
        let days = |of: fn(&EventVerdict) -> TradingDay| rows.iter().map(of).collect::<Vec<_>>();
        let n_in: Vec<_> = rows.iter().map(|row| row.placed.n_in_estimation as i64).collect();
        table
            .with(
                "same_day",
                "events of the same day 0",
                text(&|row| row.placed.same_day.join(" ")),
            )
            .with(
                "overlapping",
                "other events whose main window shares a day",
                text(&|row| row.placed.overlapping.join(" ")),
            )
            .with(
                "nearby",
                "further events inside any of its windows",
                text(&|row| row.placed.nearby.join(" ")),
            )
            .with("n_in_estimation", "events among its estimation days", n_in)
            .with(
                "announced_on",
                "civil day it became known",
                days(|row| row.placed.event.announced_on),
            )
            .with(
                "effective_on",
                "day it came into force",
                days(|row| row.placed.event.effective_on),
            )
            .with("targets", "what it hits", text(&|row| row.placed.event.targets.clone()))
            .with("source", "who reports it", text(&|row| row.placed.event.source.clone()))
            .with(
                "status",
                "verified or recalled; empty where the market's table does not say",
                text(&|row| status(row.placed.event.status).to_owned()),
            )
    }

    fn series_table(&self) -> Table {
        let rows = &self.series;
        let main = self.config.main_window;
        let is_main: Vec<bool> = rows.iter().map(|row| row.window == main).collect();
        let number = |of: fn(&SeriesTest) -> f64| rows.iter().map(of).collect::<Vec<_>>();
        let count = |of: fn(&SeriesTest) -> usize| {
            rows.iter().map(|row| of(row) as i64).collect::<Vec<_>>()
        };
        Table::new("series_window")
            .with("event_id", "the event", ids(rows, |row| &row.event_id))
            .with("subject", SUBJECT, subjects(rows, |row| row.subject))
            .with("window", WINDOW, windows(rows, |row| row.window))
            .with("is_main", "whether it is the main window", is_main)
            .with("total", "simple returns summed", number(|row| row.total))
            .with("car", "abnormal returns summed", number(|row| row.car))
            .with("standard_error", "MacKinlay's", number(|row| row.standard_error))
            .with("t", "car over standard_error", number(|row| row.t))
            .with("p_value", "two-sided, normal", number(|row| row.p_value))
            .with(
                "newey_west_error",
                "with the residuals' autocorrelation",
                number(|row| row.newey_west_error),
            )
            .with("newey_west_t", "car over newey_west_error", number(|row| row.newey_west_t))
            .with(
                "placebo_p",
                "share of earlier days that moved as far",
                number(|row| row.placebo_p),
            )
            .with("n_placebo", "earlier days it is held against", count(|row| row.n_placebo))
            .with(
                "bootstrap_p",
                "share of drawn windows that moved as far",
                number(|row| row.bootstrap_p),
            )
            .with(
                "detectable",
                "smallest effect found in eight of ten",
                number(|row| row.detectable),
            )
            .with("beta", "of the market model", number(|row| row.beta))
            .with("n_estimation", "days the model was fitted on", count(|row| row.n_estimation))
    }

    fn stock_table(&self) -> Table {
        let rows = &self.stocks;
        let number = |of: fn(&CrossSection) -> f64| {
            rows.iter().map(|row| of(&row.tests)).collect::<Vec<_>>()
        };
        Table::new("stock_window")
            .with("event_id", "the event", ids(rows, |row| &row.event_id))
            .with(
                "group",
                "treated or control",
                rows.iter().map(|row| row.group.name().to_owned()).collect::<Vec<_>>(),
            )
            .with("window", WINDOW, windows(rows, |row| row.window))
            .with(
                "n_names",
                "names with a return on every day of the window",
                rows.iter().map(|row| row.tests.n_names as i64).collect::<Vec<_>>(),
            )
            .with("mean_car", "mean abnormal return, summed", number(|test| test.mean_car))
            .with("share_positive", "share of names above zero", number(|test| test.share_positive))
            .with(
                "mean_correlation",
                "average pairwise correlation of the estimation residuals",
                number(|test| test.mean_correlation),
            )
            .with("patell_z", "Patell 1976; independent names", number(|test| test.patell_z))
            .with(
                "bmp_t",
                "Boehmer, Musumeci, Poulsen 1991; independent names",
                number(|test| test.bmp_t),
            )
            .with(
                "kolari_pynnonen_t",
                "Kolari, Pynnonen 2010; correlated names",
                number(|test| test.kolari_pynnonen_t),
            )
            .with(
                "kolari_pynnonen_p",
                "two-sided, normal",
                rows.iter().map(|row| row.kolari_pynnonen_p).collect::<Vec<_>>(),
            )
            .with(
                "corrado_zivney_z",
                "Corrado, Zivney 1992; correlated names",
                number(|test| test.corrado_zivney_z),
            )
            .with(
                "generalised_rank_t",
                "Kolari, Pynnonen 2011; correlated names",
                number(|test| test.generalised_rank_t),
            )
            .with(
                "portfolio_t",
                "Brown, Warner 1985; correlated names",
                number(|test| test.portfolio_t),
            )
            .with("cross_section_t", "independent names", number(|test| test.cross_section_t))
            .with("brown_warner_1980", "independent names", number(|test| test.brown_warner_1980))
            .with(
                "sign_z",
                "share above zero against a half; independent names",
                number(|test| test.sign_z),
            )
            .with(
                "generalised_sign_z",
                "Cowan 1992; independent names",
                number(|test| test.generalised_sign_z),
            )
            .with(
                "formed_on",
                "close the group was formed at",
                rows.iter().map(|row| row.formed_on).collect::<Vec<_>>(),
            )
    }

    fn calendar_table(&self) -> Table {
        let rows = &self.calendar_time;
        let number = |of: fn(&CalendarTime) -> f64| rows.iter().map(of).collect::<Vec<_>>();
        let count = |of: fn(&CalendarTime) -> usize| {
            rows.iter().map(|row| of(row) as i64).collect::<Vec<_>>()
        };
        Table::new("calendar_time")
            .with(
                "events",
                "events whose main windows overlap",
                rows.iter().map(|row| row.events.join(" ")).collect::<Vec<_>>(),
            )
            .with("subject", SUBJECT, subjects(rows, |row| row.subject))
            .with("from", "first day", rows.iter().map(|row| row.from).collect::<Vec<_>>())
            .with("to", "last day", rows.iter().map(|row| row.to).collect::<Vec<_>>())
            .with("days", "days of the dummy", count(|row| row.n_days))
            .with(
                "coefficient",
                "of the dummy: mean abnormal return a day",
                number(|row| row.coefficient),
            )
            .with(
                "newey_west_error",
                "of the coefficient; too small for few days",
                number(|row| row.newey_west_error),
            )
            .with("newey_west_t", "coefficient over it", number(|row| row.newey_west_t))
            .with(
                "mean",
                "mean abnormal return a day against the quiet days",
                number(|row| row.mean),
            )
            .with("quiet_error", "of the mean, from the quiet days", number(|row| row.quiet_error))
            .with("quiet_t", "mean over quiet_error", number(|row| row.quiet_t))
            .with("quiet_days", "days outside every window", count(|row| row.n_quiet))
    }

    fn path_table(&self) -> Table {
        let rows = &self.path;
        let number = |of: fn(&PathDay) -> f64| rows.iter().map(of).collect::<Vec<_>>();
        Table::new("path")
            .with("event_id", "the event", ids(rows, |row| &row.event_id))
            .with("subject", SUBJECT, subjects(rows, |row| row.subject))
            .with(
                "relative_day",
                "trading days after day 0",
                rows.iter().map(|row| i64::from(row.relative_day)).collect::<Vec<_>>(),
            )
            .with("date", "exchange day", rows.iter().map(|row| row.date).collect::<Vec<_>>())
            .with("total", "simple return", number(|row| row.total))
            .with("abnormal", "what the market does not explain", number(|row| row.abnormal))
            .with(
                "cumulative",
                "abnormal returns summed from the first day told",
                number(|row| row.cumulative),
            )
            .with("standard_error", "of that sum", number(|row| row.standard_error))
    }
}

const SUBJECT: &str = "micro_minus_csi300, a size segment, or treated_minus_control";
const WINDOW: &str = "first and last trading day about day 0";

fn ids<T>(rows: &[T], of: fn(&T) -> &String) -> Vec<String> {
    rows.iter().map(|row| of(row).clone()).collect()
}

fn subjects<T>(rows: &[T], of: fn(&T) -> SubjectName) -> Vec<String> {
    rows.iter().map(|row| of(row).name().to_owned()).collect()
}

fn windows<T>(rows: &[T], of: fn(&T) -> EventWindow) -> Vec<String> {
    rows.iter().map(|row| of(row).label()).collect()
}

const fn status(status: Option<Status>) -> &'static str {
    match status {
        Some(Status::Verified) => "verified",
        Some(Status::Recalled) => "recalled",
        None => "",
    }
}
