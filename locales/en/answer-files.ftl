# A question of a form that a file answers.
application-upload = Save, and upload a file
application-upload-again = Save, and upload another file instead
act-application-answer-file-title = Upload a file
act-application-answer-file-text = What you wrote is saved. If the upload breaks off, nothing is lost: start it again. A file that was here before is replaced.
act-application-answer-file-button = Upload
