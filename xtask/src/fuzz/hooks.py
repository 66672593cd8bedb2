"""Lets Schemathesis in: each request comes with a session of its own, because some requests end theirs."""

import json
import os
import urllib.error
import urllib.request

import schemathesis

BASE = os.environ["FUZZ_BASE"]
ACCOUNT = {"username": os.environ["FUZZ_USERNAME"], "password": os.environ["FUZZ_PASSWORD"]}


def post(path, body):
    """What the server answers."""
    body = json.dumps(body).encode()
    request = urllib.request.Request(BASE + path, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def sign_in():
    return post("/v1/auth/login", {"login": ACCOUNT["username"], "password": ACCOUNT["password"]})


def register():
    """Makes the account, unless another worker was faster."""
    try:
        post("/v1/auth/register", ACCOUNT)
    except urllib.error.HTTPError as refused:
        if refused.code != 409:
            raise


@schemathesis.auth(refresh_interval=None)
class Session:
    def get(self, case, context):
        if case.path.startswith("/v1/worker"):
            return os.environ["FUZZ_WORKER_TOKEN"]
        try:
            return sign_in()["access_token"]
        except urllib.error.HTTPError:
            register()
            return sign_in()["access_token"]

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"
