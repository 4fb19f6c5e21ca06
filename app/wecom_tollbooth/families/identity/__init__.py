"""身份验证与 JS-SDK: who visits a page, and the tickets with which pages sign.

codes.py issues what the login pages (wecom_tollbooth/login) hand out; visitors.py and details.py are what an
app asks afterwards, tickets.py what its pages sign with.
"""
