"""The HTTPS front: WeCom's host names served by this program, under a certificate of a local authority.

A product that has https://qyapi.weixin.qq.com written into it runs unmodified: its requests are led here by
a proxy (proxy.py) or by lines of the hosts file, and it is told to trust the authority (trust_files.py).
Nothing is installed into the system, and no listed host is ever connected to for real.
"""
