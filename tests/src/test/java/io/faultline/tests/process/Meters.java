package io.faultline.tests.process;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a node serves with {@code --metrics}. */
record Meters(URI place) {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  static Meters at(int port) {
    return new Meters(URI.create("http://127.0.0.1:" + port + "/metrics"));
  }

  /** Whether it serves by now. */
  boolean isThere() throws InterruptedException {
    return !read().isEmpty();
  }

  /** The whole text; empty where nobody serves. */
  String read() throws InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(place).timeout(LIMIT).build();
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(LIMIT).build()) {
      return client.send(request, BodyHandlers.ofString()).body();
    } catch (IOException e) {
      return "";
    }
  }

  /** The value of a meter without labels; -1 where there is none. */
  double value(String name) throws InterruptedException {
    Matcher line = Pattern.compile("(?m)^" + name + " (\\S+)$").matcher(read());
    return line.find() ? Double.parseDouble(line.group(1)) : -1;
  }
}
