package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.faultline.tests.migration.MigrationHost;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A source that is gone for good, with pages. */
class LostSourceTest {
  /** More pages than a VM of KVM has for its page tables, which are asked for first. */
  private static final int PAGE_TABLES = 100;

  private static final String NEEDED =
      ".*the VM touched a missing page: memory error at 0x[0-9a-f]+: page [0-9]+ of ram .* is lost";

  @RegisterExtension private final Processes processes = new Processes();

  @ParameterizedTest
  @CsvSource({
    "simulated, kernel, anonymous, copy",
    "simulated, kernel, shmem, continue",
    "simulated, simulated, anonymous, copy"
  })
  void vmGoesOnUntilItNeedsALostPage(String vm, String engine, String backing, String place)
      throws Exception {
    Path json = processes.file("dest.json");
    Node dest =
        dest(
            "--engine=" + engine,
            "--on-lost-source=poison",
            "--lost-after=1s",
            "--run-on=60s",
            "--json=" + json);
    loseSource(
        dest, "--vm=" + vm, "--engine=" + engine, "--backing=" + backing, "--place=" + place);
    dest.awaitFailure(1, Node.LIMIT);
    assertThat(dest.err())
        .anyMatch(line -> line.contains("pages are missing: the VM continues without them"))
        .anyMatch(line -> line.matches(NEEDED));
    Result result = Result.read(json);
    assertThat(result.isVerified()).isFalse();
    assertThat(result.at("rest_verified").asBoolean()).as("what came is right").isTrue();
  }

  @ParameterizedTest
  @CsvSource({"anonymous, copy", "shmem, continue"})
  void vmOfKvmGoesOnUntilItNeedsALostPage(String backing, String place) throws Exception {
    MigrationHost.assumeKvm();
    Path json = processes.file("dest.json");
    Node dest =
        dest("--on-lost-source=poison", "--lost-after=1s", "--run-on=60s", "--json=" + json);
    loseSource(dest, "--vm=kvm", "--backing=" + backing, "--place=" + place);
    dest.awaitFailure(1, Node.LIMIT);
    assertThat(dest.err())
        .anyMatch(line -> line.contains("pages are missing: the VM continues without them"))
        .anyMatch(
            line ->
                line.matches(
                    "(?s).*the VM touched a missing page: memory error at 0x.* is lost.*"));
    Result result = Result.read(json);
    assertThat(result.isVerified()).isFalse();
    assertThat(result.number("pages.lost")).isPositive();
  }

  @Test
  void vmIsStoppedWhereThatWasAskedFor() throws Exception {
    Node dest = dest("--on-lost-source=abort", "--lost-after=1s");
    loseSource(dest);
    dest.awaitFailure(1, Node.LIMIT);
    assertThat(dest.err().getLast()).contains("the VM was stopped", "pages are missing");
  }

  @ParameterizedTest
  @CsvSource({
    "--on-lost-source=poison, needs --lost-after",
    "--lost-after=3s, --on-lost-source",
    "--on-lost-source=abort --lost-after=3s --give-up-after=3s, --give-up-after",
    "--on-lost-source=panic, wait"
  })
  void optionsThatDoNotGoTogetherAreRefused(String options, String named) throws Exception {
    Node dest = dest(options.split(" ", -1));
    dest.awaitFailure(2, Node.LIMIT);
    assertThat(dest.err()).singleElement().asString().contains(named);
  }

  private Node dest(String... more) throws IOException {
    String[] all = new String[more.length + 3];
    all[0] = "dest";
    all[1] = "--listen=127.0.0.1:0";
    all[2] = "--rehearsal=0ms";
    System.arraycopy(more, 0, all, 3, more.length);
    return processes.start(all);
  }

  /** Kills the source of a VM that needs all of its memory, some of which has come. */
  private void loseSource(Node dest, String... more) throws Exception {
    int meters = Ports.free();
    String[] all = new String[more.length + 8];
    all[0] = "source";
    all[1] = "--to=127.0.0.1:" + dest.awaitPort();
    all[2] = "--metrics=127.0.0.1:" + meters;
    all[3] = "--ram=128m";
    all[4] = "--working-set=128m";
    all[5] = "--workload=uniform";
    all[6] = "--bandwidth=4m";
    all[7] = "--quiet";
    System.arraycopy(more, 0, all, 8, more.length);
    Node source = processes.start(all);
    Meters atSource = Meters.at(meters);
    await()
        .atMost(Node.LIMIT)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> atSource.value("faultline_requests_received_total") > PAGE_TABLES);
    source.kill();
  }
}
