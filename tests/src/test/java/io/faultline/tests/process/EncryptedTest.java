package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.tests.tags.RunsAlone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * {@code demo --tls} with what {@code keys} makes: as without TLS, and nothing to read on the way.
 */
class EncryptedTest {
  private static final long MIB = 1 << 20;

  @RegisterExtension private final Processes processes = new Processes();

  @Test
  void keysAreTheirOwnersAloneAndNeverOverwritten() throws Exception {
    Path set = keys();
    try (Stream<Path> files = Files.walk(set)) {
      for (Path each : files.toList()) {
        String owners = Files.isDirectory(each) ? "rwx------" : "rw-------";
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(each)))
            .as("%s", each)
            .isEqualTo(owners);
      }
    }
    String before = Files.readString(set.resolve("source/key.pem"));
    Node again = processes.start("keys", set.toString());
    again.awaitFailure(1, Node.LIMIT);
    assertThat(again.err()).singleElement().asString().contains("never overwritten");
    assertThat(Files.readString(set.resolve("source/key.pem"))).isEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource({"anonymous, postcopy, copy", "shmem, hybrid, continue"})
  void memoryArrivesEncryptedOverANetworkThatIsCut(String backing, String mode, String place)
      throws Exception {
    Result result =
        demo(
            128,
            "--backing=" + backing,
            "--mode=" + mode,
            "--place=" + place,
            "--chaos=cut=3,seed=11");
    assertThat(result.number("recoveries")).isGreaterThanOrEqualTo(3);
  }

  @RunsAlone
  @Test
  void hugePagesArriveEncryptedInParts() throws Exception {
    HugePages.Reservation possible = HugePages.reserve(2 * 64 / 2);
    try (possible) {
      assumeTrue(possible.isEnough(), possible.reason());
    }
    demo(64, "--backing=hugetlb-2m", "--mode=hybrid", "--place=continue");
  }

  private Result demo(int mebibytes, String... more) throws Exception {
    Path json = processes.file("result.json");
    List<String> arguments =
        new ArrayList<>(
            List.of("demo", "--tls=" + keys(), "--ram=" + mebibytes + "m", "--json=" + json));
    arguments.addAll(List.of(more));
    Node demo = processes.startWith(List.of(), arguments);
    demo.awaitSuccess();
    demo.assertNoStackTrace();
    Result result = Result.read(json);
    result.assertGood(mebibytes * MIB, 2);
    return result;
  }

  private Path keys() throws IOException, InterruptedException {
    Path set = processes.file("set");
    processes.start("keys", set.toString()).awaitSuccess();
    return set;
  }
}
