import { expect, test as base } from 'vitest'
import { Shop } from './shop.js'
import { withCorp } from './tollbooth.js'

const test = base.extend({
  ...withCorp(),
  shop: async ({ corp }, use) => use(new Shop({ ...corp, api: corp.baseUrl })),
  customer: async ({ corp }, use) =>
    use((await corp.act('member_adds_customer', { userid: 'lisi' })).external_userid),
})

test('a remark is kept', async ({ corp, shop, customer }) => {
  expect((await corp.waitFor('add_external_contact')).change_type).toBe('add_external_contact')
  await shop.remark('lisi', customer, '老客')
  await corp.assertCalled('externalcontact/remark', { bodyContains: { remark: '老客' } })
})

test('an expired token is fetched again', async ({ corp, shop, customer }) => {
  await shop.remark('lisi', customer, '一')
  await corp.advance(7201)
  await shop.remark('lisi', customer, '二')
  await corp.assertCalled('gettoken', { times: 2 })
})

test('a busy system is an error', async ({ corp, shop, customer }) => {
  await shop.remark('lisi', customer, '一')
  await corp.failNext('externalcontact/remark', { errcode: -1 })
  await expect(shop.remark('lisi', customer, '二')).rejects.toThrow('-1')
})
