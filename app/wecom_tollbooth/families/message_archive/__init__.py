"""会话内容存档: whose conversations are archived, and which customers agree to it.

api.py has the operations, acts.py what admins and customers do, scope.py says whom the archive covers,
consent.py what customers have decided. The messages themselves come from WeCom's
native library, which is not simulated.
"""
