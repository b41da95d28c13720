# 报告与评估中的问题。
form-purpose-report = 报告
form-purpose-evaluation = 评估
field-report-form = 报告所用表单
field-evaluation-form = 评估所用表单
report-answers = 填报内容
refused-call-later-form = 请选择已发布的、用途相符且不含文件题的表单：票据和照片另有上传之处。
call-report-form = 报告所用表单
call-evaluation-form = 评估所用表单
