package io.faultline.demo.vm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConsoleTicksTest {
  private final List<String> passedOn = new ArrayList<>();
  private final ConsoleTicks ticks = new ConsoleTicks(passedOn::add);

  @Test
  void consecutiveTicksAreCorrectWhereverTheyBegin() {
    write("tick 41", "tick 42", "tick 43");
    assertThat(ticks.first()).isEqualTo(41);
    assertThat(ticks.last()).isEqualTo(43);
    assertThat(ticks.findProblem(43)).isEmpty();
    assertThat(passedOn).containsExactly("tick 41", "tick 42", "tick 43");
  }

  @ParameterizedTest
  @CsvSource({
    "tick 1|tick 3, tick 3 after tick 1",
    "tick 1|tick 2|tick 2, tick 2 after tick 2",
    "tick 1|ti|ck 2, 'ti' after tick 1",
    "tick 1|tick 2x, 'tick 2x' after tick 1",
    "tick 7|tick 1, tick 1 after tick 7",
  })
  void lostRepeatedOrTornLineIsReported(String lines, String problem) {
    write(lines.split("\\|", -1));
    assertThat(ticks.findProblem(ticks.last()))
        .hasValueSatisfying(p -> assertThat(p).contains(problem));
  }

  @Test
  void missingLastTickIsReported() {
    write("tick 1", "tick 2");
    assertThat(ticks.findProblem(3))
        .hasValueSatisfying(p -> assertThat(p).contains("tick 2, not tick 3"));
  }

  @Test
  void consoleWithoutALineHasNoProblem() {
    assertThat(ticks.findProblem(5)).isEmpty();
    assertThat(ticks.last()).isZero();
  }

  private void write(String... lines) {
    for (String line : lines) {
      ticks.accept(line);
    }
  }
}
