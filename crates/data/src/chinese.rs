//! The findings in Chinese.
//!
//! A finding is recorded in English and kept so in the store. For readers, its sentences are looked up
//! here: the English sentence is the key, `{}` stands for the values in it, and the Chinese says where
//! they go. What no sentence matches is data (a cell, a column name) and reads the same in both languages.

use shoals_core::{Finding, Text};

/// A finding in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingWords {
    /// The name of the kind.
    pub kind: Text,
    /// What stands there.
    pub found: Text,
    /// What was expected.
    pub expected: Text,
    /// What the user can do.
    pub remedy: Text,
}

/// The finding's words in both languages.
pub fn finding_words(finding: &Finding) -> FindingWords {
    let name =
        KINDS.iter().find(|row| row.0 == finding.kind).map_or(finding.kind.as_str(), |row| row.1);
    let kind = Text::new(name, finding.kind.replace('_', " "));
    let found = match finding.kind.as_str() {
        // Its reason is an error's, and errors are English.
        "file_not_recognised" => Text::new("未知的版式", &finding.found),
        _ => both(&finding.found),
    };
    FindingWords { kind, found, expected: both(&finding.expected), remedy: both(&finding.remedy) }
}

fn both(english: &str) -> Text {
    Text::new(chinese(english), english)
}

/// The sentence in Chinese, the values in it likewise.
fn chinese(english: &str) -> String {
    let matched = SENTENCES.iter().find_map(|(en, zh)| Some((zh, values(en, english)?)));
    let Some((pattern, values)) = matched else { return english.to_owned() };
    values.iter().enumerate().fold((*pattern).to_owned(), |out, (i, value)| {
        out.replace(&format!("{{{i}}}"), &chinese(value))
    })
}

/// The values that stand for the `{}` of a pattern, when the text is of that pattern.
fn values<'t>(pattern: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let mut pieces = pattern.split("{}");
    let mut rest = text.strip_prefix(pieces.next()?)?;
    let mut values = Vec::new();
    let mut pieces = pieces.peekable();
    while let Some(piece) = pieces.next() {
        let is_last = pieces.peek().is_none();
        let end = if is_last { rest.len().checked_sub(piece.len()) } else { rest.find(piece) }?;
        let (value, after) = rest.split_at_checked(end)?;
        rest = after.strip_prefix(piece)?;
        values.push(value);
    }
    rest.is_empty().then_some(values)
}

/// Names of the kinds.
#[rustfmt::skip]
const KINDS: &[(&str, &str)] = &[
    ("null_key", "键为空"),
    ("duplicate_row", "重复行"),
    ("duplicate_key", "键重复"),
    ("conflicting_files", "文件冲突"),
    ("stored_value_changed", "已存值被改"),
    ("unsorted_days", "日期乱序"),
    ("outside_calendar", "超出日历"),
    ("closed_day", "休市日"),
    ("missing_market_day", "全市场缺日"),
    ("missing_days", "缺日"),
    ("calendar_disagrees", "日历不符"),
    ("not_finite", "非有限数"),
    ("non_positive_price", "价格不为正"),
    ("bad_adjust_factor", "复权因子不为正"),
    ("zero_price_untraded", "未成交日的零价"),
    ("traded_without_volume", "有成交而成交量为零"),
    ("negative_count", "数量为负"),
    ("ohlc_order", "四价次序错误"),
    ("off_tick_price", "价格不合最小变动"),
    ("normalised_price", "归一化价格"),
    ("outside_price_limit", "超出涨跌停"),
    ("jump_beyond_limit", "跳动超限"),
    ("jump_against_adjust_factor", "价格与复权因子不符"),
    ("pre_close_is_shifted_close", "前收未除权"),
    ("unit_mistake", "单位错误"),
    ("amount_against_volume", "成交额与成交量不符"),
    ("turnover_above_float", "成交超过流通股"),
    ("float_above_total", "流通大于总量"),
    ("weights_incomplete", "权重不全"),
    ("stale_series", "数值停滞"),
    ("survivorship_hint", "幸存者偏差"),
    ("after_expiry", "到期后仍有报价"),
    ("before_listing", "上市前已有报价"),
    ("close_against_settle", "收盘价偏离结算价"),
    ("option_below_intrinsic", "期权低于内在价值"),
    ("option_above_bound", "期权高于上界"),
    ("implied_volatility_out_of_range", "隐含波动率越界"),
    ("accumulated_below_unit", "累计净值低于单位净值"),
    ("nav_jump", "净值跳动"),
    ("index_jump", "指数跳动"),
    ("announced_before_period_end", "期末前已公告"),
    ("not_quarter_end", "非季末"),
    ("delisted_before_listed", "退市早于上市"),
    ("missing_key", "缺少键"),
    ("bad_date", "日期无法读取"),
    ("bad_number", "数字无法读取"),
    ("bad_flag", "是否值无法读取"),
    ("bad_symbol", "代码无法读取"),
    ("bad_encoding", "编码错误"),
    ("ragged_row", "列数不齐"),
    ("open_quote", "引号未闭合"),
    ("source_line", "导出说明行"),
    ("assumed_nav", "推定净值口径"),
    ("duplicate_nav", "净值重复"),
    ("assumed_unit", "推定单位"),
    ("bad_bin_start", "二进制起点错误"),
    ("bin_past_calendar", "二进制超出日历"),
    ("column_not_read", "未读取的列"),
    ("contract_not_identified", "合约不明"),
    ("day_from_file_name", "日期取自文件名"),
    ("empty_bin", "空二进制文件"),
    ("estimated_amount", "估算成交额"),
    ("estimated_price", "估算价格"),
    ("estimated_ratio", "估算比率"),
    ("factor_jump", "因子跳动"),
    ("file_not_recognised", "文件未识别"),
    ("has_more", "尚有下页"),
    ("long_bin", "二进制过长"),
    ("mixed_kinds", "品种混杂"),
    ("no_unadjusted_price", "无未复权价"),
    ("row_cap", "行数达上限"),
    ("short_bin", "二进制过短"),
    ("torn_bin", "二进制残缺"),
    ("uneven_bins", "二进制长短不一"),
    ("unknown_status", "状态不明"),
    ("wrong_extension", "扩展名不符"),
];

