package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.tests.migration.MigrationHost;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that cannot be written, and readers that do not read: no result gets lost. */
class LostResultTest {
  private static final int WRONG_USE = 2;
  private static final int WRITTEN_ELSEWHERE = 3;
  private static final String SPARE = "it is in ";

  @RegisterExtension private final Processes processes = new Processes();

  /** One line, so nothing was started: demo and bench announce it, and a destination listens. */
  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @ValueSource(
      strings = {
        "demo --json",
        "source --to=127.0.0.1:1 --json",
        "source --resume=abcd --json",
        "dest --json",
        "bench --quick --json",
        "bench --quick --html",
        "conformance --json"
      })
  void pathThatCannotBeWrittenIsRefusedBeforeAnythingStarts(String command) throws Exception {
    Node node = processes.startAsTyped(List.of((command + " /nonexistent/o.json").split(" ", -1)));
    node.awaitFailure(WRONG_USE, Node.LIMIT);
    assertThat(node.out()).isEmpty();
    assertThat(node.err())
        .containsExactly(
            "faultline: "
                + command.substring(command.lastIndexOf(' ') + 1)
                + " /nonexistent/o.json: there is no /nonexistent; create it, or name another"
                + " file");
  }

  @Execution(ExecutionMode.CONCURRENT)
  @Test
  void fullFileSystemIsRefusedBeforeAnythingStarts() throws Exception {
    try (SmallDisk disk = SmallDisk.mount(processes.file("disk"), "64k");
        MemoryFile memory = MemoryFile.named("full-disk")) {
      disk.fill();
      Path directory = disk.directory();
      String source = "source --to=127.0.0.1:1 --ram=64m " + memory.asBacking();
      expectFull("demo", "--json", directory.resolve("o.json"));
      expectFull("dest", "--state", directory);
      expectFull(source, "--journal", directory);
      expectFull(source, "--state", directory);
      assertThat(memory.present()).as("memory of a VM").isEmpty();
    }
  }

  private void expectFull(String command, String option, Path path) throws Exception {
    Node node =
        processes.startAsTyped(List.of((command + " " + option + " " + path).split(" ", -1)));
    node.awaitFailure(WRONG_USE, Node.LIMIT);
    assertThat(node.err())
        .singleElement()
        .asString()
        .startsWith("faultline: " + option + " " + path + ": No space left on device; free some");
  }

  @Test
  void resultOfARemovedDirectoryIsInATemporaryFile() throws Exception {
    Path gone = Files.createDirectory(processes.file("gone"));
    Node demo = processes.start("demo", "--ram=32m", "--json=" + gone.resolve("o.json"));
    demo.awaitError("migrating a");
    remove(gone);
    assertThat(demo.await(Node.LIMIT)).as("%s", demo).isEqualTo(WRITTEN_ELSEWHERE);
    demo.assertNoStackTrace();
    assertThat(demo.out()).anyMatch(line -> line.contains("verified: memory and vCPU state"));
    spareResult(demo).assertVerified();
  }

  @Test
  void resultsOfBothNodesAreInTemporaryFiles() throws Exception {
    Path gone = Files.createDirectory(processes.file("gone"));
    Node dest =
        processes.start("dest", "--listen=127.0.0.1:0", "--json=" + gone.resolve("dest.json"));
    int port = dest.awaitPort();
    Node source =
        processes.start(
            "source",
            "--to=127.0.0.1:" + port,
            "--ram=32m",
            "--warm-up=2s",
            "--json=" + gone.resolve("source.json"));
    Awaitility.await().atMost(Node.LIMIT).until(() -> count(gone) == 2);
    remove(gone);
    assertThat(source.await(Node.LIMIT)).as("%s", source).isEqualTo(WRITTEN_ELSEWHERE);
    assertThat(dest.await(Node.LIMIT)).as("%s", dest).isEqualTo(WRITTEN_ELSEWHERE);
    assertThat(source.out()).anyMatch(line -> line.contains("migrated: the VM runs at"));
    assertThat(dest.out()).anyMatch(line -> line.contains("verified: memory and vCPU state"));
    assertThat(spareResult(source).text("status")).isEqualTo("completed");
    spareResult(dest).assertVerified();
  }

