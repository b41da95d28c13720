refused-file-heic = 这张照片是 HEIC 格式，许多程序无法读取。请把相机设为“兼容性最佳”，或以 JPEG 格式发送。
refused-file-markup = 该文件是网页或可运行程序的矢量图，不予接收。请改用 PDF 或图片。
refused-file-cut-off = 文件不完整，可能在上传途中中断，请重新上传。
refused-file-broken = 无法读取该文件：文件已损坏，或设有密码。
refused-file-points = 图片像素过多：每边不超过 20,000 像素，总数不超过 8,000 万像素。
refused-file-unpacks = 压缩文件解开后过大：最多 2,000 个部分，解开后不超过 200 MB。
refused-file-two-faced = 该文件中夹带了另一个文件，请分别上传。
