package io.faultline.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class JvmOptionsTest {
  private static final List<String> INHERITED = List.of("-XX:+UseSerialGC", "-Xmn64m", "-Da=b");

  @Test
  void appendedCollectorReplacesTheInheritedOne() {
    assertThat(JvmOptions.combine(INHERITED, List.of("-Xmx96m", "-XX:+UseZGC")))
        .containsExactly("-Xmn64m", "-Da=b", "-Xmx96m", "-XX:+UseZGC");
  }

  @Test
  void otherOptionsFollowTheInheritedOnes() {
    assertThat(
            JvmOptions.combine(INHERITED, List.of("-XX:-UseG1GC", "-XX:+UseStringDeduplication")))
        .containsExactly(
            "-XX:+UseSerialGC", "-Xmn64m", "-Da=b", "-XX:-UseG1GC", "-XX:+UseStringDeduplication");
  }
}