  /** As in a container, where single files are mounted. */
  @Execution(ExecutionMode.CONCURRENT)
  @Test
  void fileThatIsAMountPointIsOverwritten() throws Exception {
    Path place = Files.createFile(processes.file("place"));
    Path mounted = Files.createFile(processes.file("mounted"));
    String problem = Shell.run("mount", "--bind", mounted.toString(), place.toString());
    assumeTrue(problem.isEmpty(), "mount --bind: " + problem);
    try {
      processes
          .start("conformance", "--engine=simulated", "--only=hugetlb", "--json=" + place)
          .awaitSuccess();
    } finally {
      assertThat(Shell.run("umount", place.toString())).isEmpty();
    }
    assertThat(Result.read(mounted).at("engines").size()).isOne();
  }

  @Execution(ExecutionMode.CONCURRENT)
  @Test
  void nothingStaysOfANodeThatIsInterrupted() throws Exception {
    Path directory = Files.createDirectory(processes.file("results"));
    Path earlier = Files.writeString(directory.resolve("o.json"), "{}");
    Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--json=" + earlier);
    dest.awaitPort();
    assertThat(count(directory)).as("files: the earlier one, and that of this run").isEqualTo(2);
    dest.interrupt();
    dest.await(Node.LIMIT);
    assertThat(count(directory)).isOne();
    assertThat(earlier).hasContent("{}");
  }

  /** As with {@code demo 2>&1 | head -0}. */
  @Test
  void closedOutputDoesNotStopAMigration() throws Exception {
    Path json = processes.file("o.json");
    UnreadPipe pipe = UnreadPipe.create(processes.file("pipe"));
    Node demo = processes.startInto(pipe.path(), "demo", "--ram=32m", "--json=" + json);
    pipe.close();
    demo.awaitSuccess();
    Result.read(json).assertVerified();
  }

  /** As with {@code demo 2>&1 | sleep 1000}. */
  @Test
  void outputThatNobodyReadsDoesNotStopAMigration() throws Exception {
    Path json = processes.file("o.json");
    try (UnreadPipe pipe = UnreadPipe.create(processes.file("pipe"))) {
      Node demo = processes.startInto(pipe.path(), "demo", "--ram=32m", "--json=" + json);
      awaitResult(json).assertVerified();
      assertThat(pipe.readUntilEnd(demo))
          .contains("faultline: migrating a simulated VM", "verified: memory and vCPU state");
      demo.awaitSuccess();
    }
  }

  /** The vCPUs themselves print the guest's console. */
  @Test
  void consoleThatNobodyReadsStopsNeitherVcpusNorAMigration() throws Exception {
    MigrationHost.assumeKvm();
    Path sourceJson = processes.file("source.json");
    Path destJson = processes.file("dest.json");
    int port = Ports.free();
    String place = "127.0.0.1:" + port;
    try (UnreadPipe pipe = UnreadPipe.create(processes.file("pipe"))) {
      Node dest =
          processes.startInto(pipe.path(), "dest", "--listen=" + place, "--json=" + destJson);
      Awaitility.await().atMost(Node.LIMIT).until(() -> Ports.isListening(port));
      Node source =
          processes.startInto(
              pipe.path(),
              "source",
              "--to=" + place,
              "--vm=kvm",
              "--ram=32m",
              "--json=" + sourceJson);
      Result migrated = awaitResult(sourceJson);
      assertThat(migrated.text("status")).isEqualTo("completed");
      assertThat(migrated.number("console.source.last")).isPositive();
      Result received = awaitResult(destJson);
      received.assertVerified();
      assertThat(received.number("console.destination.last"))
          .isGreaterThan(migrated.number("console.source.last"));
      String text = pipe.readUntilEnd(dest);
      source.awaitSuccess();
      dest.awaitSuccess();
      assertThat(text).contains("listening on " + place, "tick 1", "migrated: the VM runs at");
    }
  }

  private static Result awaitResult(Path json) {
    Awaitility.await().atMost(Node.LIMIT).until(() -> Files.exists(json)); // renamed when complete
    try {
      return Result.read(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The result in the temporary file that a message names. */
  private static Result spareResult(Node node) throws IOException {
    String message =
        node.err().stream().filter(line -> line.contains(SPARE)).findFirst().orElseThrow();
    assertThat(message).contains("--json", "cannot be written: there is no ");
    String rest = message.substring(message.indexOf(SPARE) + SPARE.length());
    return Result.read(Path.of(rest.substring(0, rest.indexOf(" instead"))));
  }

  private static long count(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.count();
    }
  }

  private static void remove(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }
}
