//! What a source's column names mean: Chinese and English synonyms as data.
//!
//! Spellings are compared without case, blanks, brackets, `_` and `-`; a unit in brackets is taken
//! off first and kept: `成交额(万元)` is `成交额` in 万元.

use shoals_core::SecurityKind;

use super::delimited::number::half_width;
use super::units::is_unit;

/// A column name without its unit, and the unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heading {
    /// Folded spelling, as `tradedate`.
    pub(crate) folded: String,
    /// Unit word found in the name.
    pub(crate) unit: Option<String>,
}

/// Canonical column (or one of the working names below) and every folded spelling of it.
///
/// Working names are not columns of any table: `trade_status` (the opposite of suspended),
/// `float_shares` (stands in for free float), `turnover` (amount in futures files, a rate elsewhere),
/// `adjust_flag` (baostock's kind of price).
const SYNONYMS: &[(&str, &[&str])] = &[
    (
        "date",
        &[
            "date",
            "tradedate",
            "tradingdate",
            "tradedt",
            "tradingday",
            "datetime",
            "day",
            "caldate",
            "navdate",
            "reportdate",
            "日期",
            "交易日期",
            "交易日",
            "时间",
            "交易时间",
            "净值日期",
            "截止日期",
            "报告期",
            "信用交易日期",
            "数据日期",
            "指标名称",
            "日期时间",
        ],
    ),
    (
        "symbol",
        &[
            "code",
            "tscode",
            "symbol",
            "ticker",
            "orderbookid",
            "instrument",
            "secid",
            "windcode",
            "sinfowindcode",
            "contract",
            "contractcode",
            "fund",
            "fundcode",
            "securitycode",
            "concode",
            "stockcode",
            "seccode",
            "代码",
            "证券代码",
            "股票代码",
            "基金代码",
            "产品代码",
            "备案编码",
            "wind代码",
            "万得代码",
            "合约代码",
            "合约",
            "成分券代码",
            "成份券代码",
            "成分代码",
            "choice代码",
            "东方财富代码",
            "交易代码",
        ],
    ),
    ("underlying", &["underlying", "标的代码"]),
    ("index", &["indexcode", "index", "指数代码"]),
    (
        "name",
        &[
            "name",
            "简称",
            "名称",
            "证券简称",
            "证券名称",
            "股票简称",
            "股票名称",
            "基金简称",
            "基金名称",
            "产品名称",
            "产品简称",
            "fundname",
            "secname",
        ],
    ),
    ("open", &["open", "openprice", "开盘", "开盘价", "今开盘", "今开", "sdqopen"]),
    ("high", &["high", "highprice", "最高", "最高价", "sdqhigh"]),
    ("low", &["low", "lowprice", "最低", "最低价", "sdqlow"]),
    ("close", &["close", "closeprice", "收盘", "收盘价", "今收盘", "sdqclose", "收盘点位"]),
    (
        "pre_close",
        &["preclose", "prevclose", "前收盘", "前收盘价", "昨收", "昨收盘", "前收", "昨收价"],
    ),
    ("settle", &["settle", "settlement", "settleprice", "结算价", "今结算", "结算"]),
    ("volume", &["volume", "vol", "成交量", "成交手数", "totalvolume", "sdqvolume"]),
    (
        "amount",
        &["amount", "amt", "money", "totalturnover", "成交额", "成交金额", "sdqamount", "value"],
    ),
    ("turnover", &["turnover"]),
    ("open_interest", &["openinterest", "oi", "hold", "持仓量", "持仓"]),
    (
        "adjust_factor",
        &["adjustfactor", "adjfactor", "factor", "复权因子", "后复权因子", "excumfactor"],
    ),
    ("total_shares", &["totalshares", "totalshare", "总股本"]),
    (
        "float_shares",
        &["floatshares", "floatshare", "流通股本", "outstandingshare", "circulatingshares"],
    ),
    ("free_float_shares", &["freefloatshares", "freeshare", "自由流通股本"]),
    (
        "total_market_cap",
        &["totalmarketcap", "totalmv", "marketcap", "mcap", "mktcap", "总市值", "总市值1"],
    ),
    (
        "free_float_market_cap",
        &[
            "freefloatmarketcap",
            "circmv",
            "floatmv",
            "流通市值",
            "自由流通市值",
            "circmarketcap",
            "floatmarketcap",
        ],
    ),
    ("pb", &["pb", "pbmrq", "pblf", "市净率", "市净率mrq", "市净率lf", "市净率pb"]),
    ("pe_ttm", &["pettm", "市盈率ttm", "滚动市盈率", "市盈率pettm"]),
    ("ps_ttm", &["psttm", "市销率ttm", "市销率psttm"]),
    (
        "dividend_yield",
        &["dividendyield", "dvttm", "divyield", "股息率", "股息率ttm", "股息率近12个月"],
    ),
    ("is_st", &["isst", "st", "是否st", "是否为st"]),
    ("is_suspended", &["issuspended", "suspended", "paused", "停牌", "是否停牌"]),
    ("trade_status", &["tradestatus", "交易状态"]),
    ("adjust_flag", &["adjustflag"]),
    ("limit_up", &["limitup", "uplimit", "highlimit", "涨停价", "涨停"]),
    ("limit_down", &["limitdown", "downlimit", "lowlimit", "跌停价", "跌停"]),
    ("weight", &["weight", "权重", "iweight"]),
    ("variant", &["variant"]),
    ("unit_nav", &["unitnav", "nav", "单位净值", "净值", "基金单位净值", "复权前单位净值"]),
    ("accumulated_nav", &["accumulatednav", "accumnav", "accnav", "累计净值", "累计单位净值"]),
    ("adjusted_nav", &["adjustednav", "adjnav", "复权单位净值", "复权净值"]),
    ("net_asset", &["netasset", "资产净值", "基金资产净值"]),
    ("dividend", &["dividend", "分红", "每份分红", "每份派现金"]),
    ("benchmark", &["benchmark", "业绩比较基准"]),
    ("management_fee", &["managementfee", "mfee", "管理费", "管理费率"]),
    ("performance_fee", &["performancefee", "业绩报酬"]),
    ("implied_volatility", &["impliedvolatility", "iv", "隐含波动率", "atmiv", "qvix"]),
    ("tenor_days", &["tenordays"]),
    ("source", &["source"]),
    ("is_open", &["isopen"]),
    ("exchange", &["exchange", "exchangeid"]),
    ("industry", &["industry", "行业", "所属行业"]),
    ("listed_on", &["listedon", "listdate", "ipodate", "上市日期", "上市日"]),
    ("delisted_on", &["delistedon", "delistdate", "outdate", "退市日期", "摘牌日期"]),
    ("board", &["board", "市场类型", "板块", "上市板"]),
    ("financing_balance", &["financingbalance", "rzye", "融资余额"]),
    ("financing_purchase", &["financingpurchase", "rzmre", "融资买入额"]),
    (
        "securities_lending_balance",
        &["securitieslendingbalance", "rqye", "融券余额", "融券余量金额"],
    ),
    ("strike", &["strike", "exerciseprice", "行权价", "行权价格"]),
    ("expiry", &["expiry", "maturitydate", "到期日"]),
    ("kind", &["kind", "callput"]),
    ("announced_on", &["announcedon", "anndate", "noticedate", "公告日期"]),
    ("effective_on", &["effectiveon"]),
    ("event_id", &["eventid"]),
    ("title_zh", &["titlezh"]),
    ("title_en", &["titleen"]),
    ("targets", &["targets"]),
    ("expected_sign", &["expectedsign"]),
    ("timestamp", &["timestamp"]),
    ("eps", &["eps", "basiceps", "基本每股收益", "每股收益"]),
    ("book_per_share", &["bookpershare", "bps", "每股净资产"]),
    ("revenue", &["revenue", "营业总收入", "营业收入"]),
    ("net_profit", &["netprofit", "净利润", "归母净利润"]),
    ("total_equity", &["totalequity", "股东权益合计"]),
    ("return_on_equity", &["returnonequity", "roe", "净资产收益率"]),
    ("tenor", &["tenor"]),
    ("rate", &["rate"]),
];

