"""Builds texts with made-up secrets, and controls that only resemble them.

Put together here so that no file holds one.
"""

from __future__ import annotations

import random
import string

_LETTERS = string.ascii_letters + string.digits
_HEX = "0123456789abcdef"


def some(length: int, letters: str = _LETTERS, seed: int = 1) -> str:
    """Return text like a random one: the same for the same arguments, with a digit in it."""
    source = random.Random(f"{length} {letters} {seed}")
    return "".join(source.choice(letters) for _ in range(length - 1)) + "7"


def _hex(length: int) -> str:
    return some(length, _HEX)


def _upper(length: int) -> str:
    return some(length, string.ascii_uppercase + string.digits)


BASE64 = some(400, _LETTERS + "+/")
KEY_LINES = [BASE64[at : at + 64] for at in range(0, 320, 64)]
_BEGIN, _END = "-----BEGIN ", "-----END "


def pem(kind: str = "RSA PRIVATE KEY", *headers: str, line_end: str = "\n") -> str:
    """Return a block of five lines in the form of a key, without a real key."""
    head = [*headers, ""] if headers else []
    return line_end.join([f"{_BEGIN}{kind}-----", *head, *KEY_LINES, f"{_END}{kind}-----"])


# Form → secrets that have it, as they stand alone.
TOKENS: dict[str, list[str]] = {
    "AWS key": [kind + "IA" + _upper(16) for kind in ("AK", "AS")],
    "GitHub token": [f"gh{kind}_{some(36)}" for kind in "posur"]
    + ["github" + "_pat_" + some(22) + "_" + some(59)],
    "GitLab token": ["gl" + f"pat-{some(20)}", "gl" + f"ptt-{some(40)}", "gl" + f"dt-{some(20)}"],
    "Slack token": ["xox" + f"{kind}-1234567890-{some(24)}" for kind in "bpar"]
    + ["xap" + f"p-1-A0B1-{some(60)}"],
    "Stripe key": [f"{kind}k_live" + f"_{some(24)}" for kind in "sr"]
    + ["sk" + f"_test_{some(99)}"],
    "Google key": ["AI" + f"za{some(35)}", "ya" + f"29.{some(60)}", "GOC" + f"SPX-{some(28)}"],
    "AI key": [
        "s" + f"k-{some(48)}",
        "s" + f"k-proj-{some(60)}",
        "s" + f"k-ant-api03-{some(90)}",
    ],
    "npm token": ["np" + f"m_{some(36)}"],
    "PyPI token": ["py" + f"pi-AgEI{some(150)}"],
    "Docker token": ["dckr" + f"_pat_{some(27)}"],
    "Hugging Face token": ["h" + f"f_{some(34)}"],
    "JSON web token": [f"ey{'J'}{some(30)}.ey{'J'}{some(60)}.{some(43)}"],
    "SendGrid key": ["S" + f"G.{some(22)}.{some(43)}"],
    "Twilio key": ["S" + f"K{_hex(32)}"],
    "Telegram token": ["123456789:" + "A" + f"A{some(33)}", "1234567890:" + some(35)],
    "DigitalOcean token": ["do" + f"p_v1_{_hex(64)}"],
    "Shopify token": ["shp" + f"at_{_hex(32)}", "shp" + f"ss_{_hex(32)}"],
    "Atlassian token": ["ATA" + f"TT3{some(60)}"],
    "Vault token": ["hv" + f"s.{some(24)}"],
    "Databricks token": ["da" + f"pi{_hex(32)}"],
    "Linear token": ["lin" + f"_api_{some(40)}"],
    "Mailchimp key": [f"{_hex(32)}-u" + "s12"],
    "Tailscale key": ["tsk" + f"ey-auth-{some(30)}"],
    "age key": ["AGE-SECRET" + f"-KEY-1{_upper(58)}"],
}

