package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.faultline.tests.migration.MigrationHost;
import io.faultline.tests.tags.Nightly;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The memory of a destination whose source is lost permanently, as the kernel shows it to another
 * process while the VM runs.
 */
class PoisonedMemoryTest {
  private static final long RAM_BYTES = 64L << 20;
  private static final long WORKING_SET_BYTES = 1 << 20;

  @RegisterExtension private final Processes processes = new Processes();

  @Nightly
  @Test
  void missingPagesOfSharedMemoryArePoisonedThatIsCopied() throws Exception {
    missingPagesArePoisonedAndTheRestIsCorrect("shmem", "copy");
  }

  @ParameterizedTest
  @CsvSource({"anonymous, copy", "shmem, continue"})
  void missingPagesArePoisonedAndTheRestIsCorrect(String backing, String place) throws Exception {
    MigrationHost.kernel(); // a kernel with WP_ASYNC has UFFDIO_POISON as well
    Path json = processes.file("dest.json");
    Node dest =
        processes.start(
            "dest",
            "--listen=127.0.0.1:0",
            "--engine=kernel",
            "--rehearsal=0ms",
            "--on-lost-source=poison",
            "--lost-after=1s",
            "--run-on=10s",
            "--json=" + json);
    Node source =
        processes.start(
            "source",
            "--to=127.0.0.1:" + dest.awaitPort(),
            "--backing=" + backing,
            "--place=" + place,
            "--ram=64m",
            "--working-set=" + WORKING_SET_BYTES,
            "--workload=sequential",
            ControlSocket.HELD,
            "--rehearsal=0ms",
            "--quiet");
    awaitWorkingSet(dest);
    source.kill();
    dest.awaitError("pages are missing: the VM continues without them");
    long poisoned = awaitPoison(dest);
    dest.awaitFailure(1, Node.LIMIT);
    assertThat(dest.err())
        .anyMatch(line -> line.contains("the VM has not touched a missing page so far"));
    Result result = Result.read(json);
    assertThat(result.number("pages.lost")).isEqualTo(poisoned).isPositive();
    assertThat(result.isVerified()).as("pages are lost").isFalse();
    assertThat(result.at("rest_verified").asBoolean()).as("all other pages are correct").isTrue();
  }

  /** Waits until the guest's working set, at the start of its memory, is there. */
  private static void awaitWorkingSet(Node dest) {
    await()
        .atMost(Node.LIMIT)
        .untilAsserted(
            () -> {
              try (ForeignMemory memory = ForeignMemory.ofRegistered(dest.pid(), RAM_BYTES)) {
                assertThat(memory.missingBefore(WORKING_SET_BYTES)).isZero();
              }
            });
  }

  /** Waits until no page is missing; returns how many are poisoned. */
  private static long awaitPoison(Node dest) {
    ForeignMemory.PageCounts pages =
        await().atMost(Node.LIMIT).until(() -> count(dest), found -> found.missing() == 0);
    assertThat(pages.readable()).as("%s", pages).isPositive();
    return pages.poisoned();
  }

  private static ForeignMemory.PageCounts count(Node dest) throws IOException {
    try (ForeignMemory memory = ForeignMemory.ofRegistered(dest.pid(), RAM_BYTES)) {
      return memory.count();
    }
  }
}
