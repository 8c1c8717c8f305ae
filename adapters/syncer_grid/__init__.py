"""What the spreadsheets share: header mapping, row identity, cells ⇄ raw values, files replaced whole or not at all."""
