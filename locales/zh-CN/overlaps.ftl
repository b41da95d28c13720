# 同一笔款的两种说法：手工与文件、两份文件、平台文件、支付机构结算。
bank-known-by = 确属此账户的依据
bank-known-by-number = 文件写明了账号
bank-known-by-balance = 余额与此账户已知的余额相衔接
bank-known-by-choice = 仅凭上传人指定：文件未写账号，也没有可比对的余额。导入前请核对是否确为此账户。
bank-fate-otherwise = 以前已用另一流水号导入，不再处理
bank-fate-written = 已有人手工登记，现由文件印证
bank-overtaken = 手工登记，但当日对账单中没有
bank-became-payout = 支付机构的结算款
bank-doubt-import = 已有平台文件指明此流水，请先入账或不通过该文件
bank-doubt-payout = 可能是支付机构的结算款，稍后即有通知
refused-statement-days = { $day }：当日有一笔已导入的流水不在此文件中。请按整日、以与先前相同的格式导出；也可能是同样的款项用了另一套流水号。
refused-statement-other-balance = 文件未写账号，余额又与此账户已知的余额不符：可能属于另一账户，或中间缺一份对账单。
refused-bank-day-known = 此账户的对账单已包含这一天，请重新导入当日的对账单。
refused-bank-overtaken = 当日对账单中没有这一笔，不能据此入账。
refused-bank-line-import = 已有平台文件指明此流水，请先入账或不通过该文件。
