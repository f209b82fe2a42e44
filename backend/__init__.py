"""The backend of Nuanmin. See docs/architecture.md for its rooms and floors."""

from backend.metrics_directory import metrics_directory

# prometheus_client looks for the directory when it is imported, which any room may do.
metrics_directory()
