"""Reads user data from standard input as the programs do that it is for, and prints what they understand as JSON."""

import email.parser
import email.policy
import json
import sys
import tomllib


def toml(text):
    return tomllib.loads(text)


def mime(text):
    """Type and content of each part, which is JSON or a script; a defect of the archive is an error."""
    policy = email.policy.default.clone(raise_on_defect=True)
    message = email.parser.Parser(policy=policy).parsestr(text)
    return [[part.get_content_type(), content(part)] for part in message.iter_parts()]


def content(part):
    text = part.get_payload()
    return text if part.get_content_maintype() == "text" else json.loads(text)


print(json.dumps({"toml": toml, "mime": mime}[sys.argv[1]](sys.stdin.read())))
