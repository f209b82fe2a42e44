"""What administrators keep at the console: parameters, and which WeChat template carries which notice."""
