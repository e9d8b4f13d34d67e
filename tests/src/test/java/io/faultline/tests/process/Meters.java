package io.faultline.tests.process;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** The metrics that a node serves with {@code --metrics}. */
record Meters(URI uri) {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  static Meters at(int port) {
    return new Meters(URI.create("http://127.0.0.1:" + port + "/metrics"));
  }

  /** Whether the node serves metrics by now. */
  boolean isServed() throws InterruptedException {
    return !read().isEmpty();
  }

  /** The whole text; empty if the node does not serve it. */
  String read() throws InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(LIMIT).build();
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(LIMIT).build()) {
      return client.send(request, BodyHandlers.ofString()).body();
    } catch (IOException e) {
      return "";
    }
  }

  /** Waits until a meter is above a value. */
  void awaitAbove(String name, double bound) {
    Awaitility.await()
        .atMost(Node.LIMIT)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> value(name) > bound);
  }

  /** The value of the first meter of a name; -1 if there is none. */
  double value(String name) throws InterruptedException {
    return value(name, "");
  }

  /** The same with a label, such as {@code state="running"}. */
  double value(String name, String label) throws InterruptedException {
    String labels = "\\{[^}]*" + Pattern.quote(label) + "[^}]*}";
    Matcher line = Pattern.compile("(?m)^" + name + labels + " (\\S+)$").matcher(read());
    return line.find() ? Double.parseDouble(line.group(1)) : -1;
  }
}
