package shop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.Set;

/** The program under test: it keeps remarks on customers. */
public final class Shop {
  private static final Set<Integer> TOKEN_IS_GONE = Set.of(40014, 41001, 42001);
  private final ObjectMapper json = new ObjectMapper();
  private final HttpClient http = HttpClient.newHttpClient();
  private final String corpid;
  private final String secret;
  private final String api;
  private String token = "";

  /** {@code api} is https://qyapi.weixin.qq.com; tests put the simulator in its place. */
  public Shop(String corpid, String secret, String api) {
    this.corpid = corpid;
    this.secret = secret;
    this.api = api;
  }

  public void remark(String userid, String customer, String remark) throws IOException, InterruptedException {
    Map<String, String> body = Map.of("userid", userid, "external_userid", customer, "remark", remark);
    JsonNode reply = post("externalcontact/remark", body);
    if (TOKEN_IS_GONE.contains(reply.get("errcode").asInt())) {
      String login = "/cgi-bin/gettoken?corpid=%s&corpsecret=%s".formatted(corpid, secret);
      token = send(HttpRequest.newBuilder(URI.create(api + login)).build()).get("access_token").asText();
      reply = post("externalcontact/remark", body);
    }
    if (reply.get("errcode").asInt() != 0) {
      throw new IOException("remark: " + reply.get("errcode") + " " + reply.get("errmsg"));
    }
  }

  private JsonNode post(String path, Object body) throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(URI.create(api + "/cgi-bin/" + path + "?access_token=" + token))
            .POST(HttpRequest.BodyPublishers.ofString(json.writeValueAsString(body)))
            .build());
  }

  private JsonNode send(HttpRequest request) throws IOException, InterruptedException {
    return json.readTree(http.send(request, BodyHandlers.ofString()).body());
  }
}
