# 需求提出人与产权单位收到和看到的内容。
need-steps = 进展
need-project = 有项目回应
need-task-consent = 请答复是否同意：{ $title }
mail-need-listed-subject = 已列入需求清单：{ $need }
mail-need-listed-text = 您提出的需求已列入清单，可由征集或基金回应。{ $reason }
mail-need-declined-subject = 未列入需求清单：{ $need }
mail-need-declined-text = 您提出的需求未列入清单：{ $reason }
mail-need-merged-subject = 已合并：{ $need }
mail-need-merged-text = 您提出的需求已并入清单上的另一项需求。{ $reason }
mail-need-adopted-subject = 正在回应：{ $need }
mail-need-adopted-text = 已有征集或基金回应您提出的需求。{ $reason }
mail-need-met-subject = 已满足：{ $need }
mail-need-met-text = 项目的结项报告表明，您提出的需求已得到满足。{ $reason }
mail-need-owner-asked-subject = 征求同意：{ $need }
mail-need-owner-asked-text = “{ $need }”的施工涉及贵单位的产权，请由签字人答复同意或拒绝。公众只看到同意的数量，看不到名称。
