package shop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * JUnit 5 extension for tests against WeCom Tollbooth; copy this file into your own tests.
 *
 * <pre>
 * {@literal @}ExtendWith(Tollbooth.class)
 * class ShopTest {
 *   {@literal @}Test void greets(Tollbooth.Corp corp) { corp.act("member_adds_customer", Map.of("userid", "lisi")); }
 * }
 * </pre>
 *
 * Each test that asks for a corp gets one of its own. The first one starts a server, which ends with this JVM; set
 * TOLLBOOTH_URL (or the system property tollbooth.url) to use one that runs already. A failing test shows the last
 * calls of its corp.
 */
public final class Tollbooth implements ParameterResolver, TestExecutionExceptionHandler {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final Pattern ADDRESS = Pattern.compile("^WeCom Tollbooth \\S+\\s+(http://\\S+)");
  private static final String CORP = "corp";
  private static final ExtensionContext.Namespace SPACE = ExtensionContext.Namespace.create(Tollbooth.class);
  private static String server;

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Corp.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context.getStore(SPACE).getOrComputeIfAbsent(CORP, key -> newCorp(Map.of("name", name(context))));
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
    Corp corp = context.getStore(SPACE).get(CORP, Corp.class);
    if (corp != null) {
      System.err.println(corp.lastCalls(20));
    }
    throw failure;
  }

  /** A corp: a chain of tea shops with the members admin, zhangsan, lisi and others. */
  public static Corp newCorp(Map<String, Object> wanted) {
    Map<String, Object> body = new HashMap<>(Map.of("seed", "demo", "customers", 0, "activity", false));
    body.putAll(wanted);
    return new Corp(server(), control(server(), "POST", "/corps", body));
  }

  private static String name(ExtensionContext context) {
    String name = context.getDisplayName();
    return name.substring(0, Math.min(64, name.length()));
  }

  private static synchronized String server() {
    if (server == null) {
      String given = System.getProperty("tollbooth.url", System.getenv("TOLLBOOTH_URL"));
      server = given == null ? start() : given.replaceAll("/$", "");
    }
    return server;
  }

  private static String start() {
    try {
      Process process =
          new ProcessBuilder("tollbooth", "serve", "--ephemeral", "--port", "0", "--until-stdin-closes")
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      BufferedReader output =
          new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        Matcher found = ADDRESS.matcher(line);
        if (found.find()) {
          Thread reader = new Thread(() -> output.lines().forEach(ignored -> {}), "tollbooth-output");
          reader.setDaemon(true);
          reader.start();
          return found.group(1);
        }
      }
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
    throw new IllegalStateException("tollbooth did not start");
  }

  /** One corp of the simulated WeCom. */
  public static final class Corp {
    public final String corpid;
    public final String secret;
    public final int agentid;
    public final String baseUrl;

    private Corp(String baseUrl, JsonNode made) {
      this.baseUrl = baseUrl;
      corpid = made.get("corpid").asText();
      secret = made.at("/apps/0/secret").asText();
      agentid = made.at("/apps/0/agentid").asInt();
    }

    /** Performs what people do, and returns what came of it. */
    public JsonNode act(String name, Map<String, Object> fields) {
      Map<String, Object> body = new HashMap<>(fields);
      body.put("act", name);
      return control("POST", "/acts", body);
    }

    /** Moves the corp's own clock and does what falls due. */
    public void advance(Duration by) {
      control("POST", "/clock", Map.of("advance_seconds", by.toSeconds()));
    }

    /** Stops the corp's own clock at that time. */
    public void freeze(Instant at) {
      control("POST", "/clock", Map.of("set", at.getEpochSecond(), "freeze", true));
    }

    /** Plans a fault for the next call of an operation, such as {@code Map.of("errcode", -1)}. */
    public void failNext(String path, Map<String, Object> then) {
      control("POST", "/faults", Map.of("path", path, "times", 1, "then", then));
    }

    /** Fails unless the operation was answered with errcode 0 so many times, with these fields. */
    public void assertCalled(String path, int times, Map<String, Object> bodyContains) {
      Map<String, Object> call =
          Map.of("path", path, "at_least", times, "at_most", times, "body_contains", bodyContains);
      JsonNode failures =
          control("POST", "/calls/verify", Map.of("calls", new Object[] {call})).get("failures");
      if (!failures.isEmpty()) {
        throw new AssertionError(String.join("\n", failures.findValuesAsText("reason_en")));
      }
    }

    /** Fails if any call was refused, and says why. */
    public void expectNoRefusals() {
      JsonNode refused = control("GET", "/calls?refused=true", null).get("calls");
      if (!refused.isEmpty()) {
        throw new AssertionError("refused:" + lines(refused));
      }
    }

    /** The next callback with this ChangeType, once it is delivered. */
    public JsonNode waitFor(String changeType) {
      String query = "?timeout_seconds=5&change_type=" + changeType;
      return control("GET", "/callbacks/wait" + query, null).at("/callbacks/0");
    }

    /** What the phone of a member or customer shows, oldest first. */
    public JsonNode phone(String person) {
      return control("GET", "/phones/" + person, null).get("items");
    }

    /** The statement of the month. */
    public JsonNode bill() {
      return control("GET", "/statement", null);
    }

    public String lastCalls(int count) {
      return "the last calls of " + corpid + ":" + lines(control("GET", "/calls?limit=" + count, null).get("calls"));
    }

    private static String lines(JsonNode calls) {
      StringBuilder text = new StringBuilder();
      for (JsonNode call : calls) {
        JsonNode request = call.get("request");
        text.append(
            "\n%s %s %s %s %s"
                .formatted(
                    request.get("method").asText(),
                    request.get("path").asText(),
                    call.at("/answer/errcode").asText(),
                    request.get("body").asText(),
                    call.get("detail").asText()));
      }
      return text.toString();
    }

    private JsonNode control(String method, String path, Object body) {
      return Tollbooth.control(baseUrl, method, "/corps/" + corpid + path, body);
    }
  }

  private static JsonNode control(String baseUrl, String method, String path, Object body) {
    try {
      HttpRequest.BodyPublisher content =
          body == null
              ? HttpRequest.BodyPublishers.noBody()
              : HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body));
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create(baseUrl + "/_sim" + path))
              .header("Content-Type", "application/json")
              .method(method, content);
      String token = System.getProperty("tollbooth.admin-token", System.getenv("TOLLBOOTH_ADMIN_TOKEN"));
      if (token != null) {
        request.header("Authorization", "Bearer " + token);
      }
      HttpResponse<String> response = HTTP.send(request.build(), BodyHandlers.ofString());
      JsonNode answer = JSON.readTree(response.body());
      if (response.statusCode() != 200) {
        throw new IllegalStateException(
            "%s %s: HTTP %d: %s".formatted(method, path, response.statusCode(), answer.path("error").asText()));
      }
      return answer;
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    } catch (InterruptedException error) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(error);
    }
  }
}
