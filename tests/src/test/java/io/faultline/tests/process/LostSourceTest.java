package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.tests.migration.MigrationHost;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A source is lost permanently, together with pages that it had not sent. */
class LostSourceTest {
  /** More than the number of page-table pages of a KVM VM, which are requested first. */
  private static final int PAGE_TABLES = 100;

  /** Or requests alone could bring all pages before the source is killed. */
  private static final String SLOW = "--pace=2000";

  private static final String NEEDED =
      ".*the VM touched a missing page: memory error at 0x[0-9a-f]+: page [0-9]+ of ram .* is lost";

  @RegisterExtension private final Processes processes = new Processes();

  @ParameterizedTest
  @CsvSource({
    "simulated, kernel, anonymous, copy",
    "simulated, kernel, shmem, continue",
    "simulated, simulated, anonymous, copy"
  })
  void vmContinuesUntilItNeedsALostPage(String vm, String engine, String backing, String place)
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
        dest, SLOW, "--vm=" + vm, "--engine=" + engine, "--backing=" + backing, "--place=" + place);
    dest.awaitFailure(1, Node.LIMIT);
    assertThat(dest.err())
        .anyMatch(line -> line.contains("pages are missing: the VM continues without them"))
        .anyMatch(line -> line.matches(NEEDED));
    Result result = Result.read(json);
    assertThat(result.isVerified()).isFalse();
    assertThat(result.at("rest_verified").asBoolean()).as("received pages are correct").isTrue();
  }

  @ParameterizedTest
  @CsvSource({"anonymous, copy", "shmem, continue"})
  void kvmVmContinuesUntilItNeedsALostPage(String backing, String place) throws Exception {
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
  void vmIsStoppedWithOnLostSourceAbort() throws Exception {
    Node dest = dest("--on-lost-source=abort", "--lost-after=1s");
    loseSource(dest, SLOW);
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
  void conflictingOptionsAreRefused(String options, String named) throws Exception {
    Node dest = dest(options.split(" ", -1));
    dest.awaitFailure(2, Node.LIMIT);
    assertThat(dest.err()).singleElement().asString().contains(named);
  }

  private Node dest(String... more) throws IOException {
    return processes.start(List.of("dest", "--listen=127.0.0.1:0", "--rehearsal=0ms"), more);
  }

  /** Starts a source of a VM that uses all of its memory, and kills it after some requests. */
  private void loseSource(Node dest, String... more) throws Exception {
    int meters = Ports.free();
    Node source =
        processes.start(
            List.of(
                "source",
                "--to=127.0.0.1:" + dest.awaitPort(),
                "--metrics=127.0.0.1:" + meters,
                "--ram=128m",
                "--working-set=128m",
                "--workload=uniform",
                ControlSocket.HELD,
                "--quiet"),
            more);
    Meters.at(meters).awaitAbove("faultline_requests_received_total", PAGE_TABLES);
    source.kill();
  }
}
