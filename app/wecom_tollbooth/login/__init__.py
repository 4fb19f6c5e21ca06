"""WeCom's login pages: the address that a product sends its visitors to, and one picks who logs in.

requests.py reads the address and names the rule that it breaks, pages.py writes the HTML, routes.py serves
both kinds: the OAuth of a page inside the client, and the QR login of a page in any browser.
"""
