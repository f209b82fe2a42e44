"""Words that guests leave on the page of a cloud ceremony; nobody reads them before they have been looked at.

| module | does |
|---|---|
| `rules` | states, lengths, what each verdict of WeChat leads to |
| `write` | a guest writes, or writes anew |
| `check` | WeChat looks at the words (msg_sec_check); what it cannot decide waits for a person |
| `decide` | staff and the couple show and hide |
| `queries` | what a page shows, what waits at the desk |
"""
