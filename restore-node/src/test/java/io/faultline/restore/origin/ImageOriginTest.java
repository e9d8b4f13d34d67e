package io.faultline.restore.origin;

import static io.faultline.restore.image.PageFlags.LAZY;
import static io.faultline.restore.image.PageFlags.PRESENT;
import static io.faultline.restore.image.TestImages.word;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.faultline.restore.image.ImageDirectory;
import io.faultline.restore.image.PagemapWriter;
import io.faultline.restore.image.TaskImage;
import io.faultline.restore.image.TestImages;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.linux.FileHoles;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageOriginTest {
  private static final int PID = 7;
  private static final long AT = 0x7f00_0000_0000L;
  private static final long PAGE = 4096;

  @TempDir Path directory;
  private final RecordingReceiver receiver = new RecordingReceiver();
  private final Kernel kernel = new LinuxKernel();
  private ImageOrigin origin;

  @BeforeEach
  void writeImages() throws IOException {
    TestImages.of(directory, PID).area(AT, 64).memory(PID);
    try (PagemapWriter writer = TestImages.of(directory, PID).pagemap(PID, 1)) {
      writer.add(AT, 1, PRESENT);
      TestImages.append(writer, 1, 1);
      writer.add(AT + 2 * PAGE, 3, LAZY | PRESENT);
      TestImages.append(writer, 2, 3);
      writer.add(AT + 8 * PAGE, 5, LAZY | PRESENT);
      TestImages.append(writer, 3, 5);
      writer.add(AT + 20 * PAGE, 5, LAZY);
    }
    TaskImage task = ImageDirectory.open(directory).task(PID);
    origin = new ImageOrigin(pid -> task, kernel);
    origin.start(receiver);
  }

  @AfterEach
  void end() {
    origin.abort();
  }

  @Test
  void pagesAreAnsweredBeforeTheRequestReturns() {
    origin.request(PID, AT + 3 * PAGE, 2, true);
    origin.request(PID, AT + 8 * PAGE, 1, false);
    assertThat(receiver.lines())
        .containsExactly(
            "page 7 7f0000003000 " + Long.toHexString(word(2, 1, 0)),
            "page 7 7f0000004000 " + Long.toHexString(word(2, 2, 0)),
            "page 7 7f0000008000 " + Long.toHexString(word(3, 0, 0)));
    assertThat(origin.isImmediate()).isTrue();
  }

  @Test
  void holesOfTheFileAreZeros() throws IOException {
    Path file = directory.resolve("pages-1.img");
    byte[] contents = Files.readAllBytes(file);
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(0);
      sparse.setLength(contents.length);
      sparse.seek(5 * PAGE); // the second one of the five
      sparse.write(contents, (int) (5 * PAGE), (int) PAGE);
    }
    try (FileHoles holes = FileHoles.open(file)) {
      assumeThat(holes.nextData(0)).as("holes of this file system").isEqualTo(5 * PAGE);
    }
    WithZeros pages = new WithZeros();
    origin.abort();
    origin.start(pages);
    origin.request(PID, AT + 8 * PAGE, 5, true);
    assertThat(pages.lines).containsExactly("zeros 8 1", "pages 9 1", "zeros 10 3");
  }

  @Test
  void endOfATruncatedFileIsNoHole() throws IOException {
    WithZeros pages = new WithZeros();
    origin.abort();
    origin.start(pages);
    origin.request(PID, AT + 2 * PAGE, 1, true); // maps it
    try (RandomAccessFile file =
        new RandomAccessFile(directory.resolve("pages-1.img").toFile(), "rw")) {
      file.setLength(4 * PAGE);
    }
    origin.request(PID, AT + 8 * PAGE, 5, true);
    assertThat(pages.lines)
        .containsExactly("pages 2 1", "pages 8 5"); // to be refused by the kernel
  }

  @Test
  void requestAcrossExtentsIsTheCallersMistake() {
    assertThatThrownBy(() -> origin.request(PID, AT + 3 * PAGE, 3, true))
        .hasMessage("3 pages at 0x7f0000003000 of process 7: not of one extent");
    assertThatThrownBy(() -> origin.request(PID, AT, 1, true))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void pagesAtTheSourceCannotBeDelivered() {
    origin.request(PID, AT + 20 * PAGE, 1, true);
    assertThat(receiver.lines())
        .singleElement()
        .asString()
        .startsWith("failed the images have no contents of process 7's lazy pages: ")
        .contains("--page-server");
    origin.request(PID, AT + 3 * PAGE, 1, true);
    origin.finish();
    assertThat(receiver.lines()).hasSize(1);
  }

  @Test
  void fileTruncatedAfterItWasCheckedIsNamed() throws IOException {
    try (RandomAccessFile file =
        new RandomAccessFile(directory.resolve("pages-1.img").toFile(), "rw")) {
      file.setLength(2 * PAGE);
    }
    origin.request(PID, AT + 2 * PAGE, 2, true);
    assertThat(receiver.lines())
        .containsExactly(
            "failed "
                + directory
                + "/pages-1.img: was truncated to 8192 bytes after it was checked: copy the images"
                + " again");
  }

  @Test
  void missingFileIsNamed() throws IOException {
    Files.delete(directory.resolve("pages-1.img"));
    origin.request(PID, AT + 2 * PAGE, 2, true);
    assertThat(receiver.lines())
        .singleElement()
        .asString()
        .startsWith("failed " + directory + "/pages-1.img: cannot be read (");
  }

  @Test
  void finishEndsTheSession() {
    origin.finish();
    assertThat(receiver.lines()).containsExactly("finished");
  }

  /** More than the mapping keeps mapped, and beyond 2 GiB: offsets have 64 bits. */
  @Test
  void hugeFileIsReadToItsEnd() throws IOException {
    long pages = 700_000;
    TestImages.of(directory, PID).area(AT, 1 << 20).memory(PID);
    try (PagemapWriter writer = TestImages.of(directory, PID).pagemap(PID, 2)) {
      writer.add(AT, pages, LAZY | PRESENT);
      writer.pages().position((pages - 1) * PAGE);
      TestImages.append(writer, 9, 1);
    }
    TaskImage task = ImageDirectory.open(directory).task(PID);
    ImageOrigin huge = new ImageOrigin(pid -> task, kernel);
    RecordingReceiver last = new RecordingReceiver();
    huge.start(last);
    for (long page = 0; page < 20_000; page += 1000) {
      huge.request(PID, AT + page * PAGE, 1000, false);
    }
    huge.request(PID, AT + (pages - 1) * PAGE, 1, true);
    assertThat(last.lines().getLast())
        .isEqualTo("page 7 7f00aae5f000 " + Long.toHexString(word(9, 0, 0)));
    huge.abort();
  }

  /** Records what is zeros, and reads nothing. */
  private static final class WithZeros implements PageReceiver {
    private final List<String> lines = new ArrayList<>();

    @Override
    public void pages(int pid, long address, int pages, long data) {
      lines.add("pages " + (address - AT) / PAGE + " " + pages);
    }

    @Override
    public void zeros(int pid, long address, int pages) {
      lines.add("zeros " + (address - AT) / PAGE + " " + pages);
    }

    @Override
    public void unanswered(int pid, long address, int pages) {
      throw new AssertionError("unanswered");
    }

    @Override
    public void failed(String reason) {
      lines.add("failed " + reason);
    }

    @Override
    public void warning(String message) {
      lines.add("warning " + message);
    }

    @Override
    public void finished() {}
  }
}