/// Names of a code column that say what its codes name.
const KINDS: &[(&str, SecurityKind)] = &[
    ("股票代码", SecurityKind::Stock),
    ("stockcode", SecurityKind::Stock),
    ("成分券代码", SecurityKind::Stock),
    ("成份券代码", SecurityKind::Stock),
    ("指数代码", SecurityKind::Index),
    ("indexcode", SecurityKind::Index),
    ("基金代码", SecurityKind::Fund),
    ("产品代码", SecurityKind::Fund),
    ("fundcode", SecurityKind::Fund),
];

/// Takes a column name apart.
pub(crate) fn heading(name: &str) -> Heading {
    let plain: String = name.chars().map(half_width).collect::<String>().to_lowercase();
    let (plain, marked) = match plain.split_once("[单位]") {
        Some((body, unit)) => (body.to_owned(), Some(unit.trim().to_owned())),
        None => (plain, None),
    };
    let (body, bracketed) = without_unit(plain.trim());
    let (body, signed) = match body.strip_suffix('%') {
        Some(body) => (body.to_owned(), Some("%".to_owned())),
        None => (body, None),
    };
    let folded = body.chars().filter(|c| !is_filler(*c)).collect();
    Heading { folded, unit: marked.or(bracketed).or(signed) }
}

fn is_filler(c: char) -> bool {
    c.is_whitespace() || matches!(c, '_' | '-' | '(' | ')' | '[' | ']' | '"' | '\u{feff}' | '$')
}

