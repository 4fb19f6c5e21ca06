"""The web console at /console: pages that look at a sandbox and play with it.

    mount.py      what the server mounts: it starts the console with the first visit
    app.py        the console itself, built with NiceGUI, at /console or apart (`tollbooth console`)
    guard.py      login, the two modes, and what else every request passes
    forwarding.py /console/api: the browser's way to the server
    server_api.py the console's way to the server: /_sim and /cgi-bin, as anybody would
    page.py       @console_page declares a page; Page is what its builder gets
    frame.py      what surrounds every page: head, menu, corps, languages
    parts.py      pieces that pages share: empty and error states, tables, copying
    callback_form.py  the form that sets and verifies a callback address
    live_files.py the stylesheet of the pages that show what arrives
    words.py      texts in both languages
    pages/        one module for each page
    files/        stylesheet and scripts

Nothing here is imported before somebody opens the console, but mount.py and guard.py's small parts: NiceGUI
takes a second and 50 MiB. Pages know nothing of the server's inside; import-linter sees to it.
"""
