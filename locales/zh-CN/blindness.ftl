# 评审专家能看到多少申报单位信息：按题目、按阶段。
form-identifying = 答案会透露申报单位
form-identifying-hint = 匿名评审时，评审专家看不到这一题，也看不到由它引出的题目；附件一律不向其展示。
field-named-after-review = 匿名评审：专家提交全部评分后可看到申报单位
call-blindness-none = 评审专家知道申报单位
call-blindness-decision = 结果公布前评审专家不知道申报单位
call-blindness-review = 评审专家提交全部评分后才知道申报单位
review-files = 附件
form-is-identifying = 透露申报单位
