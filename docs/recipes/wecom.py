"""A small client of WeCom, which the recipes use where your program has its own."""

import httpx

TOKEN_IS_GONE = {40001, 40014, 41001, 42001}


class Client:
    def __init__(self, corp):
        self.login = {"corpid": corp.corpid, "corpsecret": corp.secret}
        self.http = httpx.Client(base_url=f"{corp.base_url}/cgi-bin/")
        self.token = ""

    def get(self, path, **query):
        return self.call("GET", path, query)

    def post(self, path, **body):
        return self.call("POST", path, {}, body)

    def call(self, method, path, query, body=None):
        reply = self.send(method, path, query, body)
        if reply["errcode"] in TOKEN_IS_GONE:
            self.token = self.http.get("gettoken", params=self.login).json()["access_token"]
            reply = self.send(method, path, query, body)
        return reply

    def send(self, method, path, query, body):
        query = {"access_token": self.token, **query}
        return self.http.request(method, path, params=query, json=body).json()
