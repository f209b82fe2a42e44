"""Lists taken away as files: with a reason, with a second person where it weighs more, once, and for a day only.

| module | does |
|---|---|
| `definitions` | what rooms offer, by name |
| `rules` | moves of an export, when a second person is needed, cells no spreadsheet takes for a formula |
| `models` | the exports and the sealed pieces of their files |
| `ask`, `build`, `fetch`, `forget` | the use cases, in the order an export goes through them |
| `files` | CSV and XLSX |
| `queue` | waking the workers |
| `pages` | the views |
"""
