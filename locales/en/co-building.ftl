# The co-building list: parts with amounts, carried by several.
field-wanted = How much money is wanted
need-part-wanted-hint = Leave it empty for a part that one partner takes on whole.
need-part-figures = { $wanted } wanted, { $left } open
need-part-left = Still open
need-claims = Who carries how much
act-need-withdraw-claim-title = Take your claim back
act-need-withdraw-claim-text = What you promised is open to others again. It was a promise, never money: nothing is paid back.
act-need-withdraw-claim-button = Take back
did-need-withdraw-claim = took a claim back
refused-part-no-money = Only a part that asks for money has an amount.
refused-part-claimed-own = Your organisation claimed a share of this part already. Take it back first to promise another amount.
refused-part-above = That is more than is still open.
