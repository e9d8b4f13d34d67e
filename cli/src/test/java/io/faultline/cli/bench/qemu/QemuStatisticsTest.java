package io.faultline.cli.bench.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Uses replies of QEMU 7.2, shortened. */
class QemuStatisticsTest {
  private static final String SOURCE =
      """
      {"status": "completed", "setup-time": 3, "downtime": 6, "total-time": 965,
       "ram": {"total": 1075838976, "postcopy-requests": 254, "mbps": 9034.1,
               "transferred": 1076901234, "duplicate": 32}}
      """;
  private static final String DESTINATION =
      """
      {"status": "completed", "postcopy-blocktime": 812, "postcopy-vcpu-blocktime": [812],
       "socket-address": [{"port": "43211", "ipv4": true, "host": "127.0.0.1", "type": "inet"}]}
      """;

  @Test
  void valuesOfBothRepliesAreParsed() throws IOException {
    QemuStatistics statistics = QemuStatistics.of(json(SOURCE), json(DESTINATION));
    assertThat(statistics.totalMillis()).isEqualTo(965);
    assertThat(statistics.setupMillis()).isEqualTo(3);
    assertThat(statistics.transferredBytes()).isEqualTo(1_076_901_234);
    assertThat(statistics.requests()).isEqualTo(254);
    assertThat(statistics.blocktimeMillis()).hasValue(812);
  }

  @Test
  void missingBlocktimeIsEmptyNotZero() throws IOException {
    assertThat(QemuStatistics.of(json(SOURCE), json("{\"status\": \"completed\"}")))
        .extracting(statistics -> statistics.blocktimeMillis().isEmpty())
        .isEqualTo(true);
  }

  @Test
  void failureIsReportedWithItsReason() {
    String failed = "{\"status\": \"failed\", \"error-desc\": \"no way\"}";
    assertThatIOException()
        .isThrownBy(() -> QemuStatistics.of(json(SOURCE), json(failed)))
        .withMessageContaining("failed: no way");
  }

  @Test
  void missingValueIsNamed() {
    String source = SOURCE.replace("total-time", "other");
    assertThatIOException()
        .isThrownBy(() -> QemuStatistics.of(json(source), json(DESTINATION)))
        .withMessageContaining("/total-time");
  }

  @Test
  void portOfTheDestinationIsParsed() throws IOException {
    assertThat(QemuStatistics.port(json(DESTINATION))).isEqualTo(43211);
    assertThatIOException()
        .isThrownBy(() -> QemuStatistics.port(json("{}")))
        .withMessageContaining("where it listens");
  }

  @Test
  void versionIsParsedFromTheFirstLine() {
    assertThat(
            Qemu.version("QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)\nCopyright"))
        .contains("7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)");
    assertThat(Qemu.version("QEMU emulator version 11.1.3\nCopyright (c)")).contains("11.1.3");
    assertThat(Qemu.version("sh: not found")).isEmpty();
  }

  private static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text);
  }
}
