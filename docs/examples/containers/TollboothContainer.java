package shop;

import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * WeCom Tollbooth in a container, for Tollbooth.java beside it. Needs org.testcontainers:testcontainers.
 *
 * <pre>
 * class ShopTest {
 *   static { TollboothContainer.startOnce(); }
 * </pre>
 */
public final class TollboothContainer extends GenericContainer<TollboothContainer> {
  private static final int PORT = 8000;
  private static final String TOKEN = "tests";
  private static TollboothContainer running;

  public TollboothContainer(String image) {
    super(DockerImageName.parse(image));
    withExposedPorts(PORT);
    withEnv("TOLLBOOTH_ADMIN_TOKEN", TOKEN);
    withCommand("tollbooth", "serve", "--ephemeral");
    waitingFor(
        Wait.forHttp("/_sim/ready").forPort(PORT).withHeader("Authorization", "Bearer " + TOKEN));
  }

  public String baseUrl() {
    return "http://" + getHost() + ":" + getMappedPort(PORT);
  }

  /** Starts one container for the whole test run; Testcontainers removes it after the JVM has ended. */
  public static synchronized void startOnce() {
    if (running == null) {
      running = new TollboothContainer("your-registry/wecom-tollbooth");
      running.start();
      System.setProperty("tollbooth.url", running.baseUrl());
      System.setProperty("tollbooth.admin-token", TOKEN);
    }
  }
}
