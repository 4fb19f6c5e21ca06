<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;

require_once __DIR__ . '/Shop.php';
require_once __DIR__ . '/Tollbooth.php';

final class ShopTest extends TestCase
{
    use Tollbooth;

    private Shop $shop;
    private string $customer;

    protected function setUp(): void
    {
        $corp = $this->corp();
        $this->shop = new Shop($corp->corpid, $corp->secret, $corp->baseUrl);
        $this->customer = $corp->act('member_adds_customer', ['userid' => 'lisi'])['external_userid'];
    }

    public function testARemarkIsKept(): void
    {
        self::assertSame('add_external_contact', $this->corp()->waitFor('add_external_contact')['change_type']);
        $this->shop->remark('lisi', $this->customer, '老客');
        $this->assertCalled('externalcontact/remark', 1, ['remark' => '老客']);
    }

    public function testAnExpiredTokenIsFetchedAgain(): void
    {
        $this->shop->remark('lisi', $this->customer, '一');
        $this->corp()->advance(7201);
        $this->shop->remark('lisi', $this->customer, '二');
        $this->assertCalled('gettoken', 2);
    }

    public function testABusySystemIsAnError(): void
    {
        $this->shop->remark('lisi', $this->customer, '一');
        $this->corp()->failNext('externalcontact/remark', ['errcode' => -1]);
        $this->expectExceptionMessage('-1');
        $this->shop->remark('lisi', $this->customer, '二');
    }
}