/// A name without the last brackets, when they hold a unit.
fn without_unit(name: &str) -> (String, Option<String>) {
    for (open, close) in [('(', ')'), ('[', ']')] {
        let Some((head, tail)) = name.rsplit_once(open) else { continue };
        let Some((inside, after)) = tail.split_once(close) else { continue };
        let unit = inside.trim().trim_start_matches("单位:").trim();
        if is_unit(unit) {
            return (format!("{head}{after}"), Some(unit.to_owned()));
        }
    }
    (name.to_owned(), None)
}

/// The canonical column, or working name, a folded spelling stands for.
pub(crate) fn meaning(folded: &str) -> Option<&'static str> {
    SYNONYMS
        .iter()
        .find(|(canonical, spellings)| {
            spellings.contains(&folded) || canonical.replace('_', "") == folded
        })
        .map(|row| row.0)
}

/// What the codes of a column name, when its own name says so.
pub(crate) fn kind_of_column(folded: &str) -> Option<SecurityKind> {
    KINDS.iter().find(|row| row.0 == folded).map(|row| row.1)
}

/// Whether a name is written in Chinese: no unit can be taken for granted then.
pub(crate) fn is_chinese(name: &str) -> bool {
    name.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_source_are_understood() {
        for (name, canonical, unit) in [
            ("成交额(万元)", "amount", Some("万元")),
            ("成交量（手）", "volume", Some("手")),
            ("总市值\n[单位]亿元", "total_market_cap", Some("亿元")),
            ("市盈率(TTM)", "pe_ttm", None),
            ("pbMRQ", "pb", None),
            ("trade_date", "date", None),
            ("证券代码", "symbol", None),
            ("权重(%)", "weight", Some("%")),
            ("今收盘", "close", None),
            ("open_interest", "open_interest", None),
            ("收盘价(元)", "close", Some("元")),
            ("\u{feff}日期", "date", None),
        ] {
            let heading = heading(name);
            assert_eq!(meaning(&heading.folded), Some(canonical), "{name}");
            assert_eq!(heading.unit.as_deref(), unit, "{name}");
        }
        assert_eq!(meaning("涨跌幅"), None);
    }

    #[test]
    fn no_spelling_stands_for_two_columns() {
        let mut seen = std::collections::BTreeMap::new();
        for (canonical, spellings) in SYNONYMS {
            for spelling in *spellings {
                assert_eq!(seen.insert(spelling, canonical), None, "{spelling}");
                assert_eq!(heading(spelling).folded, **spelling, "{spelling} is folded");
            }
        }
    }

    #[test]
    fn every_canonical_column_is_understood_by_its_own_name() {
        for table in crate::MarketTable::all() {
            for column in table.columns() {
                let is_symbol = column.kind == crate::schema::ColumnKind::Symbol;
                let found = meaning(&heading(column.name).folded);
                let is_known = found == Some(column.name) || (is_symbol && found.is_some());
                assert!(is_known, "{table}.{}: {found:?}", column.name);
            }
        }
    }
}
