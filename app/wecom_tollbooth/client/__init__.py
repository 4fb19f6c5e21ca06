"""The WeCom client around a product's page: what `window.WeixinJSBridge` answers, and the page that plays it.

signatures.py and domains.py check what a page sends as the client does; functions/ answers its calls;
webviews.py keeps a page that is open in a member's client. scripts.py serves our scripts under the names that
products load, page.py the client page, page_proxy.py pages that load no script of WeCom's.
"""
