/** The program under test: it keeps remarks on customers. */
const TOKEN_IS_GONE = [40014, 41001, 42001]

export class Shop {
  #token = ''

  constructor({ corpid, secret, api = 'https://qyapi.weixin.qq.com' }) {
    Object.assign(this, { corpid, secret, api })
  }

  async remark(userid, externalUserid, remark) {
    const body = { userid, external_userid: externalUserid, remark }
    let reply = await this.#post('externalcontact/remark', body)
    if (TOKEN_IS_GONE.includes(reply.errcode)) {
      const query = new URLSearchParams({ corpid: this.corpid, corpsecret: this.secret })
      this.#token = (await (await fetch(`${this.api}/cgi-bin/gettoken?${query}`)).json()).access_token
      reply = await this.#post('externalcontact/remark', body)
    }
    if (reply.errcode) throw new Error(`remark: ${reply.errcode} ${reply.errmsg}`)
  }

  async #post(path, body) {
    const url = `${this.api}/cgi-bin/${path}?access_token=${this.#token}`
    return (await fetch(url, { method: 'POST', body: JSON.stringify(body) })).json()
  }
}
