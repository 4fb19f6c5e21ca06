"""Where one shows the admin token: a plain form, which needs no connection and no script."""

from starlette.responses import HTMLResponse

from wecom_tollbooth.console.words import Language, Text, Words

TEXTS = {
    "title": Text("登录控制台", "Log in to the console"),
    "token": Text("管理令牌", "Admin token"),
    "about": Text("服务启动时设置的 TOLLBOOTH_ADMIN_TOKEN", "The server's TOLLBOOTH_ADMIN_TOKEN"),
    "enter": Text("登录", "Log in"),
    "wrong": Text("令牌不对", "This is not the token"),
}


def login_page(language: Language, root: str, *, wrong: bool) -> HTMLResponse:
    words = Words(TEXTS, language)
    problem = f'<p class="login-wrong" role="alert">{words("wrong")}</p>' if wrong else ""
    page = f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{words("title")} · WeCom Tollbooth</title>
<link rel="icon" href="{root}/files/favicon.svg">
<link rel="stylesheet" href="{root}/files/console.css">
</head>
<body class="login">
<main>
<form method="post">
<h1>{words("title")}</h1>
<label for="token">{words("token")}</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus
  aria-describedby="about">
<p id="about" class="faint">{words("about")}</p>
{problem}<button type="submit">{words("enter")}</button>
</form>
</main>
</body>
</html>
"""
    return HTMLResponse(page, 401 if wrong else 200, headers={"Cache-Control": "no-store"})