/// Sentences by their English, the longer before what would match a part of them.
#[rustfmt::skip]
const SENTENCES: &[(&str, &str)] = &[
    // found and expected of the doctor
    ("nothing in `{}`", "`{0}` 为空"),
    ("a value in every part of the key", "键的每一部分都有值"),
    ("the row a second time", "同一行再次出现"),
    ("one row for each {}", "每组 {0} 一行"),
    ("the same values in both files; those of {} are kept", "两个文件数值相同；保留 {0} 的"),
    ("{}, as stored", "{0}（已存）"),
    (
        "nothing, when the source corrected it; else import the right file again: the earlier value is in \
         the version before",
        "若为来源更正则无需处理；否则重新导入正确的文件：此前的值在上一版本中",
    ),
    ("days that rise down the file", "日期自上而下递增"),
    ("a {} the exchange was closed", "休市的{0}"),
    ("Monday", "周一"), ("Tuesday", "周二"), ("Wednesday", "周三"), ("Thursday", "周四"),
    ("Friday", "周五"), ("Saturday", "周六"), ("Sunday", "周日"),
    ("an open day", "交易日"),
    ("a day of {} to {}", "{0} 至 {1} 之间的日期"),
    ("no row at all on {}{}", "{0}{1} 没有任何行"),
    ("rows on every open day between the first and the last", "首末之间每个交易日都有行"),
    ("no row for {} open day{} after {}", "{2} 之后缺 {0} 个交易日"),
    ("a row for every open day of a symbol's life", "存续期内每个交易日一行"),
    ("open", "开市"),
    ("closed", "休市"),
    ("{}, as the exchange published", "{0}，与交易所公布一致"),
    ("a number, or nothing", "数字或空"),
    ("above 0", "大于 0"),
    ("nothing on a day without volume", "无成交之日为空"),
    ("the volume of a day with trading", "有成交之日的成交量"),
    ("0 or above", "不小于 0"),
    ("open {}, high {}, low {}, close {}", "开 {0}，高 {1}，低 {2}，收 {3}"),
    ("low <= open, close <= high", "低 <= 开、收 <= 高"),
    ("{}; {} % of the closes are no whole fen", "{0}；{1} % 的收盘价不是整分"),
    ("whole fen", "整分"),
    ("a first close of 1 for {} of {} symbols", "{1} 个代码中有 {0} 个首个收盘价为 1"),
    ("first closes in CNY", "以元计的首个收盘价"),
    ("{}, after a pre_close of {}", "{0}，前收 {1}"),
    ("{} to {} by the limits of that day", "当日涨跌停为 {0} 至 {1}"),
    ("any", "不限"),
    ("close {} after {}, adjust factor {} after {}: {} % for the holder", "收盘价由 {1} 变为 {0}，复权因子由 {3} 变为 {2}：持有者 {4} %"),
    ("{} after {}, {} times the level, {}", "{0}，前为 {1}，相差 {2} 倍，{3}"),
    ("in this row only", "仅此一行"),
    ("from this row on", "自此行起"),
    ("in the last row", "在末行"),
    ("one unit throughout", "单位始终一致"),
    ("{} after a settlement of {}", "{0}，前结算价 {1}"),
    ("{} after {}, {} %", "由 {1} 变为 {0}，{2} %"),
    ("a move within the price limits", "变动在涨跌停之内"),
    ("a move within {} %", "变动不超过 {0} %"),
    ("the last close {}", "即上一收盘价 {0}"),
    ("{} by the adjust factor", "按复权因子为 {0}"),
    ("{} in most rows", "多数行为{0}"),
    ("shares, above 2 million", "股，200 万以上"),
    ("shares, above 1 million", "股，100 万以上"),
    ("CNY, above 100 thousand", "元，10 万以上"),
    ("CNY, above 1 million", "元，100 万以上"),
    ("CNY, above 10 million", "元，1000 万以上"),
    ("CNY, above 20 million", "元，2000 万以上"),
    ("CNY, above 50 million", "元，5000 万以上"),
    ("CNY, above 2 billion", "元，20 亿以上"),
    ("a decimal a year, 3 % written 0.03", "年化小数，3 % 写作 0.03"),
    ("a decimal a year, 1.5 % written 0.015", "年化小数，1.5 % 写作 0.015"),
    ("an annualised decimal, 20 points written 0.20", "年化小数，20 点写作 0.20"),
    ("an annualised decimal, 2 % written 0.02", "年化小数，2 % 写作 0.02"),
    ("a decimal of the gain, 20 % written 0.20", "收益的小数比例，20 % 写作 0.20"),
    ("a decimal, 8 % written 0.08", "小数，8 % 写作 0.08"),
    ("volume 0, amount {}, high {}, low {}", "成交量 0，成交额 {0}，最高 {1}，最低 {2}"),
    ("amount {} over volume {} = {}; {}", "成交额 {0} 除以成交量 {1} 得 {2}；{3}"),
    ("an average price near the close {}", "均价接近收盘价 {0}"),
    ("an average price of {} ({} % of the rows are outside)", "均价 {0}（{1} % 的行在区间之外）"),
    ("volume {} of {} shares, {} %", "成交 {0} 股，流通 {1} 股，占 {2} %"),
    ("at most 100 % of the free float a day", "一日不超过流通股的 100 %"),
    ("at most the last trading day {}", "不晚于最后交易日 {0}"),
    ("at most the {} {}", "不超过 {0} 的 {1}"),
    ("weights of {} that sum to {}", "{0} 的权重之和为 {1}"),
    ("close times {}, which is a power of ten away", "收盘价乘 {0}，相差十的整数次幂"),
    ("{} on more than {} days running", "连续 {1} 天以上为 {0}"),
    ("a value that moves", "变动的数值"),
    ("{} of {} symbols stop", "{1} 个代码中有 {0} 个终止"),
    ("about {} in {} years of lives, as in the market", "累计 {1} 年存续期，按市场约有 {0} 个"),
    ("near the settlement {}", "接近结算价 {0}"),
    ("near {}, the median of its product that day", "接近当日同品种中位数 {0}"),
    ("an expiry on or after the day", "到期日不早于当日"),
    ("an expiry on {}", "到期日 {0}"),
    ("{} for a {} at {} with the underlying at {}", "{0}，{1} 行权价 {2}，标的 {3}"),
    ("about {} or more", "约 {0} 或以上"),
    ("at least the unit value {}", "不低于单位净值 {0}"),
    ("a day after the period's end {}", "晚于期末 {0}"),
    ("the last day of March, June, September or December", "三、六、九、十二月的最后一天"),
    ("a day after the listing on {}", "晚于上市日 {0}"),
    ("a day after {}", "{0} 之后的日期"),
    ("at most day {}, the calendar's last", "不超过第 {0} 天，即日历末日"),
    ("at most {}", "不超过 {0}"),
    ("at least {}", "不低于 {0}"),
    ("{} or later", "{0} 或之后"),
    // found and expected of reading
    ("a day and a code in every row", "每行都有日期与代码"),
    ("a day, as 2024-02-05 or 20240205", "日期，如 2024-02-05 或 20240205"),
    ("a finite number, or nothing", "有限数或空"),
    ("1 or 0, true or false, 是 or 否", "1 或 0，true 或 false，是 或 否"),
    ("a security code, as 600519.SH", "证券代码，如 600519.SH"),
    ("UTF-8 throughout, as the beginning of the file", "与文件开头一样全为 UTF-8"),
    ("as many cells as the header has", "与表头列数相同"),
    ("quotation marks in pairs", "引号成对"),
    ("rows of the table", "表中的行"),
    ("price-to-book ratios interpolated between reports", "在两次财报之间插值的市净率"),
    ("reported ratios", "财报中的比率"),
    ("amounts computed as volume times price", "由成交量乘价格得出的成交额"),
    ("measured amounts", "实测的成交额"),
    ("unadjusted closes inferred from amounts or earlier factors", "由成交额或此前因子推出的未复权收盘价"),
    ("recorded closes", "记录的收盘价"),
    ("adjusted bars without an unadjusted close", "只有复权价、没有未复权收盘价的行情"),
    ("both", "两者皆有"),
    ("rows whose special treatment is not known", "是否 ST 不明的行"),
    ("1 or 0", "1 或 0"),
    ("main-contract bars that name no contract", "未注明合约的主力行情"),
    ("a contract in every row", "每行都有合约"),
    ("two contracts with one month and strike: one of them was adjusted for a dividend", "同月份同行权价的两张合约：其一因分红调整过"),
    ("a contract number, or one row a day, month, strike and right", "合约编号，或每日、月份、行权价与方向各一行"),
    ("a code, as sh600000", "代码，如 sh600000"),
    ("{} bytes", "{0} 字节"),
    ("a multiple of 4 bytes, at least 4", "4 字节的整数倍，至少 4"),
    ("a whole number from 0, the index of the first day", "不小于 0 的整数，即首日的序号"),
    ("no values", "没有数值"),
    ("a value a day", "每日一个数值"),
    ("values up to day {}", "数值到第 {0} 天"),
    ("days {} to {} of the calendar", "日历的第 {0} 至 {1} 天"),
    ("days {} to {}, as {}", "第 {0} 至 {1} 天，与 {2} 相同"),
    ("the last value on {}", "末个数值在 {0}"),
    ("on {}, the instrument's last day", "在 {0}，该标的的末日"),
    ("an unadjusted close of {} on {}", "{1} 的未复权收盘价 {0}"),
    ("{}, an instrument of kind {}", "{0}，品种为 {1}"),
    ("only {} securities, as in the first row", "与首行一样只有 {0}"),
    ("{}, on which the exchange was closed", "{0}，交易所休市"),
    ("exchange days only", "只有交易日"),
    ("has_more = true after {} rows", "{0} 行之后 has_more = true"),
    ("the last page", "末页"),
    ("exactly {} rows, a cap of one call", "恰为 {0} 行，即单次调用的上限"),
    ("fewer rows than one call returns", "少于单次调用的返回行数"),
    ("no column of days; {} in the file's name", "没有日期列；文件名中有 {0}"),
    ("a day in every row", "每行都有日期"),
    ("nothing, unless the name is of another day; then rename the file", "无需处理，除非文件名是别的日子；若是则改名"),
    ("no unit in the column's name", "列名未注明单位"),
    ("taken as {}, as this kind of export writes it", "按此类导出的惯例取为 {0}"),
    ("columns of the market tables", "市场数据表的列"),
    ("{} under the extension .{}", "扩展名 .{1}，内容是{0}"),
    ("{} there", "该处应为{0}"),
    ("a Parquet file", "Parquet 文件"),
    ("an Excel workbook", "Excel 工作簿"),
    ("a web page", "网页"),
    ("delimited text", "分隔文本"),
    ("a known layout", "已知的版式"),
    ("volume is in lots of 100", "成交量以百股（手）计"),
    ("volume is in shares and amount in CNY, and both were read as larger units", "成交量以股计、成交额以元计，两者都被读作更大的单位"),
    ("amount is in CNY and was read as thousands, or volume is in thousands", "成交额以元计而被读作千元，或成交量以千股计"),
    ("volume is in ten thousands, or amount is in CNY and was read as ten thousands", "成交量以万股计，或成交额以元计而被读作万元"),
    ("volume is in hundred millions", "成交量以亿股计"),
    ("volume is in lots and amount in thousand CNY", "成交量以手计、成交额以千元计"),
    ("volume is in shares and was read as lots, or volume is in lots and amount in ten thousand CNY", "成交量以股计而被读作手，或成交量以手计、成交额以万元计"),
    ("amount is in thousand CNY", "成交额以千元计"),
    ("amount is in ten thousand CNY", "成交额以万元计"),
    ("volume is in lots and amount in hundred million CNY", "成交量以手计、成交额以亿元计"),
    ("amount is in hundred million CNY", "成交额以亿元计"),
    // what to do
    ("fill the key column in the source, or drop the row", "在来源补上键列，或删去该行"),
    ("drop the repeated rows; the store keeps one of them", "删去重复行；库中只留一行"),
    ("find out which row is right and drop the other", "查明哪一行正确，删去另一行"),
    ("import one source a key; the file read last wins, which in a folder is the primary one", "每个键只导入一个来源；后读的文件生效，在文件夹中即主文件"),
    ("nothing to do: the store sorts", "无需处理：入库时会排序"),
    ("extend the calendar with a file, or mend the date", "用文件扩展日历，或改正日期"),
    ("mend the date or drop the row: nothing traded that day", "改正日期或删去该行：当日没有交易"),
    ("fetch the missing days from the source", "从来源补取缺失的日子"),
    ("fetch the days again, or take them for suspensions", "重新取数，或视为停牌"),
    ("trust the exchange's notice; extend the calendar with a file when it is right", "以交易所公告为准；若该表正确，用文件扩展日历"),
    ("leave the cell empty in the source when there is no observation", "没有观测时在来源中留空"),
    ("leave the cell empty when nothing was quoted, or mend it", "没有报价时留空，或改正"),
    ("use a multiplicative (backward) factor; returns made with this one are wrong", "改用乘法（后复权）因子；用此因子算出的收益是错的"),
    ("leave the cells empty; only the close of such a day means something", "留空；这样的日子只有收盘价有意义"),
    ("mend the column; a sign or an overflow went wrong in the export", "改正该列；导出时符号或溢出出错"),
    ("check the column order (AKShare writes open, close, high, low) and the adjustment", "检查列序（AKShare 的次序为开、收、高、低）与复权"),
    ("export unadjusted prices, or import them as adjusted ones", "导出未复权价，或按复权价导入"),
    ("divide by the source's factor, or import them as adjusted prices", "除以来源的因子，或按复权价导入"),
    ("check the previous close (it must be the ex-right one), the ST flag, the listing day (import `security` with listed_on) and the adjustment", "检查前收（须为除权后的）、ST 标记、上市日（可导入含 listed_on 的 `security`）与复权"),
    ("compare the day with a second source: the adjustment or the price is wrong", "与另一来源核对当日：复权或价格有误"),
    ("fetch the adjust factor again; a dividend or split is missing or stands on the wrong day", "重新取复权因子；缺少分红送转，或日期放错"),
    ("take pre_close from the daily interface: it is the ex-right reference price", "前收取自日线接口：它是除权参考价"),
    ("state the units: {}, or {}", "说明单位：{0}，或 {1}"),
    ("state the units: {}", "说明单位：{0}"),
    ("state the unit with --unit COLUMN=UNIT or in a mapping file, or mend the cells", "用 --unit 列=单位 或在映射文件中说明单位，或改正这些格"),
    ("volume, amount or price is adjusted or estimated; do not use the average price", "成交量、成交额或价格经过复权或估算；不要使用均价"),
    ("check the unit and the date of the share count", "检查股本的单位与日期"),
    ("the two columns are exchanged, or of different days", "两列互换了，或不属同一天"),
    ("take the volume of that day from another source; a market-wide case is a fault of the export", "当日成交量另取来源；若遍及全市场，则是导出之误"),
    ("fetch the full member list of that day", "取当日完整的成份名单"),
    ("mark the days as suspended, or leave them empty: a stale price looks like a riskless one", "标为停牌或留空：停滞的价格看似没有风险"),
    ("add the delisted names, or read every average as that of the survivors", "补上已退市者，否则一切均值都只是幸存者的均值"),
    ("mend the date or the contract code", "改正日期或合约代码"),
    ("compare the day with the exchange's settlement file", "与交易所结算文件核对当日"),
    ("the contract was adjusted for a dividend, or did not trade: do not imply a volatility from it", "合约因分红调整过，或当日未成交：不要由此反推波动率"),
    ("check the unit of the premium, the strike and the kind", "检查权利金单位、行权价与方向"),
    ("leave the cell empty when the volatility could not be implied", "无法反推波动率时留空"),
    ("the columns are exchanged, or the fund was split: use the adjusted value", "两列互换了，或基金拆分过：改用复权净值"),
    ("look for a split, a dividend or a mistyped digit", "查找拆分、分红或录入错误"),
    ("compare the day with the publisher's own level", "与发布方的点位核对当日"),
    ("mend the announcement day; without it, do not use the row", "改正公告日；没有公告日就不要使用该行"),
    ("check that the column holds the period, not the announcement day", "检查该列是报告期而不是公告日"),
    ("exchange or mend the two days", "互换或改正两个日期"),
    ("fill the cell; rows without a key are left out", "补上该格；没有键的行不读入"),
    ("mend the cell, or say how days are written with --date-format", "改正该格，或用 --date-format 说明日期写法"),
    ("mend the cell; it is read as no observation", "改正该格；读作没有观测"),
    ("leave the cell empty when there is no observation; it is read as none", "没有观测时留空；读作没有观测"),
    ("mend the cell or leave it empty; it is read as no observation", "改正该格或留空；读作没有观测"),
    ("mend the cell; it is read as not known", "改正该格；读作不明"),
    ("mend the code, or say --kind when bare codes are meant; the row is left out", "改正代码；若为无后缀代码，用 --kind 说明；该行不读入"),
    ("say --encoding gb18030, or save the file again as UTF-8", "用 --encoding gb18030 说明，或另存为 UTF-8"),
    ("mend the row, or quote cells that hold the delimiter; the row is left out", "改正该行，或给含分隔符的格加引号；该行不读入"),
    ("mend the row: a cell is opened with a quotation mark and never closed", "改正该行：有一格的引号没有闭合"),
    ("nothing: the exporter's own line is left out", "无需处理：导出程序自己的说明行不读入"),
    ("use them to rank, not as levels", "可用于排序，不可当作数值"),
    ("nothing, unless single days of single stocks matter", "无需处理，除非个股的单日数值要紧"),
    ("use adjusted closes for returns, which are not affected", "收益率用复权收盘价，不受影响"),
    ("nothing: these bars are in stock_adjusted_daily", "无需处理：这些行情在 stock_adjusted_daily 中"),
    ("their limit prices are those of ordinary stocks", "按普通股票计算涨跌停"),
    ("nothing: they are kept as the source's continuous series, as IF-MAIN.CFE", "无需处理：按来源的连续序列保存，如 IF-MAIN.CFE"),
    ("the later row is kept; take chains with contract numbers where this matters", "保留后一行；若要紧，请用带合约编号的期权链"),
    ("dump this instrument again with dump_bin.py dump_all; dump_update after a suspension writes bins that are too short", "用 dump_bin.py dump_all 重新转储该标的；停牌后 dump_update 写出的文件过短"),
    ("part the file by kind, or say --table if all of them belong to it", "按品种拆分文件；若都属于同一表，用 --table 说明"),
    ("rebuild the calendar: every later value stands a day off", "重建日历：其后每个数值都错位一天"),
    ("fetch the rest (page by date or with offset) and import all pages together", "取完其余各页（按日期或 offset），一并导入"),
    ("if it is another, say --unit {}=UNIT", "若为其他单位，用 --unit {0}=UNIT 说明"),
    ("if one of them matters, name it in a mapping file", "若其中某列要紧，在映射文件中写明"),
    ("{} columns of NAVs that do not say which value they hold", "{0} 列净值未说明口径"),
    ("单位净值, 累计净值 or 复权净值 in the heading, the sheet's or the file's name", "在列名、工作表名或文件名中写明单位净值、累计净值或复权净值"),
    ("they are read as adjusted values (dividends reinvested); say --value accumulated_nav or unit_nav otherwise", "按复权净值（红利再投资）读取；若不是，用 --value accumulated_nav 或 unit_nav 说明"),
    ("a fund and day told twice with the same value", "同一基金同一日两次给出相同的净值"),
    ("one row a fund and day", "每只基金每日一行"),
    ("nothing: one of them is used", "无需处理：取其一"),
    ("nothing: it is read as what it is; rename it when convenient", "无需处理：按实际内容读取；方便时改名"),
    ("import it alone with --table or --mapping, or leave it out", "用 --table 或 --mapping 单独导入，或略去"),
    // `close 10.5, and 10.6 in row 7` of the doctor, after every other sentence with a comma
    ("{} {}, and {} in {}", "{0} 为 {1}，而 {3} 为 {2}"),
    ("{} to {}", "{0} 至 {1}"),
    ("row {}", "第 {0} 行"),
    ("{} row {}", "{0} 第 {1} 行"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_core::Severity;

    /// The sources of this room, a literal over several lines joined as the compiler joins it.
    #[expect(clippy::disallowed_methods, reason = "the test reads the crate's own source")]
    fn sources() -> String {
        let mut paths = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")];
        let mut all = String::new();
        while let Some(path) = paths.pop() {
            if path.is_dir() {
                paths.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            } else if !path.ends_with("chinese.rs") {
                all.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
        let mut parts = all.split("\\\n");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |joined, part| joined + part.trim_start())
    }

    /// Whether a literal, from behind its opening quote, is the pattern with `{name:.2}` for `{}`.
    fn is_literal(literal: &str, pattern: &str) -> bool {
        let mut pieces = pattern.split("{}");
        let mut rest = literal.strip_prefix(pieces.next().unwrap_or_default());
        for piece in pieces {
            rest = rest
                .and_then(|rest| rest.strip_prefix('{')?.split_once('}'))
                .and_then(|(_, after)| after.strip_prefix(piece));
        }
        rest.is_some_and(|rest| rest.starts_with('"'))
    }

    #[test]
    fn a_sentence_keeps_its_values_and_data_stay_data() {
        for (english, zh) in [
            ("12.5 after 11, +13.6 %", "由 11 变为 12.5，+13.6 %"),
            ("no row for 3 open days after 2024-02-08", "2024-02-08 之后缺 3 个交易日"),
            ("closed, as the exchange published", "休市，与交易所公布一致"),
            (
                "amount 5 over volume 2 = 2.5; amount is in thousand CNY",
                "成交额 5 除以成交量 2 得 2.5；成交额以千元计",
            ),
            ("close 10.5, and 10.6 in a.csv row 7", "close 为 10.5，而 a.csv 第 7 行 为 10.6"),
            ("open 1, high 2, low 0.5, close 1.5", "开 1，高 2，低 0.5，收 1.5"),
            ("收盘价", "收盘价"),
            ("-1.2", "-1.2"),
        ] {
            assert_eq!(chinese(english), zh);
        }
    }

    #[test]
    fn every_kind_has_one_name_in_chinese() {
        let named: Vec<&str> = KINDS.iter().map(|row| row.0).collect();
        let known: Vec<&str> = crate::doctor::known_kinds().collect();
        for kind in &known {
            assert_eq!(named.iter().filter(|name| name == &kind).count(), 1, "{kind}");
        }
        assert_eq!(named.len(), known.len());
    }

    #[test]
    fn what_a_check_says_to_do_is_said_in_chinese() {
        for check in crate::doctor::CHECKS {
            assert_ne!(chinese(check.remedy), check.remedy, "{}", check.kind);
        }
    }

    /// A sentence changed in its check must change here, or readers of Chinese lose it.
    #[test]
    fn every_english_sentence_still_stands_in_a_check() {
        let sources = sources();
        for (english, _) in SENTENCES {
            let mut literals = sources.match_indices('"').map(|(at, _)| &sources[at + 1..]);
            assert!(
                literals.any(|literal| is_literal(literal, english)),
                "no check says `{english}`"
            );
        }
    }

    #[test]
    fn no_sentence_hides_behind_an_earlier_one() {
        for (english, zh) in SENTENCES {
            let filled = english.replace("{}", "§");
            let first = SENTENCES.iter().find(|row| values(row.0, &filled).is_some()).unwrap();
            assert_eq!((&first.0, &first.1), (english, zh));
        }
    }

    #[test]
    fn the_reason_a_file_is_not_recognised_stays_english_only() {
        let finding =
            Finding::new("file_not_recognised", Severity::Warning, "a.csv", "no date", "b", "c");
        let words = finding_words(&finding);
        assert_eq!((words.found.zh.as_str(), words.found.en.as_str()), ("未知的版式", "no date"));
    }
}
