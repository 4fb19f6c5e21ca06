import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;

/** Sends each body of its arguments to the address before it, as the JDK's client does by default: asking for h2c. */
public class JdkClient {
    public static void main(String[] arguments) throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        for (int i = 0; i < arguments.length; i += 2) {
            byte[] body = arguments[i + 1].getBytes("UTF-8");
            List<BodyPublisher> ways = new ArrayList<>();
            ways.add(BodyPublishers.ofByteArray(body));
            ways.add(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)));
            for (BodyPublisher way : ways) {
                HttpRequest request =
                    HttpRequest.newBuilder(URI.create(arguments[i])).header("Content-Type", "application/json").POST(way).build();
                System.out.println(client.send(request, BodyHandlers.ofString()).body());
            }
        }
    }
}
