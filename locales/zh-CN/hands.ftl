refused-evaluator-granted = 此人曾决定该项目立项，或代表基金会签署协议。
mail-case-missing-subject = 案例尚未发布：{ $title }
mail-case-missing-text = 该项目结项已满两周，仍没有案例页。请项目官员发布案例，让捐赠人看到成果。
mail-codes-ended-subject = 您的纸质恢复码已失效
mail-codes-ended-text = 基金会更换了保管机密信息的密钥。您的身份验证器和通行密钥照常使用；请重新生成恢复码，旧的作废。
