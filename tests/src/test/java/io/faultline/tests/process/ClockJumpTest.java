package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The time of day jumps during a migration. The test sets the clock of the whole machine, which
 * affects everything that runs there, and so runs only with {@code -Dfaultline.clock.jumps=true}.
 */
class ClockJumpTest {
  /** Longer than the heartbeat and the give-up time of these nodes. */
  private static final Duration JUMP = Duration.ofSeconds(45);

  private static final int JUMPS = 4;
  private static final int PAGES = 64 << 8;

  @RegisterExtension private final Processes processes = new Processes();

  @Test
  void noPeerIsDeclaredLostWhenTheTimeOfDayJumps() throws Exception {
    assumeTrue(
        Boolean.getBoolean("faultline.clock.jumps"),
        "would set the machine's clock: allow it with -Dfaultline.clock.jumps=true");
    int meters = Ports.free();
    Path destJson = processes.file("dest.json");
    Path sourceJson = processes.file("source.json");
    Node dest =
        processes.start(
            "dest",
            "--listen=127.0.0.1:0",
            "--metrics=127.0.0.1:" + meters,
            "--heartbeat=1s",
            "--give-up-after=30s",
            "--json=" + destJson);
    Node source =
        processes.start(
            "source",
            "--to=127.0.0.1:" + dest.awaitPort(),
            "--ram=64m",
            "--working-set=64m",
            "--bandwidth=10m",
            "--prefetch=off",
            "--pace=500",
            "--heartbeat=1s",
            "--give-up-after=30s",
            "--json=" + sourceJson);
    jumpDuringMigration(Meters.at(meters));
    source.awaitSuccess();
    dest.awaitSuccess();
    source.assertNoStackTrace();
    dest.assertNoStackTrace();
    Result.read(destJson).assertVerified();
    Result atSource = Result.read(sourceJson);
    assertThat(atSource.number("recoveries")).isZero();
    assertThat(atSource.decimal("total_ms")).isBetween(0.0, (double) Node.LIMIT.toMillis());
  }

  /** Jumps forward and back, at equal intervals of placed pages, and finally corrects the clock. */
  private static void jumpDuringMigration(Meters atDest) throws Exception {
    Instant before = Instant.now();
    long since = System.nanoTime();
    try {
      for (int jump = 0; jump < JUMPS; jump++) {
        int pages = (jump + 1) * PAGES / (JUMPS + 1);
        await()
            .atMost(Node.LIMIT)
            .pollInterval(Duration.ofMillis(10))
            .until(() -> placed(atDest) >= pages);
        set(Instant.now().plus(jump % 2 == 0 ? JUMP : JUMP.multipliedBy(-2)));
        assertThat(placed(atDest)).as("pages after jump %s", jump).isBetween(pages, PAGES - 1);
      }
    } finally {
      set(before.plusNanos(System.nanoTime() - since));
    }
  }

  private static int placed(Meters atDest) throws InterruptedException {
    return (int)
        (atDest.value("faultline_pages_placed_bulk_total")
            + atDest.value("faultline_pages_placed_urgent_total"));
  }

  private static void set(Instant time) {
    String seconds = String.format("@%d.%09d", time.getEpochSecond(), time.getNano());
    assertThat(Shell.run("date", "--set=" + seconds)).isEmpty();
  }
}
