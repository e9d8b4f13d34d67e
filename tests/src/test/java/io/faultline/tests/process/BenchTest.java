package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** {@code bench}: small and once, for its plumbing; the figures of a busy machine mean nothing. */
class BenchTest {
  @RegisterExtension private final Processes processes = new Processes();

  @Test
  void measuresWhatWasAskedForAndTellsItInThreeWays() throws Exception {
    Path json = processes.file("bench.json");
    Path html = processes.file("bench.html");
    Node bench = start("--only=fault-idle,bulk", "--floor", "--json=" + json, "--html=" + html);
    bench.awaitSuccess();
    bench.assertNoStackTrace();
    assertThat(bench.out()).anyMatch(line -> line.startsWith("| idle link "));
    assertThat(bench.out()).noneMatch(line -> line.startsWith("| zipf "));
    Result result = Result.read(json);
    assertThat(result.text("machine.Kernel")).startsWith("Linux");
    assertThat(result.at("cases").size()).isGreaterThanOrEqualTo(2);
    JsonNode idle = valuesOf("fault-idle", result);
    assertThat(idle.path("faults").asLong()).isGreaterThan(1000);
    assertThat(idle.path("fault_p50").asDouble()).isGreaterThan(10);
    assertThat(idle.path("fault_p99").asDouble())
        .isGreaterThanOrEqualTo(idle.path("fault_p50").asDouble());
    JsonNode bulk = valuesOf("bulk", result);
    assertThat(bulk.path("throughput").asDouble()).isPositive();
    assertThat(bulk.path("dest_cpu").asDouble()).isPositive();
    assertThat(bulk.path("dest_memory").asDouble()).isPositive();
    assertThat(Files.readString(html)).contains("<svg", "idle link");
  }

  @Test
  void onlyAllowsNoUnknownName() throws Exception {
    Node bench = start("--only=blk");
    bench.awaitFailure(2, Duration.ofMinutes(1));
    assertThat(bench.err()).anyMatch(line -> line.contains("'blk' is none of:"));
  }

  private static JsonNode valuesOf(String name, Result result) {
    for (JsonNode sample : result.at("samples")) {
      if (sample.path("case").asString().equals(name)) {
        return sample.path("values");
      }
    }
    throw new AssertionError("no sample of " + name + " in " + result);
  }

  private Node start(String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("bench", "--quick"));
    arguments.addAll(List.of(more));
    return processes.startWith(List.of(), arguments);
  }
}
