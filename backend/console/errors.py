"""How the console answers when something cannot be done: a whole page, or for htmx a notice on the page one is on."""

from __future__ import annotations

import logging
import secrets

from flask import Response, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from backend.console import texts
from backend.console.guard import is_htmx, say, signed_in, to_sign_in
from backend.kernel.errors import AppError
from backend.staff import Grants

log = logging.getLogger(__name__)

_HTTP_TEXTS = {403: texts.NOT_PERMITTED, 404: texts.NOT_FOUND, 405: texts.WRONG_METHOD, 429: texts.TOO_MANY_TRIES}


def refuse(error: AppError) -> Response:
    """A refusal that was not told on the page itself."""
    return answer_problem(error.user_text, error.status)


def answer_http_error(error: HTTPException) -> AnyResponse:
    """403, 404 and their like; a redirect that comes as an exception stays one."""
    status = error.code or 500
    if status < 400:
        return Response(status=status, headers=error.get_headers())
    if isinstance(error, CSRFError):
        if signed_in() is None and request.endpoint != "console.sign_in_form":
            return to_sign_in()  # the forgery token went with the session
        return answer_problem(texts.PAGE_TOO_OLD, status)
    return answer_problem(_HTTP_TEXTS.get(status, texts.BAD_REQUEST), status)


def answer_fault(error: Exception) -> Response:
    """A fault of ours: logged under a reference number, which the person reads."""
    g.setdefault("console_account", None)  # the page must not need the database, which may be what failed
    g.setdefault("console_grants", Grants())
    reference = secrets.token_hex(4).upper()
    log.error("console_fault reference=%s", reference, exc_info=error, extra={"reference": reference})
    return answer_problem(texts.UNEXPECTED.format(reference=reference), 500)


def answer_problem(sentence: str, status: int) -> Response:
    """Say what is wrong."""
    if is_htmx():
        say(sentence, "problem")
        response = make_response(render_template("console/notices.html"), status)
        response.headers["HX-Retarget"] = "#notices"
        response.headers["HX-Reswap"] = "innerHTML"
        return response
    return make_response(render_template("console/problem.html", sentence=sentence, status=status), status)
