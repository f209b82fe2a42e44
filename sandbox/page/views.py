"""One page; everything on it is fetched from the control API."""

from __future__ import annotations

from flask import Blueprint, render_template

from sandbox.world import current_world

page = Blueprint("page", __name__, template_folder="templates", static_folder="static", static_url_path="/static")


@page.get("/")
def phone() -> str:
    """The phone with its surroundings."""
    return render_template("phone.html", product_url=current_world().config.public_base_url)
