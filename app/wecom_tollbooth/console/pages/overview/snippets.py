"""The first call with an SDK of each language; `{base}` and the like are filled in by the browser.

Python and Node are run by the tests. The others are made of what the SDKs' sources say, as the README is.
"""

from typing import NamedTuple

from wecom_tollbooth.console.words import Text

TESTED = Text("项目的测试会运行这段代码", "The project's tests run this code")
FROM_SOURCE = Text(
    "写法来自 SDK 的源代码，没有在这里运行过", "Written from the SDK's source code; it was not run here"
)


class Snippet(NamedTuple):
    id: str
    name: str
    about: Text
    code: str


PYTHON = """\
from wechatpy.enterprise import WeChatClient  # pip install "wechatpy[cryptography]==1.8.18"


class LocalClient(WeChatClient):
    API_BASE_URL = "{base}/cgi-bin/"

    def fetch_access_token(self):
        params = {"corpid": self.corp_id, "corpsecret": self.secret}
        return self._fetch_access_token(self.API_BASE_URL + "gettoken", params)


client = LocalClient("{corpid}", "{secret}")
print(client.get("externalcontact/get_follow_user_list"))
"""

JAVA = """\
WxCpDefaultConfigImpl config = new WxCpDefaultConfigImpl(); // com.github.binarywang:weixin-java-cp
config.setCorpId("{corpid}");
config.setCorpSecret("{secret}");
config.setAgentId({agentid});
config.setBaseApiUrl("{base}");

WxCpService service = new WxCpServiceImpl();
service.setWxCpConfigStorage(config);
System.out.println(service.getExternalContactService().listFollowers());
"""

GO = """\
client := workwx.New("{corpid}", workwx.WithQYAPIHost("{base}")) // github.com/xen0n/go-workwx
app := client.WithApp("{secret}", {agentid})
app.SpawnAccessTokenRefresher()

users, err := app.ListFollowUserExternalContact()
fmt.Println(users, err)
"""

PHP = """\
<?php // composer require w7corp/easywechat:^6
use EasyWeChat\\Work\\Application;

$app = new Application([
    'corp_id' => '{corpid}',
    'secret' => '{secret}',
    'token' => '{token}',
    'aes_key' => '{encoding_aes_key}',
    'http' => ['base_uri' => '{base}/'],
]);
print_r($app->getClient()->get('/cgi-bin/externalcontact/get_follow_user_list')->toArray());
"""

NODE = """\
// Node 20, as shop.mjs
const ask = async (path, params) =>
  (await fetch(`{base}/cgi-bin/${path}?${new URLSearchParams(params)}`)).json();

const { access_token } = await ask("gettoken", { corpid: "{corpid}", corpsecret: "{secret}" });
console.log(await ask("externalcontact/get_follow_user_list", { access_token }));
"""

CURL = """\
TOKEN=$(curl -s "{base}/cgi-bin/gettoken?corpid={corpid}&corpsecret={secret}" \\
  | grep -o '"access_token":"[^"]*"' | cut -d '"' -f 4)
curl -s "{base}/cgi-bin/externalcontact/get_follow_user_list?access_token=$TOKEN"
"""

SNIPPETS = (
    Snippet("python", "Python · wechatpy", TESTED, PYTHON),
    Snippet("java", "Java · WxJava", FROM_SOURCE, JAVA),
    Snippet("go", "Go · go-workwx", FROM_SOURCE, GO),
    Snippet("php", "PHP · EasyWeChat 6", FROM_SOURCE, PHP),
    Snippet("node", "Node · fetch", TESTED, NODE),
    Snippet("curl", "curl", TESTED, CURL),
)
