package io.faultline.tests.criu;

import io.faultline.tests.tags.Nightly;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link LazyPagesTest}, twenty times: the races between events and pages differ each time. */
@Nightly
class RepeatedLazyPagesTest {
  private static final int REPETITIONS = 20;

  @RegisterExtension private static final Labs LABS = new Labs();

  private final SlowMove move = new SlowMove(LABS, LABS.ownDaemon());

  @ParameterizedTest
  @MethodSource("repeatedly")
  void memoryIsRight(Scenario scenario) throws Exception {
    move.run(scenario);
  }

  @RepeatedTest(REPETITIONS)
  void memoryOfATreeWithAZombieIsRight() throws Exception {
    move.runTree(3);
  }

  private static Stream<Scenario> repeatedly() {
    return Stream.generate(() -> List.of(Scenario.values()))
        .limit(REPETITIONS)
        .flatMap(List::stream);
  }
}
