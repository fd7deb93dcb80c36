# 中文。键与 en.ftl 相同；PERCENT、NUMBER、MONEY、DAY、MONTH 各自格式化其参数。

segment-micro = 微盘股
segment-csi2000 = 中证2000
segment-csi1000 = 中证1000
segment-csi500 = 中证500
segment-csi300 = 沪深300

page-skip = 跳到结论
page-theme = 浅色 / 深色
page-kicker = 结论
page-contents = 各图表回答的问题
page-see = 图表 { $number }
page-exhibit = 图表 { $number }
page-behind = 图表背后的数字
page-convention = 口径与数据版本
page-data = 数据
page-limits = 局限
page-provenance = 本报告的来源
page-tool = 工具
page-fingerprint = 指纹
page-seed = 随机种子

terminal-rows = 显示 { NUMBER($n) } 行中的 { NUMBER($shown) } 行；--format csv 写出全部
terminal-columns = 宽度不够，未显示：{ $names }
