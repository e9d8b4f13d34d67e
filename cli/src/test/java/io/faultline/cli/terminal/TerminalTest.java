package io.faultline.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TerminalTest {
  @Test
  void widthIsParsedFromTheOutputOfStty() {
    assertThat(Terminal.parseColumns("24 80", 100)).isEqualTo(80);
    assertThat(Terminal.parseColumns("0 0", 100)).isEqualTo(100);
    assertThat(Terminal.parseColumns("speed 9600", 100)).isEqualTo(100);
    assertThat(Terminal.parseColumns(null, 100)).isEqualTo(100);
  }

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
