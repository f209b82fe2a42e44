"""The picture that a couple puts on the page of their cloud ceremony; guests see it once it has been looked at.

| module | does |
|---|---|
| `rules` | states, limits, what each verdict of WeChat leads to |
| `put` | one of the couple sends a picture, another one, or takes it away |
| `check` | WeChat looks at it (media_check_async); what it cannot decide, or does not answer, waits for a person |
| `decide` | staff show and hide |
| `queries` | the picture of a page, what waits at the desk |
"""
