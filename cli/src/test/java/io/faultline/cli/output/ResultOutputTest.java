package io.faultline.cli.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.cli.options.UsageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultOutputTest {
  private static final String OPTION = "--json";
  private static final String CONTENTS = "{}\n";
  private static final Path FULL = Path.of("/dev/full");

  @TempDir private Path directory;
  private final List<String> messages = new ArrayList<>();

  @Test
  void missingDirectoryIsNamed() {
    assertRefused(directory.resolve("none/o.json"), "there is no " + directory + "/none; create");
  }

  @Test
  void directoryIsRefused() {
    assertRefused(directory, "it is a directory; name a file in it");
    assertRefused(Path.of("/"), "it is a directory");
    assertRefused(Path.of(""), "it is a directory");
  }

  @Test
  void fileInPlaceOfTheDirectoryIsNamed() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    assertRefused(file.resolve("o.json"), file + " is not a directory");
  }

  @Test
  void nameThatIsTooLongIsRefused() {
    assertRefused(directory.resolve("x".repeat(256)), "File name too long; name another file");
  }

  @Test
  void circleOfLinksIsRefused() throws IOException {
    Path one = directory.resolve("one");
    Files.createSymbolicLink(one, directory.resolve("two"));
    Files.createSymbolicLink(directory.resolve("two"), one);
    assertRefused(one, "too many symbolic links");
  }

  @Test
  void fileSystemThatPermitsNoFilesIsRefused() {
    assertRefused(Path.of("/proc/o.json"), "there is no /proc/o.json");
    assertRefused(Path.of("/sys/o.json"), "ermission denied");
  }

  @Test
  void descriptorThatIsNotOpenIsRefused() {
    assertRefused(Path.of("/proc/self/fd/987654"), "987654");
  }

  @Test
  void twoOptionsMayNotNameOneFile() {
    Path file = directory.resolve("o.json");
    try (ResultOutput output = output()) {
      output.open(OPTION, file);
      assertThatThrownBy(() -> output.open("--html", directory.resolve("./o.json")))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("--json names the same file");
    }
    assertThat(files()).isEmpty();
  }

  @Test
  void optionThatWasNotGivenIsNotWritten() {
    try (ResultOutput output = output()) {
      output.open(OPTION, null);
      output.write(
          OPTION,
          () -> {
            throw new AssertionError("nobody wants the contents");
          });
      assertThat(output.exitCode(0)).isZero();
    }
  }

  @Test
  void fileIsWrittenAndNothingElseStays() throws IOException {
    Path file = directory.resolve("o.json");
    try (ResultOutput output = output()) {
      output.open(OPTION, file);
      output.write(OPTION, () -> CONTENTS);
      assertThat(output.exitCode(0)).isZero();
      assertThat(output.exitCode(1)).isOne();
    }
    assertThat(file).hasContent(CONTENTS);
    assertThat(files()).containsExactly(file);
    assertThat(messages).isEmpty();
  }

  @Test
  void nothingStaysOfARunWithoutAResult() {
    try (ResultOutput output = output()) {
      output.open(OPTION, directory.resolve("o.json"));
      assertThat(files()).as("the open file").hasSize(1);
    }
    assertThat(files()).isEmpty();
  }

  @Test
  void earlierResultSurvivesARunWithoutAResult() throws IOException {
    Path file = Files.writeString(directory.resolve("o.json"), "earlier");
    try (ResultOutput output = output()) {
      output.open(OPTION, file);
      assertThat(file).hasContent("earlier");
    }
    assertThat(file).hasContent("earlier");
    assertThat(files()).containsExactly(file);
  }

  @Test
  void laterResultHasThePermissionsOfTheEarlierOne() throws IOException {
    Path file = Files.writeString(directory.resolve("o.json"), "earlier, and longer");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    write(file);
    assertThat(file).hasContent(CONTENTS);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r-----");
  }

  @Test
  void linkStaysALinkAlsoToAFileThatDoesNotExistYet() throws IOException {
    Path target = Files.createDirectory(directory.resolve("deep")).resolve("o.json");
    Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("deep/o.json"));
    write(link);
    write(link);
    assertThat(Files.readSymbolicLink(link)).isEqualTo(Path.of("deep/o.json"));
    assertThat(target).isRegularFile().hasContent(CONTENTS);
  }

  @Test
  void fileThatCannotBeReplacedIsOverwritten() throws IOException {
    Path file = Files.writeString(directory.resolve("o.json"), "earlier, and longer");
    try (OutputFile output = OpenedStream.openFile(file)) {
      assertThat(file).hasContent("earlier, and longer");
      output.write(CONTENTS.getBytes(StandardCharsets.UTF_8));
    }
    assertThat(file).hasContent(CONTENTS);
  }

  @Test
  void resultOfADirectoryThatWasRemovedIsInATemporaryFile() throws IOException {
    Path gone = Files.createDirectory(directory.resolve("gone"));
    try (ResultOutput output = output()) {
      output.open(OPTION, gone.resolve("o.json"));
      remove(gone);
      output.write(OPTION, () -> CONTENTS);
      assertThat(output.exitCode(0)).isEqualTo(ResultOutput.WRITTEN_ELSEWHERE);
      assertThat(output.exitCode(1)).as("a failure stays a failure").isOne();
    }
    assertThat(messages).singleElement().asString().contains("there is no " + gone);
    assertSpareFileHasContents();
  }

  @Test
  void resultForAFullDeviceIsInATemporaryFile() throws IOException {
    assumeTrue(Files.exists(FULL), "no " + FULL);
    write(FULL);
    assertThat(messages)
        .singleElement()
        .asString()
        .startsWith("--json /dev/full cannot be written: No space left on device; it is in ");
    assertSpareFileHasContents();
  }

  @Test
  void resultIsPrintedIfNoTemporaryFileCanBeWritten() {
    assumeTrue(Files.exists(FULL), "no " + FULL);
    String before = System.getProperty("java.io.tmpdir");
    System.setProperty("java.io.tmpdir", directory.resolve("none").toString());
    try (ResultOutput output = new ResultOutput(messages::add, directory.resolve("none"))) {
      output.open(OPTION, FULL);
      output.write(OPTION, () -> CONTENTS);
      assertThat(output.exitCode(0)).isEqualTo(ResultOutput.WRITTEN_ELSEWHERE);
    } finally {
      System.setProperty("java.io.tmpdir", before);
    }
    assertThat(messages).singleElement().asString().endsWith("here it is\n{}");
  }

  @Test
  void stateDirectoryIsUsedIfThereIsNoTemporaryOne() throws IOException {
    String before = System.getProperty("java.io.tmpdir");
    System.setProperty("java.io.tmpdir", directory.resolve("none").toString());
    try {
      Path file = SpareFile.write(new byte[] {1}, ".json", directory);
      assertThat(file).hasParent(directory).hasBinaryContent(new byte[] {1});
    } finally {
      System.setProperty("java.io.tmpdir", before);
    }
  }

  @Test
  void readerOfAFifoGetsTheResult() throws Exception {
    Path fifo = fifo();
    CompletableFuture<String> read =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return Files.readString(fifo);
              } catch (IOException e) {
                return e.toString();
              }
            });
    write(fifo);
    assertThat(read.get(60, TimeUnit.SECONDS)).isEqualTo(CONTENTS);
  }

  @Test
  void fifoThatNobodyReadsIsRefusedInTime() throws Exception {
    assertRefused(fifo(), "nothing has opened it to read from it for");
  }

  private Path fifo() throws IOException, InterruptedException {
    Path fifo = directory.resolve("fifo");
    assumeTrue(
        new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor() == 0, "mkfifo failed");
    return fifo;
  }

  private void write(Path file) {
    try (ResultOutput output = output()) {
      output.open(OPTION, file);
      output.write(OPTION, () -> CONTENTS);
    }
  }

  private ResultOutput output() {
    return new ResultOutput(messages::add, null);
  }

  private void assertRefused(Path path, String reason) {
    try (ResultOutput output = output()) {
      assertThatThrownBy(() -> output.open(OPTION, path))
          .isInstanceOf(UsageException.class)
          .hasMessageStartingWith("--json " + path + ": ")
          .hasMessageContaining(reason);
    }
  }

  private void assertSpareFileHasContents() throws IOException {
    String message = messages.getFirst();
    String start = "it is in ";
    Path spare =
        Path.of(
            message.substring(
                message.indexOf(start) + start.length(), message.indexOf(" instead")));
    assertThat(spare).hasContent(CONTENTS).hasExtension("json");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(spare)))
        .as("private")
        .isEqualTo("rw-------");
    Files.delete(spare);
  }

  private static void remove(Path tree) throws IOException {
    try (Stream<Path> files = Files.list(tree)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(tree);
  }

  private List<Path> files() {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
