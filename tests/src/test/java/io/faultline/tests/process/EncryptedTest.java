package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.tests.tags.Nightly;
import io.faultline.tests.tags.RunsAlone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code keys}, and {@code demo --tls} with the key sets that it creates. */
class EncryptedTest {
  private static final long MIB = 1 << 20;

  @RegisterExtension private final Processes processes = new Processes();

  @Test
  void keysAreReadableByTheirOwnerOnlyAndNeverOverwritten() throws Exception {
    Path set = keys();
    try (Stream<Path> files = Files.walk(set)) {
      for (Path each : files.toList()) {
        String expected = Files.isDirectory(each) ? "rwx------" : "rw-------";
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(each)))
            .as("%s", each)
            .isEqualTo(expected);
      }
    }
    String before = Files.readString(set.resolve("source/key.pem"));
    Node again = processes.start("keys", set.toString());
    again.awaitFailure(1, Node.LIMIT);
    assertThat(again.err()).singleElement().asString().contains("never overwritten");
    assertThat(Files.readString(set.resolve("source/key.pem"))).isEqualTo(before);
  }

  /** Postcopy over two connections is in {@link ChannelsTest}. */
  @Nightly
  @Test
  void encryptedMemoryArrivesInPostcopyDespiteConnectionCuts() throws Exception {
    encryptedMemoryArrivesDespiteConnectionCuts("anonymous", "postcopy", "copy");
  }

  @ParameterizedTest
  @CsvSource({"shmem, hybrid, continue"})
  void encryptedMemoryArrivesDespiteConnectionCuts(String backing, String mode, String place)
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
  void encryptedHugePagesArriveInParts() throws Exception {
    HugePages.assumeAvailable(2 * 64 / 2);
    demo(64, "--backing=hugetlb-2m", "--mode=hybrid", "--place=continue");
  }

  private Result demo(int mebibytes, String... more) throws Exception {
    List<String> options = List.of("--tls=" + keys(), "--ram=" + mebibytes + "m");
    Result result = Demo.run(processes, options, more).result();
    result.assertMigrated(mebibytes * MIB, 2);
    return result;
  }

  private Path keys() throws IOException, InterruptedException {
    Path set = processes.file("set");
    processes.start("keys", set.toString()).awaitSuccess();
    return set;
  }
}
