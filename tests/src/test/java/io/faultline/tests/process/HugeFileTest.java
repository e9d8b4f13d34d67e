package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.source.journal.JournalStage;
import io.faultline.source.journal.Journals;
import io.faultline.tests.tags.RunsAlone;
import io.faultline.uffd.HugePageLoan;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Guest memory in a named file in hugetlbfs, which survives the source process. */
@RunsAlone
class HugeFileTest {
  private static final int RAM_MIB = 64;

  /** Huge pages of both sides. */
  private static final long PAGES = 2 * RAM_MIB / 2;

  @RegisterExtension private final Processes processes = new Processes();

  @ParameterizedTest
  @ValueSource(strings = {"copy", "continue"})
  void noPageIsLostWhenTheSourceIsKilledAfterRun(String place) throws Exception {
    Path json = processes.file("result.json");
    long poolBefore = HugePages.total();
    try (HugePageLoan _ = HugePages.borrow(PAGES);
        HugeFileSystem files = HugeFileSystem.mount(processes.file("huge"), RAM_MIB)) {
      Node demo =
          processes.start(
              "demo",
              "--backing=file:" + files.file("vm"),
              "--chaos=kill-source=2,seed=3",
              "--place=" + place,
              "--ram=" + RAM_MIB + "m",
              "--working-set=" + RAM_MIB + "m",
              "--heartbeat=1s",
              "--json=" + json);
      demo.awaitSuccess();
      demo.assertNoStackTrace();
      assertThat(files.directory()).as("the demo removes its memory").isEmptyDirectory();
    }
    assertThat(HugePages.total()).as("pages in the pool").isEqualTo(poolBefore);
    Result result = Result.read(json);
    result.assertVerified();
    assertThat(result.number("page_size")).isEqualTo(2 << 20);
    assertThat(result.number("recoveries")).isGreaterThanOrEqualTo(2);
  }

  @Test
  void resumeRefusesATruncatedMemoryFile() throws Exception {
    Path state = Files.createDirectory(processes.file("state"));
    try (HugePageLoan _ = HugePages.borrow(PAGES);
        HugeFileSystem files = HugeFileSystem.mount(processes.file("huge"), RAM_MIB)) {
      Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet", "--rehearsal=0ms");
      Node source = source(files.file("vm"), dest.awaitPort(), state, ControlSocket.HELD);
      String id = JournalDirectory.awaitStage(state, JournalStage.COMMITTED).id();
      source.kill();
      assertThat(source.await(Node.LIMIT)).isNotZero();
      try (FileChannel file = FileChannel.open(files.file("vm"), StandardOpenOption.WRITE)) {
        file.truncate(2 << 20);
      }
      Node resumed = processes.start("source", "--resume=" + id, "--state=" + state, "--quiet");
      resumed.awaitFailure(1, Node.LIMIT);
      assertThat(resumed.err().getLast())
          .contains(files.file("vm").toString(), "has 2097152 bytes, not " + (RAM_MIB << 20));
      assertThat(new Journals(state).list()).as("journals").hasSize(1);
      Files.delete(files.file("vm"));
    }
  }

  @Test
  void errorNamesTheFileSystemThatIsTooSmall() throws Exception {
    try (HugePageLoan _ = HugePages.borrow(PAGES);
        HugeFileSystem files = HugeFileSystem.mount(processes.file("huge"), RAM_MIB / 2)) {
      Node source = source(files.file("vm"), 9, Files.createDirectory(processes.file("state")));
      source.awaitFailure(1, Node.LIMIT);
      assertThat(source.err().getLast()).contains(files.file("vm").toString(), "mount option size");
      Files.delete(files.file("vm"));
    }
  }

  @Test
  void tooSmallPoolIsAUsageError() throws Exception {
    try (HugeFileSystem files = HugeFileSystem.mount(processes.file("huge"), 1 << 20)) {
      long pages = HugePages.total() + 8;
      Node source =
          processes.start(
              "source",
              "--to=127.0.0.1:9",
              "--ram=" + 2 * pages + "m",
              "--backing=file:" + files.file("vm"));
      source.awaitFailure(2, Node.LIMIT);
      assertThat(source.err())
          .singleElement()
          .asString()
          .contains(
              2 * pages + " MiB wanted",
              "pool of huge pages of 2 MiB",
              "run: sysctl -w vm.nr_hugepages=");
      assertThat(files.directory()).isEmptyDirectory();
    }
  }

  @Test
  void missingDirectoryIsAUsageError() throws Exception {
    Path absent = processes.file("absent").resolve("vm");
    Node source = processes.start("source", "--to=127.0.0.1:9", "--backing=file:" + absent);
    source.awaitFailure(2, Node.LIMIT);
    assertThat(source.err())
        .singleElement()
        .asString()
        .contains(absent.toString(), "a file in an existing directory");
  }

  private Node source(Path memory, int port, Path state, String... more) throws Exception {
    return processes.start(
        List.of(
            "source",
            "--to=127.0.0.1:" + port,
            "--backing=file:" + memory,
            "--ram=" + RAM_MIB + "m",
            "--rehearsal=0ms",
            "--state=" + state,
            "--quiet"),
        more);
  }
}
