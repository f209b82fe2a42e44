"""Peak days that everybody wants: numbers in the order of arrival, or a draw that can be checked afterwards (§2.5)."""
