"""Consent, rights over one's own data, retention (PIPL 13-17, 44-50; domain-rules §6.1, §6.4).

| module | does |
|---|---|
| `rules` | kinds, states, moves, clocks of requests |
| `notice`, `consent` | the published rules by version; consent by purpose, newest in force |
| `holdings` | asks every room's `Holding`: tell, cut, erase |
| `requests`, `answers`, `copies` | a request taken in, carried out or refused; the copy of one's data |
| `holds`, `retention` | legal holds; the rules of keeping, one batch a turn |
| `own_holding`, `proxies_holding`, `own_rules`, `joined` | what this room itself holds and keeps |
"""
