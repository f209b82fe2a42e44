"""WeChat's API endpoints, one module per area; `routes.py` lists the modules."""
