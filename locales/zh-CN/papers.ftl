# 文书（PDF）及其标签

paper-title = PDF 文书
paper-in-chinese = 下载 PDF（中文）
paper-in-english = 下载 PDF（英文）
paper-none = 本站未安装中文字体，暂不能生成 PDF。请直接打印本页，内容相同。
notice-paper-no-font = 本站未安装中文字体，不能生成 PDF。请打印本页，内容相同。
notice-paper-blank = 这份文书中有字库不含的字，不能生成 PDF。请打印本页，内容相同。
notice-paper-busy = 同时生成的文书过多，请稍后再试，或直接打印本页。
notice-paper-spoilt = PDF 生成失败，请打印本页，内容相同。

paper-number = 编号
paper-date = 日期
paper-not-dated = 待双方签署
paper-registration = 统一社会信用代码
paper-draft = 尚未经双方签署，仅供阅读
paper-page = 第 { $n } 页，共 { $m } 页
paper-opening = 启动金额
paper-grant = 资助金额
paper-gift = 捐赠金额
paper-glance = 以上摘自登记信息，便于阅读；对双方有约束力的是下面的正文。
paper-text = 协议正文
paper-signatures = 签署
paper-unsigned = 尚未签署
paper-signed-at = 电子签署于
paper-attached = 正文原文，其 SHA-256 即文末所列
paper-foundation = 基金会
paper-check = 校验值（SHA-256）

paper-place = 社区与区域
paper-fee = 管理费
paper-fee-text = 按实际拨付金额的 { $fee } 计提
paper-capital = 本金
paper-committee = 管委会
paper-committee-none = 不设
paper-committee-size = { $n } 人，不领报酬
paper-project = 项目
paper-grantee = 受资助方
paper-hosted = 申报方（由受资助方承接）
paper-call = 征集公告

paper-to = 致：{ $donor }
paper-thanks = 您的捐赠已于{ $day }到账，用于“{ $fund }”。本基金会谨此确认，并致谢意。
paper-thanks-goods = 您捐赠的物品已于{ $day }收讫，用于“{ $fund }”。本基金会谨此确认，并致谢意。
paper-no-bill = 本函不是公益事业捐赠统一票据，不能作为税前扣除凭证。票据由本基金会另行开具。

paper-proof = 以上为双方所签正文的哈希值。正文原文以附件 agreement.txt 存于本文件，对其重新计算 SHA-256，结果应与此一致。
paper-proof-unsigned = 以上为现有正文的哈希值，尚待双方签署。正文原文以附件 agreement.txt 存于本文件。
paper-proof-changed = 以上为签署时正文的哈希值。此后名称等登记信息有变，所附正文为现行文本，其哈希值与此不同。
paper-proof-told = 以上为本笔捐赠各项数据的哈希值，数据不含捐赠人姓名，原文以附件 acknowledgement.txt 存于本文件。下列网页载有同一数值。
