package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.tests.dashboard.TimeSpan;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** A Prometheus that scrapes two nodes, and keeps what it read in a directory. */
final class PrometheusServer implements AutoCloseable {
  private static final Path PROGRAM = Path.of("/usr/bin/prometheus");
  private static final Path TOOL = Path.of("/usr/bin/promtool");

  private final Process process;
  private final URI uri;
  private final HttpClient client = HttpClient.newHttpClient();

  private PrometheusServer(Process process, URI uri) {
    this.process = process;
    this.uri = uri;
  }

  /** Skips the test where Prometheus is not installed. */
  static void require() {
    assumeTrue(
        Files.isExecutable(PROGRAM) && Files.isExecutable(TOOL),
        "needs " + PROGRAM + " and " + TOOL + " (Debian's package prometheus)");
  }

  /**
   * Starts it.
   *
   * @param interval time between two scrapes, such as 1s
   */
  static PrometheusServer start(Path directory, String interval, int sourcePort, int destPort)
      throws IOException {
    Files.createDirectories(directory);
    int port = Ports.free();
    Path config = directory.resolve("prometheus.yml");
    Files.writeString(
        config,
        """
        global: {scrape_interval: %1$s, scrape_timeout: %1$s}
        scrape_configs:
        - job_name: faultline
          static_configs:
          - {targets: ["127.0.0.1:%2$d"], labels: {instance: source-host}}
          - {targets: ["127.0.0.1:%3$d"], labels: {instance: dest-host}}
        """
            .formatted(interval, sourcePort, destPort));
    Process process =
        new ProcessBuilder(
                PROGRAM.toString(),
                "--config.file=" + config,
                "--storage.tsdb.path=" + directory.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("prometheus.log").toFile())
            .start();
    return new PrometheusServer(process, URI.create("http://127.0.0.1:" + port));
  }

  /** The results of a query now; none while the server does not answer. */
  JsonNode query(String promQl) throws IOException, InterruptedException {
    return results(promQl, "/api/v1/query?");
  }

  /** The results of a query over a time span. */
  JsonNode range(String promQl, TimeSpan span) throws IOException, InterruptedException {
    return results(
        promQl,
        "/api/v1/query_range?start=%s&end=%s&step=%s&"
            .formatted(span.from(), span.to(), span.step()));
  }

  private JsonNode results(String promQl, String path) throws IOException, InterruptedException {
    URI query = uri.resolve(path + "query=" + URLEncoder.encode(promQl, StandardCharsets.UTF_8));
    HttpRequest request = HttpRequest.newBuilder(query).timeout(Duration.ofSeconds(60)).build();
    String body;
    try {
      body = client.send(request, BodyHandlers.ofString()).body();
    } catch (IOException e) {
      return new ObjectMapper().createArrayNode(); // not started yet
    }
    if (!body.startsWith("{")) {
      return new ObjectMapper().createArrayNode(); // "Service Unavailable" while it starts
    }
    JsonNode answer = new ObjectMapper().readTree(body);
    assertThat(answer.path("status").asString()).as("%s: %s", promQl, body).isEqualTo("success");
    return answer.path("data").path("result");
  }

  /** Whether a query has a result. */
  boolean knows(String promQl) throws IOException, InterruptedException {
    return !query(promQl).isEmpty();
  }

  /** {@code promtool check metrics}, which must find nothing. */
  static void check(String scraped, Path scratch) throws IOException, InterruptedException {
    Path text = Files.writeString(scratch, scraped);
    Process tool =
        new ProcessBuilder(TOOL.toString(), "check", "metrics")
            .redirectErrorStream(true)
            .redirectInput(text.toFile())
            .start();
    String found = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(tool.waitFor()).as("exit code of promtool: %s", found).isZero();
    assertThat(found).isEmpty();
  }

  @Override
  public void close() {
    client.shutdownNow();
    process.destroyForcibly().onExit().join();
  }
}
