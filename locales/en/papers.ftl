# Documents as PDF and their labels

paper-title = As PDF
paper-in-chinese = Download the PDF (Chinese)
paper-in-english = Download the PDF (English)
paper-none = This house has no font with Chinese characters, so there is no PDF. Print this page instead: it says the same.
notice-paper-no-font = There is no PDF: this house has no font with Chinese characters. Print this page instead: it says the same.
notice-paper-blank = There is no PDF: its font lacks a character of this document. Print this page instead: it says the same.
notice-paper-busy = Too many documents are being set at once. Try again in a moment, or print this page.
notice-paper-spoilt = The PDF could not be made. Print this page instead: it says the same.

paper-number = Number
paper-date = Date
paper-not-dated = to be signed by both
paper-registration = Unified Social Credit Code
paper-draft = Not signed by both yet; to read only
paper-page = Page { $n } of { $m }
paper-opening = Opening amount
paper-grant = Grant
paper-gift = Gift
paper-glance = The lines above are taken from the register and are here to be read quickly; what binds is the text below.
paper-text = Text of the agreement
paper-signatures = Signatures
paper-unsigned = not signed yet
paper-signed-at = Signed electronically
paper-attached = The text whose SHA-256 stands at the end
paper-foundation = Foundation
paper-check = Check value (SHA-256)

paper-place = Community and area
paper-fee = Management fee
paper-fee-text = { $fee } of amounts paid
paper-capital = Capital
paper-committee = Committee
paper-committee-none = none
paper-committee-size = { $n ->
    [one] { $n } member, unpaid
   *[other] { $n } members, unpaid
}
paper-project = Project
paper-grantee = Grantee
paper-hosted = Applicant, hosted by the grantee
paper-call = Call

paper-to = To { $donor }
paper-thanks = Your gift to “{ $fund }” reached us on { $day }. We confirm it with our thanks.
paper-thanks-goods = Your gift of goods to “{ $fund }” was handed over on { $day }. We confirm it with our thanks.
paper-no-bill = This letter is not the fiscal bill for donations (公益事业捐赠统一票据) and is no proof for a tax deduction. The bill is issued separately.

paper-proof = This is the hash of the text that both signed. The text lies in this file as agreement.txt; its SHA-256, reckoned anew, must be the same.
paper-proof-unsigned = This is the hash of the text as it stands, to be signed by both. The text lies in this file as agreement.txt.
paper-proof-changed = This is the hash of the text as it was signed. The name or another entry of the register has changed since: the text in this file is the one of today and has another hash.
paper-proof-told = This is the hash of the figures of this gift; they name no donor and lie in this file as acknowledgement.txt. This page holds the same value.
