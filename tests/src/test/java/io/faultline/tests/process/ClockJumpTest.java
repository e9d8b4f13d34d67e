package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The time of day jumps while memory moves. It is that of the whole machine, and whatever else runs
 * there sees it jump too: so only where somebody says {@code -Dfaultline.clock.jumps=true}.
 */
class ClockJumpTest {
  /** Longer than these nodes wait for their peer, or give up after. */
  private static final Duration JUMP = Duration.ofSeconds(45);

  private static final long BETWEEN_MILLIS = 700;

  @RegisterExtension private final Processes processes = new Processes();

  @Test
  void nobodyIsTakenForLostWhenTheTimeOfDayJumps() throws Exception {
    assumeTrue(
        Boolean.getBoolean("faultline.clock.jumps"),
        "sets the machine's clock: -Dfaultline.clock.jumps=true lets it");
    Path json = processes.file("result.json");
    Instant before = Instant.now();
    long since = System.nanoTime();
    Node demo =
        processes.start(
            "demo",
            "--ram=64m",
            "--working-set=64m",
            "--bandwidth=10m",
            "--prefetch=off",
            "--pace=2000",
            "--heartbeat=1s",
            "--give-up-after=30s",
            "--json=" + json);
    try {
      for (int jump = 0; jump < 4; jump++) {
        Thread.sleep(BETWEEN_MILLIS);
        set(Instant.now().plus(jump % 2 == 0 ? JUMP : JUMP.multipliedBy(-2)));
      }
      demo.awaitSuccess();
    } finally {
      set(before.plusNanos(System.nanoTime() - since));
    }
    demo.assertNoStackTrace();
    Result result = Result.read(json);
    result.assertVerified();
    assertThat(result.number("recoveries")).isZero();
    assertThat(result.number("total_ms")).isBetween(0L, Node.LIMIT.toMillis());
  }

  private static void set(Instant time) {
    String seconds = String.format("@%d.%09d", time.getEpochSecond(), time.getNano());
    assertThat(Shell.run("date", "--set=" + seconds)).isEmpty();
  }
}
