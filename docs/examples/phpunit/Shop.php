<?php

declare(strict_types=1);

/** The program under test: it keeps remarks on customers. */
final class Shop
{
    private const TOKEN_IS_GONE = [40014, 41001, 42001];

    private string $token = '';

    public function __construct(
        private readonly string $corpid,
        private readonly string $secret,
        private readonly string $api = 'https://qyapi.weixin.qq.com',
    ) {
    }

    public function remark(string $userid, string $customer, string $remark): void
    {
        $body = ['userid' => $userid, 'external_userid' => $customer, 'remark' => $remark];
        $reply = $this->post('externalcontact/remark', $body);
        if (in_array($reply['errcode'], self::TOKEN_IS_GONE, true)) {
            $login = http_build_query(['corpid' => $this->corpid, 'corpsecret' => $this->secret]);
            $this->token = $this->send("gettoken?$login")['access_token'];
            $reply = $this->post('externalcontact/remark', $body);
        }
        if ($reply['errcode'] !== 0) {
            throw new RuntimeException("remark: {$reply['errcode']} {$reply['errmsg']}");
        }
    }

    private function post(string $path, array $body): array
    {
        return $this->send("$path?access_token={$this->token}", $body);
    }

    private function send(string $path, ?array $body = null): array
    {
        $request = curl_init("{$this->api}/cgi-bin/$path");
        curl_setopt($request, CURLOPT_RETURNTRANSFER, true);
        if ($body !== null) {
            curl_setopt($request, CURLOPT_POSTFIELDS, json_encode($body, JSON_THROW_ON_ERROR));
        }
        return json_decode((string) curl_exec($request), true, flags: JSON_THROW_ON_ERROR);
    }
}
