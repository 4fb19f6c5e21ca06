/**
 * The helper for tests against WeCom Tollbooth; copy it into your own tests. Needs Node 20 and nothing else.
 *
 *     import { test as base } from 'vitest'
 *     const test = base.extend(withCorp())
 *     test('…', async ({ corp }) => { await corp.act('member_adds_customer', { userid: 'lisi' }) })
 *
 * As vitest's globalSetup it starts a server for all test files; elsewhere the first corp starts one. It ends with
 * its process. Set TOLLBOOTH_URL to use one that runs already.
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const COMMAND = ['serve', '--ephemeral', '--port', '0', '--until-stdin-closes']
let started

/** The address of the server of this process. */
export function server() {
  started ??= process.env.TOLLBOOTH_URL ? Promise.resolve(process.env.TOLLBOOTH_URL.replace(/\/$/, '')) : start()
  return started
}

function start() {
  const child = spawn('tollbooth', COMMAND, { stdio: ['pipe', 'pipe', 'inherit'] })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => reject(new Error(`tollbooth ended with ${code}`)))
    createInterface(child.stdout).on('line', (line) => {
      const found = /^WeCom Tollbooth \S+\s+(http:\/\/\S+)/.exec(line)
      if (found) {
        for (const one of [child, child.stdin, child.stdout]) one.unref()
        resolve(found[1])
      }
    })
  })
}

/** vitest's globalSetup: the processes of the tests take the address from the environment. */
export default async function setup() {
  process.env.TOLLBOOTH_URL = await server()
}

/** A corp: a chain of tea shops with the members admin, zhangsan, lisi and others. */
export async function newCorp(wanted = {}) {
  const baseUrl = await server()
  const body = { name: 'Node', seed: 'demo', customers: 0, activity: false, ...wanted }
  return new Corp(baseUrl, await control(baseUrl, 'POST', '/corps', body))
}

/** The fixture `corp` for vitest's test.extend: a corp for each test, whose failure shows the last calls. */
export function withCorp(wanted = {}) {
  return {
    corp: async ({ task }, use) => {
      const corp = await newCorp({ name: task.name.slice(0, 64), ...wanted })
      await use(corp)
      if (task.result?.state === 'fail') console.error(await corp.lastCalls())
    },
  }
}

export class Corp {
  constructor(baseUrl, made) {
    this.baseUrl = baseUrl
    this.corpid = made.corpid
    this.apps = made.apps
    this.secret = made.apps[0].secret
    this.agentid = made.apps[0].agentid
  }

  /** Performs what people do. */
  act(name, fields = {}) {
    return this.control('POST', '/acts', { act: name, ...fields })
  }

  /** Moves the corp's own clock and does what falls due. */
  advance(seconds) {
    return this.control('POST', '/clock', { advance_seconds: seconds })
  }

  /** Stops the corp's own clock, at a Date or unix seconds. */
  freeze(at) {
    return this.control('POST', '/clock', { set: at instanceof Date ? at.toISOString() : at, freeze: true })
  }

  /** Plans a fault for the next call of an operation: `then` is { errcode: -1 }, for example. */
  failNext(path, then, { times = 1 } = {}) {
    return this.control('POST', '/faults', { path, times, then })
  }

  /** Throws unless the operation was answered with errcode 0 so many times, with these fields. */
  async assertCalled(path, { times = 1, bodyContains = {} } = {}) {
    const call = { path, at_least: times, at_most: times, body_contains: bodyContains }
    const { failures } = await this.control('POST', '/calls/verify', { calls: [call] })
    if (failures.length) throw new Error(failures.map((failure) => failure.reason_en).join('\n'))
  }

  /** Throws if any call was refused, and says why. */
  async expectNoRefusals() {
    const { calls } = await this.control('GET', '/calls?refused=true')
    if (calls.length) throw new Error(`refused:\n${calls.map(line).join('\n')}`)
  }

  /** The next callback with this ChangeType, once it is delivered. */
  async waitFor(changeType, seconds = 5) {
    const query = new URLSearchParams({ change_type: changeType, timeout_seconds: seconds })
    return (await this.control('GET', `/callbacks/wait?${query}`)).callbacks[0]
  }

  /** What the phone of a member or customer shows, oldest first. */
  async phone(person) {
    return (await this.control('GET', `/phones/${encodeURIComponent(person)}`)).items
  }

  /** The statement of the month. */
  bill() {
    return this.control('GET', '/statement')
  }

  async lastCalls(count = 20) {
    const { calls } = await this.control('GET', `/calls?limit=${count}`)
    return `the last calls of ${this.corpid}:\n${calls.map(line).join('\n')}`
  }

  control(method, path, body) {
    return control(this.baseUrl, method, `/corps/${this.corpid}${path}`, body)
  }
}

function line({ request, answer, detail }) {
  return `${request.method} ${request.path} ${answer.errcode} ${request.body} ${detail}`
}

async function control(baseUrl, method, path, body) {
  const headers = { 'content-type': 'application/json' }
  const token = process.env.TOLLBOOTH_ADMIN_TOKEN
  if (token) headers.authorization = `Bearer ${token}`
  const response = await fetch(`${baseUrl}/_sim${path}`, { method, headers, body: body && JSON.stringify(body) })
  const answer = await response.json()
  if (!response.ok) throw new Error(`${method} ${path}: HTTP ${response.status}: ${answer.error}`)
  return answer
}
