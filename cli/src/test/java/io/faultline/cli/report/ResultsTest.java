package io.faultline.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

class ResultsTest {
  private final ObjectNode source = ResultFile.newResult().put("status", "completed");
  private final ObjectNode dest =
      ResultFile.newResult().put("status", "completed").put("verified", true);

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, 0, true",
    "5, 6, 9, 9, true",
    "5, 0, 0, 5, true",
    "0, 1, 3, 3, true",
    "5, 7, 9, 9, false",
    "5, 5, 9, 9, false",
    "5, 6, 9, 10, false",
    "5, 0, 0, 6, false",
    "0, 2, 3, 3, false",
  })
  void consoleMustContinueWhereItStopped(
      long before, long first, long last, long expected, boolean good) {
    source.putObject("console").putObject("source").put("first", 1).put("last", before);
    dest.putObject("console")
        .putObject("destination")
        .put("first", first)
        .put("last", last)
        .put("expected", expected);
    ObjectNode merged = Results.merge(source, dest);
    assertThat(Results.isGood(merged)).isEqualTo(good);
    assertThat(merged.path("console").path("unbroken").asBoolean()).isEqualTo(good);
    assertThat(merged.has("error")).isEqualTo(!good);
  }

  @Test
  void vmWithoutAConsoleIsGood() {
    ObjectNode merged = Results.merge(source, dest);
    assertThat(Results.isGood(merged)).isTrue();
    assertThat(merged.has("console")).isFalse();
  }

  @Test
  void errorOfTheDestinationTakesPrecedence() {
    source.put("status", "failed").put("error", "lost");
    dest.put("status", "failed").put("error", "no memory");
    ObjectNode merged = Results.merge(source, dest);
    assertThat(merged.path("error").asString()).isEqualTo("no memory");
    assertThat(Results.isGood(merged)).isFalse();
  }
}
