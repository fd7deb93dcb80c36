# English. The same keys as zh.ftl; PERCENT, NUMBER, MONEY, DAY and MONTH format their argument.

segment-micro = Micro caps
segment-csi2000 = CSI 2000
segment-csi1000 = CSI 1000
segment-csi500 = CSI 500
segment-csi300 = CSI 300

page-skip = Skip to the verdict
page-theme = Light / dark
page-kicker = The verdict
page-contents = What the exhibits ask
page-see = Exhibit { $number }
page-exhibit = Exhibit { $number }
page-behind = The numbers behind this chart
page-convention = Conventions and data versions
page-data = Data
page-limits = Limits
page-provenance = Where this came from
page-tool = Tool
page-fingerprint = Fingerprint
page-seed = Seed

terminal-rows = { NUMBER($shown) } of { NUMBER($n) } rows shown; --format csv writes all
terminal-columns = not shown for want of width: { $names }
