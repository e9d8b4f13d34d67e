package io.faultline.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TerminalTest {
  @Test
  void coloursAreOnByDefault() {
    assertThat(Terminal.wantsColours(Map.of("TERM", "xterm"))).isTrue();
    assertThat(Terminal.wantsColours(Map.of("TERM", "xterm", "NO_COLOR", ""))).isTrue();
  }

  @Test
  void coloursAreOffWithNoColorAndOnDumbTerminals() {
    assertThat(Terminal.wantsColours(Map.of("TERM", "xterm", "NO_COLOR", "1"))).isFalse();
    assertThat(Terminal.wantsColours(Map.of("TERM", "dumb"))).isFalse();
    assertThat(Terminal.wantsColours(Map.of())).isFalse();
  }
}
