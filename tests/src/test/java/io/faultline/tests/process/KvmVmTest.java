package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.tests.migration.MigrationHost;
import io.faultline.tests.tags.RunsAlone;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code --vm kvm}: migrations of KVM VMs between processes. */
class KvmVmTest {
  private static final Pattern TICK =
      Pattern.compile("(?:guest at the (?:source|destination): )?tick ([0-9]+)");

  @RegisterExtension private final Processes processes = new Processes();

  @BeforeAll
  static void assumeKvm() {
    MigrationHost.assumeKvm();
  }

  @Test
  void demoIsVerifiedAndTheConsoleHasNoGap() throws Exception {
    Result result = demo("--vcpus=2");
    assertThat(result.text("mode")).isEqualTo("postcopy");
    assertThat(result.number("faults")).isPositive();
    assertThat(result.at("blocktime_ms.per_vcpu").size()).isEqualTo(2);
  }

  @RunsAlone
  @Test
  void precopiedHugePagesAreMostlyCurrent() throws Exception {
    HugePages.assumeAvailable(2 * 64 / 2);
    Result result =
        demo("--mode=hybrid", "--backing=hugetlb-2m", "--place=continue", "--working-set=16m");
    assertThat(result.text("placement")).isEqualTo("continue");
    assertThat(result.number("pages.current")).isGreaterThan(48 << 8);
  }

  /** Page tables, code, programs and scratch areas are sent right after RUN, without a request. */
  @Test
  void pagesThatVcpusStartWithAreSentWithoutARequest() throws Exception {
    int tables = 2 + 2 + 1; // the two upper levels, low and read-only memory, one GiB of RAM
    int code = 1;
    int programs = 1;
    int scratch = 2 * 2;
    Result result = demo("--vcpus=2", "--prefetch=off");
    assertThat(result.number("pages.prefetched")).isEqualTo(tables + code + programs + scratch);
  }

  @Test
  void writeProtectionWorksAsDirtyLog() throws Exception {
    Result result = demo("--mode=hybrid", "--dirty-log=write-protect", "--backing=shmem");
    assertThat(result.number("pages.current")).isPositive();
  }

  @Test
  void vmMovesFromOneNetworkNamespaceToAnother() throws Exception {
    try (Namespaces namespaces = Namespaces.create()) {
      assumeTrue(namespaces.exist(), namespaces.reason());
      Path token = Files.writeString(processes.file("token"), "a token that both sides know");
      Path json = processes.file("dest.json");
      Node dest =
          processes.startWith(
              namespaces.inSecond(),
              List.of(
                  "dest",
                  "--vm=kvm",
                  "--token-file=" + token,
                  "--listen=" + Namespaces.SECOND_ADDRESS + ":0",
                  "--json=" + json));
      String to = Namespaces.SECOND_ADDRESS + ":" + dest.awaitPort();
      Node source =
          processes.startWith(
              namespaces.inFirst(),
              List.of("source", "--vm=kvm", "--token-file=" + token, "--to=" + to, "--ram=64m"));
      source.awaitSuccess();
      dest.awaitSuccess();
      Result.read(json).assertVerified();
      assertUnbroken(ticks(source), ticks(dest));
    }
  }

  @Test
  void kvmDestinationRefusesOtherVms() throws Exception {
    Node dest = processes.start("dest", "--vm=kvm", "--listen=127.0.0.1:0");
    Node source =
        processes.start("source", "--to=127.0.0.1:" + dest.awaitPort(), "--ram=16m", "--quiet");
    source.awaitFailure(1, Node.LIMIT);
    assertThat(source.err().getFirst())
        .contains("'simulated'", "--vm kvm", "the VM continues here");
    dest.awaitFailure(1, Node.LIMIT);
  }

  @Test
  void simulatedKernelIsRefused() throws Exception {
    Node dest = processes.start("dest", "--vm=kvm", "--engine=simulated", "--listen=127.0.0.1:0");
    dest.awaitFailure(1, Node.LIMIT);
    assertThat(dest.err()).singleElement().asString().contains("--engine kernel");
  }

  private Result demo(String... more) throws Exception {
    Demo demo = Demo.run(processes, List.of("--vm=kvm", "--ram=64m"), more);
    Result result = demo.result();
    result.assertMigrated(2);
    assertThat(result.text("vm")).isEqualTo("kvm");
    assertThat(result.at("console.unbroken").asBoolean()).isTrue();
    assertUnbroken(ticks(demo.node()), List.of());
    return result;
  }

  /** The tick numbers that the guest printed, in order. */
  private static List<Long> ticks(Node node) {
    return node.out().stream()
        .map(TICK::matcher)
        .filter(Matcher::matches)
        .map(matcher -> Long.parseLong(matcher.group(1)))
        .toList();
  }

  private static void assertUnbroken(List<Long> before, List<Long> after) {
    List<Long> all = new ArrayList<>(before);
    all.addAll(after);
    assertThat(all).as("ticks").isNotEmpty();
    List<Long> expected = LongStream.rangeClosed(1, all.size()).boxed().toList();
    // Two threads of the demo print the lines of both sides, in no certain order.
    assertThat(after.isEmpty() ? all.stream().sorted().toList() : all).isEqualTo(expected);
  }
}
