# 评审讨论记录，以及专家尚未保存的内容。
discussion-title = 讨论记录
discussion-sentence = 评审会讨论的内容。记录写入后不再修改，并列入会议纪要。
discussion-none = 尚无记录。
discussion-about = 关于
discussion-round = 整个批次
discussion-said = 讨论内容
discussion-written = 记录人
act-panel-note-title = 记录讨论
act-panel-note-text = 将连同您的姓名和时间列入会议纪要，写入后不再修改。请勿写出评审专家姓名。
act-panel-note-button = 记录讨论
refused-note-call = 评审期间才能记录讨论。
refused-note-decided = 决定已提交，此前的讨论记录不再增加。
refused-note-many = 记录过多。
review-restored = 已恢复您在 { $when } 输入但尚未保存的内容。
review-differing = 其间已保存的内容与您输入的内容
review-differing-text = 这份评审已从另一页面保存。两边的内容都在：下方表格显示您输入的内容，取舍后请重新保存。
review-to-score = 去打分
