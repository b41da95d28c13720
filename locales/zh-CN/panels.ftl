# 评审：分派方案与评审对照

review-plan = 分派评审
plan-sentence = 评审分派建议：先排除有利益关系者，再看专业匹配与工作量均衡。确认之前不会通知任何人。
plan-found = 拟邀请 { $count } 份评审，共涉及 { $people } 名评审专家。
plan-nothing = 各申报书的评审专家均已安排。
plan-infeasible = 有 { $missing } 份评审无法安排，原因见下。
plan-pairs = 分派明细
plan-loads = 各专家工作量
plan-lacking = 评审专家不足的申报书
plan-full = 已无余量的专家
plan-nobody = 无
plan-stands = 已安排
plan-new = 拟邀请
plan-expertise-0 = 与该领域无直接关联
plan-expertise-1 = 熟悉该区域
plan-expertise-2 = 从事申报书所涉领域
plan-expertise-3 = 从事本征集类别
plan-seed = 抽签种子
plan-lot = 同等方案
plan-lot-text = 同等方案之间以可复核的抽签决定：对种子、申报书与专家编号取 SHA-256（tributary decide assign）。
plan-mark = 方案校验值
plan-seed-hint = 可用字母、数字、连字符和点。请在看到方案之前确定，最好取公开且无人可操控的内容，例如当日收盘指数、抽签日期与地点。
head-expertise = 依据
head-load = 评审数
head-load-most = 上限
head-needs = 需要
head-usable = 可邀请
head-tied = 有利益关系或已谢绝

act-review-plan-title = 邀请这些专家
act-review-plan-text = 每名专家将收到一封通知。方案连同种子一并留存，任何人凭文件均可重新抽签核对。
act-review-plan-button = 邀请这些专家
act-review-seed-title = 更换种子重新抽签
act-review-seed-text = 同等方案之间以抽签决定，种子随方案公布。
act-review-seed-button = 更换种子
did-call-assign = 分派评审并邀请了专家
field-seed = 种子

review-matrix = 评审对照
review-matrix-sentence = 全部有效总分：行为申报书，列为评审专家。
review-matrix-waits = 尚有评审未提交。全部提交之前，任何人看不到他人的评审。
review-matrix-none = 尚无已提交的评审。
review-totals = 总分
review-histogram = 总分分布
review-leniency = 评分宽严
head-band = 分数段
head-reviews = 评审数
head-bar = 图示
head-apart = 与各申报书均分之差
head-bias = 校正值

refused-plan-seed = 只能使用字母、数字、连字符、点和下划线，最多 60 个字符。
refused-plan-infeasible = 评审专家不足，无法按此方案分派。
refused-plan-nothing = 各申报书的评审专家均已安排。
