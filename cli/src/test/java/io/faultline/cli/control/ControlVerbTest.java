package io.faultline.cli.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.cli.options.UsageException;
import io.faultline.cli.status.LiveNode;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ControlVerbTest {
  private static final LiveNode SOURCE = new LiveNode(true, "ab12", 1, Path.of("1.control"));
  private static final LiveNode DEST = new LiveNode(false, "ab12", 2, Path.of("2.control"));
  private static final LiveNode OTHER = new LiveNode(true, "cd34", 3, Path.of("3.control"));

  @Test
  void idIsOptionalAndComesFirst() {
    assertThat(ControlVerb.parse(List.of("ab", "bandwidth", "50m")))
        .isEqualTo(new ControlVerb.Parsed("ab", ControlVerb.BANDWIDTH, "50m"));
    assertThat(ControlVerb.parse(List.of("cancel")))
        .isEqualTo(new ControlVerb.Parsed(null, ControlVerb.CANCEL, ""));
  }

  @Test
  void wrongUseIsRefusedWithWhatIsMissing() {
    assertRefused("a verb is missing");
    assertRefused("a verb is missing", "ab");
    assertRefused("wrong arguments: use bandwidth RATE", "bandwidth");
    assertRefused("wrong arguments: use cancel", "cancel", "now");
    assertRefused("'stop' is not a verb", "ab", "stop");
    assertRefused("neither a verb nor the id", "stop", "cancel");
    assertThatThrownBy(() -> ControlVerb.BANDWIDTH.request("50mb"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("is not a rate");
    assertThatThrownBy(() -> ControlVerb.TO.request("host"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("has no port");
  }

  @Test
  void unlimitedBandwidthIsZeroOnTheWire() {
    assertThat(ControlVerb.BANDWIDTH.request("unlimited").getSetBandwidth().getBytesPerSecond())
        .isZero();
    assertThat(ControlVerb.BANDWIDTH.request("50m").getSetBandwidth().getBytesPerSecond())
        .isEqualTo(50L << 20);
  }

  @Test
  void onlyCandidateIsChosenAndTheSourceOfAPair() {
    assertThat(NodeChoice.of(List.of(DEST, SOURCE), null, null)).isEqualTo(SOURCE);
    assertThat(NodeChoice.of(List.of(DEST, SOURCE), null, ControlRole.DEST)).isEqualTo(DEST);
    assertThat(NodeChoice.of(List.of(DEST, SOURCE, OTHER), "cd", null)).isEqualTo(OTHER);
    assertThatThrownBy(() -> NodeChoice.of(List.of(SOURCE, OTHER), null, null))
        .hasMessageContaining("source ab12, source cd34");
    assertThatThrownBy(() -> NodeChoice.of(List.of(), null, null))
        .hasMessageContaining("no node can be controlled");
  }

  private static void assertRefused(String message, String... words) {
    assertThatThrownBy(() -> ControlVerb.parse(List.of(words)))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining(message);
  }
}
