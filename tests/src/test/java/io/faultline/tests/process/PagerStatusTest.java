package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** What {@code status} and the meters show of a pager process, and of one that was killed. */
class PagerStatusTest {
  private static final int PAGES = 1024;
  private static final long BYTES = PAGES * PagerNode.PAGE;
  private static final long BUFFER = 1 << 20;

  @RegisterExtension private final Processes processes = new Processes();

  @Test
  void statusAndMetersShowClientsRegionsAndWhatWasPaged() throws Exception {
    Path program =
        CPrograms.withClient(processes.file(""), CPrograms.SOURCES.resolve("paged_model.c"));
    int port = Ports.free();
    PagerNode pager = PagerNode.start(processes, "1m", "--metrics=127.0.0.1:" + port);
    Meters meters = Meters.at(port);
    assertThat(meters.value("faultline_pager_clients")).isZero();
    Path store = pager.store("numbers", PAGES);
    Node client = pager.run(program, store, 0, BYTES, "fill");
    client.awaitOutput("filled");

    JsonNode status = NodeStatus.of(processes, processes.defaultState(), "pager");
    assertThat(status.path("alive").asBoolean()).isTrue();
    assertThat(status.path("socket").asString()).isEqualTo(pager.socket().toString());
    assertThat(status.path("buffer_bytes").asLong()).isEqualTo(BUFFER);
    assertThat(status.path("used_bytes").asLong()).isPositive().isLessThanOrEqualTo(BUFFER);
    assertThat(status.path("clients").asInt()).isEqualTo(1);
    assertThat(status.path("bytes_written").asLong()).isGreaterThanOrEqualTo(BYTES / 2);
    assertThat(status.path("regions")).hasSize(1);
    JsonNode region = status.path("regions").get(0);
    assertThat(region.path("store").asString()).isEqualTo("numbers");
    assertThat(region.path("bytes").asLong()).isEqualTo(BYTES);
    assertThat(region.path("resident_bytes").asLong()).isPositive().isLessThanOrEqualTo(BUFFER);
    assertThat(region.path("writable").asBoolean()).isTrue();
    assertThat(text())
        .anyMatch(line -> line.startsWith("pager on " + pager.socket() + ": process "))
        .anyMatch(line -> line.contains("1 now, with 1 regions"))
        .anyMatch(line -> line.contains("4.0 MiB of numbers at 0"));

    assertThat(MetersPage.served(meters.read())).isEqualTo(MetersPage.of("pager"));
    assertThat(meters.value("faultline_pager_regions_size_bytes")).isEqualTo(BYTES);
    assertThat(meters.value("faultline_pager_buffer_bytes")).isEqualTo(BUFFER);
    assertThat(meters.value("faultline_pager_used_bytes")).isPositive().isLessThanOrEqualTo(BUFFER);
    assertThat(meters.value("faultline_pager_written_bytes_total"))
        .isGreaterThanOrEqualTo(BYTES / 2);
    assertThat(meters.value("faultline_pager_fills_total")).isPositive();
    assertThat(meters.value("faultline_pager_errors_total")).isZero();

    pager.node().kill();
    assertThat(pager.node().await(Node.LIMIT)).isNotZero();
    JsonNode dead = NodeStatus.of(processes, processes.defaultState(), "pager");
    assertThat(dead.path("alive").asBoolean()).isFalse();
    assertThat(text())
        .anyMatch(line -> line.contains("DIED"))
        .anyMatch(line -> line.contains("end its clients"));
    client.kill();
    PagerNode next = PagerNode.start(processes, "1m");
    assertThat(next.socket()).isEqualTo(pager.socket());
    assertThat(text()).noneMatch(line -> line.contains("DIED"));
  }

  @Test
  void pagerThatEndsLeavesNoStatusFile() throws Exception {
    PagerNode pager = PagerNode.start(processes, "1m");
    assertThat(NodeStatus.of(processes, processes.defaultState(), "pager").path("clients").asInt())
        .isZero();
    pager.node().interrupt();
    pager.node().awaitSuccess();
    try (var files = Files.list(processes.defaultState())) {
      assertThat(files).isEmpty();
    }
  }

  private List<String> text() throws Exception {
    Node status = processes.start("status");
    status.awaitSuccess();
    return status.out();
  }
}
