# Questions of reports and evaluations.
form-purpose-report = Reports
form-purpose-evaluation = Evaluations
field-report-form = Questions of its reports
field-evaluation-form = Questions of its evaluations
report-answers = Answers
refused-call-later-form = Choose a published form for this purpose, without a question for a file: receipts and photos have their own place.
call-report-form = Questions of its reports
call-evaluation-form = Questions of its evaluations
