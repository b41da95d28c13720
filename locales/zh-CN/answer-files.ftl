# 以文件作答的问题。
application-upload = 保存并上传文件
application-upload-again = 保存并另传文件替换
act-application-answer-file-title = 上传文件
act-application-answer-file-text = 您填写的内容已保存。如上传中断，内容不会丢失，重新上传即可。此前的文件将被替换。
act-application-answer-file-button = 上传
