package io.faultline.qemu.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ConsoleChecksTest {
  private final ConsoleChecks console = new ConsoleChecks();

  @Test
  void lineThatBeginsAtTheSourceEndsAtTheDestination() {
    add("SeaBIOS\r\nready 12\r\ncheck 0 ok 7.10 1000\r\ncheck 1 o");
    add("k 7.30 1000\r\ncheck 2 ok 9.00 1002\r\n");
    assertThat(console.problems()).isEmpty();
    assertThat(console.checks()).isEqualTo(3);
    assertThat(console.longestGapSeconds()).isBetween(1.69, 1.71);
  }

  @Test
  void badSumIsFound() {
    add("check 0 ok 7.10 1000\ncheck 1 BAD 7.20 1000\n");
    assertThat(console.problems()).containsExactly("check 1 found a bad sum");
  }

  @Test
  void lostAndRepeatedLinesAreFound() {
    add("check 0 ok 1.00 10\ncheck 2 ok 1.10 10\ncheck 2 ok 1.20 10\n");
    assertThat(console.problems())
        .containsExactly("check 2 came instead of 1", "check 2 came instead of 3");
  }

  @Test
  void damagedLineIsFound() {
    add("check 0 ok 1.00 10\nchcheck 1 ok 1.10 10\n");
    assertThat(console.problems()).singleElement().asString().contains("\"chcheck 1 ok 1.10 10\"");
  }

  @Test
  void clocksThatGoBackOrJumpAreFound() {
    add("check 0 ok 5.00 100\ncheck 1 ok 4.90 100\ncheck 2 ok 5.00 105\n");
    assertThat(console.problems())
        .containsExactly(
            "at check 1 the uptime went back from 5.0 to 4.9",
            "at check 2 the real time jumped by 5.0 s against the uptime");
  }

  @Test
  void manyProblemsAreNotAllKept() {
    add("check 0 BAD 1.00 10\n".repeat(100));
    assertThat(console.problems()).hasSize(20);
  }

  private void add(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    console.add(bytes, bytes.length);
  }
}
