"""How staff prove who they are: second factor, recovery codes, lock-out, scanning with a bound WeChat."""