# Form → (text with a secret, the secret in it).
IN_TEXT: dict[str, list[tuple[str, str]]] = {
    "private key": [
        (pem(), KEY_LINES[2]),
        (pem("PRIVATE KEY"), KEY_LINES[0]),
        (pem("OPENSSH PRIVATE KEY"), KEY_LINES[4]),
        (pem("PGP PRIVATE KEY BLOCK", "Version: GnuPG v2"), KEY_LINES[1]),
        (
            pem("EC PRIVATE KEY", "Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,00FF"),
            KEY_LINES[1],
        ),
        (pem(line_end="\\n"), KEY_LINES[3]),
        (pem()[:200], KEY_LINES[1]),
    ],
    "Azure key": [
        (f"AccountName=x;Account{'Key'}={some(86)}==;EndpointSuffix=y", some(86)),
        (f"https://x.blob.example.net/c?sv=1&s{'ig'}={some(43)}%3D", some(43)),
        (some(3) + "8" + "Q" + "~" + some(34), some(34)),
    ],
    "webhook": [("https://hooks.slack" + f".com/services/T0000/B0000/{some(24)}", some(24))],
    "authorization": [
        ("Authorization: " + f"Bearer {some(40)}", some(40)),
        ("-H 'authorization: " + f"Basic {some(24)}'", some(24)),
        ("sent with " + f"Bearer {some(30)} as before", some(30)),
    ],
    "password of a URL": [
        ("see https://user" + f":{some(12)}@host/x", some(12)),
        ("postgres://me" + ":p@ss" + "w0rd@db:5432/x", "w0rd"),
        ("redis://" + f":{some(9)}@cache", some(9)),
        ("https://ada" + ":pa/" + "ss9@host/x", "ss9"),
        ("https://ada" + ":pa?" + "ss9#x@host/x", "ss9#x"),
    ],
    "user of a URL": [("https://" + f"{some(40)}@host/x.git", some(40))],
    "password": [
        (f"{name}hunter2", "hunter2")
        for name in (
            "password=", "passwd: ", "PASSWORD = ", "db_password=", "dbPassword: ", "--password=",
            "?user=x&pwd=", 'password: "', "['password']='", "passphrase=", "\\x1bpassword=",
            'password\\":\\"', "password => ",
        )
    ]
    + [
        ("Password: " + "swordfish", "swordfish"),
        ('password="' + 'correct horse battery"', "correct horse"),
        ("password=" + "p@ss,w0rd!x", "w0rd!x"),
        ("password=None,passwd=" + "hunter2", "hunter2"),
        ("password=" + "123456", "123456"),
        ("password=" + "Tr0ub(4dor", "4dor"),
    ],
    "secret": [
        (f"{name}{some(16)}", some(16))
        for name in (
            "secret=", "token=", "api_key=", "apikey: ", "API-KEY = ", "access_token=",
            "client_secret: ", "aws_secret_access_key=", "x-api-key: ",
            '"token": "', "private_key='",
        )
    ],
}  # fmt: skip

HARMLESS = [
    "password=None",
    "token = get_token()",
    "add password=... option",
    "secret=<your secret>",
    "use ${PASSWORD} or $TOKEN",
    "password=${PASSWORD}",
    "password=$PASSWORD, token=%(token)s, secret={{ secret }}",
    "password=***",
    "password=xxxxxx token=",
    "Fix password: reset flow for users",
    "token: refresh it before it expires",
    "fix(token): OAuth2 refresh handling",
    "secret: cleanup",
    "Unexpected token: 'else' in line 3",
    "def login(user: str, password: str, token: Optional[str] = None) -> bool",
    "password = self.password; token = request.token",
    "connect(user=user, password=password, token=access_token)",
    "connect(user='a',password=None,host='b')",
    "max_tokens=4096, tokens: 128, token=0",
    "token: ${{ secrets.GITHUB_TOKEN }}",
    "PWD=/home/me/code make",
    "secret=/run/secrets/db",
    "api_key=YOUR_API_KEY",
    "token_type=bearer, password_file=x1, secretName: web-1",
    "Bearer authentication-with-many-words-in-it",
    "Authorization: Bearer <token>",
    (
        "see https://host:8080/@scope/package and ssh://git@github.com/me/x.git and"
        " mailto:me@example.org"
    ),
    "https://user:${PASSWORD}@host/x and https://user:***@host/x",
    "git@github.com:me/repository.git",
    "revert 0a1b2c3d4e5f60718293a4b5c6d7e8f901234567",
    "id 550e8400-e29b-41d4-a716-446655440000 and sha256:" + "ab" * 32,
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA" + BASE64,
    "document -----BEGIN PRIVATE KEY----- as a header and then ordinary words",
    "-----BEGIN CERTIFICATE-----\n" + "\n".join(KEY_LINES) + "\n-----END CERTIFICATE-----",
    "gh" + "p_short and sk-learn-tests-of-the-new-model and npm_config_registry and hf_transfer",
    "gl" + "pat-is-the-prefix-of-a-token",
    "rename AKIAfoo to SKU, SG.x.y, eyJ and pypi-publish-action",
    "1700000000:da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "what [secret: GitHub token] and password=[secret: password] say",
]
