refused-evaluator-granted = 此人曾决定该项目立项，或代表基金会签署协议。
mail-case-missing-subject = 案例尚未发布：{ $title }
mail-case-missing-text = 该项目结项已满两周，仍没有案例页。请项目官员发布案例，让捐赠人看到成果。
