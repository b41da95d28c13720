# 共建清单：有金额的事项，可由多家共同认领。
field-wanted = 所需金额
need-part-wanted-hint = 由一家整体承担的事项无须填写。
need-part-figures = 共需 { $wanted }，尚缺 { $left }
need-part-left = 尚缺
need-claims = 认领情况
act-need-withdraw-claim-title = 撤回认领
act-need-withdraw-claim-text = 撤回后，该份额重新开放认领。认领只是承诺，并非捐款，不涉及退款。
act-need-withdraw-claim-button = 撤回
did-need-withdraw-claim = 撤回认领
refused-part-no-money = 只有资金类事项可以填写金额。
refused-part-claimed-own = 贵机构已认领此事项的一部分。如需改为其他金额，请先撤回。
refused-part-above = 超出尚缺金额。
