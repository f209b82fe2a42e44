"""The entrance of the WeChat products: verifies pushes, answers each once, joins flows to the rooms."""
