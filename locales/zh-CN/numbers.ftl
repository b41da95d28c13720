payee-shared = 同一账户的其他单位
refused-password-breached = 该密码已出现在泄露密码名单中，请更换。
