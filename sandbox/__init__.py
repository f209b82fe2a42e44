"""A stand-in for WeChat's servers, with a phone in the browser.

A program of its own: it imports nothing of the product and speaks to it only over HTTP, as WeChat would
(wechat-protocol.md §9). `python -m sandbox` runs it; `sandbox.app.create_app` is for tests.
"""
