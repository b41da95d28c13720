refused-file-heic = This photo is of the kind HEIC, which few programs read. Set the camera to “most compatible”, or send the photo as JPEG.
refused-file-markup = This file is a web page or a drawing that can run programs. Please send it as PDF or as a picture.
refused-file-cut-off = The file ends too early: it was cut off on its way. Please send it again.
refused-file-broken = The file cannot be read: it is damaged, or it is locked by a password.
refused-file-points = The picture has too many points. At most 20,000 along each side and 80 million in all are taken.
refused-file-unpacks = The packed file is too large inside: at most 2,000 parts and 200 MB unpacked are taken.
refused-file-two-faced = A second file is hidden inside this one. Please send each file by itself.
