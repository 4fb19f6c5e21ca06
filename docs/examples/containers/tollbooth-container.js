// WeCom Tollbooth in a container: vitest's globalSetup, for tollbooth.js beside it. Needs testcontainers.
import { GenericContainer, Wait } from 'testcontainers'

const PORT = 8000
const TOKEN = 'tests'

export default async function setup() {
  const container = await new GenericContainer('your-registry/wecom-tollbooth')
    .withCommand(['tollbooth', 'serve', '--ephemeral'])
    .withEnvironment({ TOLLBOOTH_ADMIN_TOKEN: TOKEN })
    .withExposedPorts(PORT)
    .withWaitStrategy(Wait.forHttp('/_sim/ready', PORT).withHeaders({ Authorization: `Bearer ${TOKEN}` }))
    .start()
  process.env.TOLLBOOTH_URL = `http://${container.getHost()}:${container.getMappedPort(PORT)}`
  process.env.TOLLBOOTH_ADMIN_TOKEN = TOKEN
  return () => container.stop()
}
