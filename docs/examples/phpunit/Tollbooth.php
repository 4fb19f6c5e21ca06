<?php

declare(strict_types=1);

/**
 * PHPUnit trait for tests against WeCom Tollbooth; copy this file into your own tests. Needs PHP 8.1 with curl.
 *
 * $this->corp() is a corp of the test's own. The first one starts a server, which ends with this process; set
 * TOLLBOOTH_URL to use one that runs already. A failing test shows the last calls of its corp.
 */
trait Tollbooth
{
    private ?TollboothCorp $tollboothCorp = null;

    /** A chain of tea shops with the members admin, zhangsan, lisi and others. */
    protected function corp(array $wanted = []): TollboothCorp
    {
        return $this->tollboothCorp ??= TollboothCorp::make($wanted);
    }

    protected function assertCalled(string $path, int $times = 1, array $bodyContains = []): void
    {
        self::assertSame([], $this->corp()->whatWasNotCalled($path, $times, $bodyContains));
    }

    protected function assertNoRefusals(): void
    {
        self::assertSame([], $this->corp()->refusals());
    }

    protected function onNotSuccessfulTest(Throwable $failure): never
    {
        if ($this->tollboothCorp !== null) {
            fwrite(STDERR, $this->tollboothCorp->lastCalls());
        }
        throw $failure;
    }
}

/** One corp of the simulated WeCom. */
final class TollboothCorp
{
    private static ?string $server = null;

    /** @var array<resource> the server ends when they are closed, at the end of the process */
    private static array $pipes = [];

    /** @var resource|null */
    private static $process = null;

    private function __construct(
        public readonly string $baseUrl,
        public readonly string $corpid,
        public readonly string $secret,
        public readonly int $agentid,
    ) {
    }

    public static function make(array $wanted = []): self
    {
        self::$server ??= rtrim(getenv('TOLLBOOTH_URL') ?: self::start(), '/');
        $body = $wanted + ['name' => 'PHP', 'seed' => 'demo', 'customers' => 0, 'activity' => false];
        $made = self::send(self::$server, 'POST', '/corps', $body);
        $app = $made['apps'][0];
        return new self(self::$server, $made['corpid'], $app['secret'], $app['agentid']);
    }

    /** Performs what people do, and returns what came of it. */
    public function act(string $name, array $fields = []): array
    {
        return $this->control('POST', '/acts', ['act' => $name] + $fields);
    }

    /** Moves the corp's own clock and does what falls due. */
    public function advance(int $seconds): void
    {
        $this->control('POST', '/clock', ['advance_seconds' => $seconds]);
    }

    /** Stops the corp's own clock at that time. */
    public function freeze(DateTimeInterface $at): void
    {
        $this->control('POST', '/clock', ['set' => $at->getTimestamp(), 'freeze' => true]);
    }

    /** Plans a fault for the next call of an operation, such as ['errcode' => -1]. */
    public function failNext(string $path, array $then): void
    {
        $this->control('POST', '/faults', ['path' => $path, 'times' => 1, 'then' => $then]);
    }

    /** @return list<string> why the operation was not answered with errcode 0 so many times; empty if it was */
    public function whatWasNotCalled(string $path, int $times, array $bodyContains): array
    {
        $call = ['path' => $path, 'at_least' => $times, 'at_most' => $times];
        $call['body_contains'] = (object) $bodyContains;
        $answer = $this->control('POST', '/calls/verify', ['calls' => [$call]]);
        return array_column($answer['failures'], 'reason_en');
    }

    /** @return list<string> the calls that were refused, with the reasons */
    public function refusals(): array
    {
        return array_map(self::line(...), $this->control('GET', '/calls?refused=true')['calls']);
    }

    /** The next callback with this ChangeType, once it is delivered. */
    public function waitFor(string $changeType, int $seconds = 5): array
    {
        $query = http_build_query(['change_type' => $changeType, 'timeout_seconds' => $seconds]);
        return $this->control('GET', "/callbacks/wait?$query")['callbacks'][0];
    }

    /** What the phone of a member or customer shows, oldest first. */
    public function phone(string $person): array
    {
        return $this->control('GET', '/phones/' . rawurlencode($person))['items'];
    }

    /** The statement of the month. */
    public function bill(): array
    {
        return $this->control('GET', '/statement');
    }

    public function lastCalls(int $count = 20): string
    {
        $calls = $this->control('GET', "/calls?limit=$count")['calls'];
        return "the last calls of {$this->corpid}:\n" . implode("\n", array_map(self::line(...), $calls)) . "\n";
    }

    private static function line(array $call): string
    {
        $request = $call['request'];
        return "{$request['method']} {$request['path']} {$call['answer']['errcode']} {$request['body']} {$call['detail']}";
    }

    private function control(string $method, string $path, ?array $body = null): array
    {
        return self::send($this->baseUrl, $method, "/corps/{$this->corpid}$path", $body);
    }

    private static function start(): string
    {
        $command = ['tollbooth', 'serve', '--ephemeral', '--port', '0', '--until-stdin-closes'];
        $errors = tmpfile(); // a file, because nobody reads a pipe
        self::$process = proc_open($command, [['pipe', 'r'], ['pipe', 'w'], $errors], self::$pipes);
        while (self::$process && ($line = fgets(self::$pipes[1])) !== false) {
            if (preg_match('~^WeCom Tollbooth \S+\s+(http://\S+)~', $line, $found)) {
                return $found[1];
            }
        }
        throw new RuntimeException('tollbooth did not start');
    }

    private static function send(string $baseUrl, string $method, string $path, ?array $body = null): array
    {
        $headers = ['Content-Type: application/json'];
        if ($token = getenv('TOLLBOOTH_ADMIN_TOKEN')) {
            $headers[] = "Authorization: Bearer $token";
        }
        $request = curl_init("$baseUrl/_sim$path");
        curl_setopt_array($request, [
            CURLOPT_CUSTOMREQUEST => $method,
            CURLOPT_HTTPHEADER => $headers,
            CURLOPT_RETURNTRANSFER => true,
        ]);
        if ($body !== null) {
            curl_setopt($request, CURLOPT_POSTFIELDS, json_encode($body, JSON_THROW_ON_ERROR));
        }
        $text = curl_exec($request);
        if ($text === false) {
            throw new RuntimeException("$method $path: " . curl_error($request));
        }
        $answer = json_decode($text, true, flags: JSON_THROW_ON_ERROR);
        $status = curl_getinfo($request, CURLINFO_RESPONSE_CODE);
        if ($status !== 200) {
            throw new RuntimeException("$method $path: HTTP $status: {$answer['error']}");
        }
        return $answer;
    }
}
