payee-shared = Also the account of
refused-password-breached = Thieves know this password: it stands in a list of stolen ones. Choose another.
