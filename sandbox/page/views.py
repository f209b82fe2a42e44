"""The pages; everything on the phone is fetched from the control API."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sandbox.control.kit import Refused
from sandbox.world import current_world

page = Blueprint("page", __name__, template_folder="templates", static_folder="static", static_url_path="/static")


@page.get("/")
def phone() -> str:
    """The phone with its surroundings."""
    return render_template("phone.html", product_url=current_world().config.public_base_url)


@page.get("/conformance")
def conformance() -> str:
    """Which rules of WeChat's the product broke, and where."""
    return render_template("conformance.html", report=current_world().conformance.to_json())


@page.post("/conformance")
def new_report() -> Response:
    """Begin a new report. Another site's form must not do it."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Refused(403, "请从沙箱的页面操作")
    current_world().conformance.clear()
    return redirect(url_for("page.conformance"))
