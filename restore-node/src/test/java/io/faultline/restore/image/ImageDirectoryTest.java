package io.faultline.restore.image;

import static io.faultline.restore.image.PageFlags.LAZY;
import static io.faultline.restore.image.PageFlags.PARENT;
import static io.faultline.restore.image.PageFlags.PRESENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.MessageLite;
import com.google.protobuf.UnknownFieldSet;
import io.faultline.restore.image.messages.PagemapEntry;
import io.faultline.restore.image.messages.PagemapHead;
import io.faultline.restore.image.messages.Process;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageDirectoryTest {
  private static final int PID = 5000;
  private static final long AT = 0x7f00_0000_0000L;
  private static final long PAGE = 4096;

  @TempDir Path directory;
  private TestImages images;

  @BeforeEach
  void writeTree() throws IOException {
    images = TestImages.of(directory, PID, 5001);
  }

  private TaskImage task() throws ImageException {
    return ImageDirectory.open(directory).task(PID);
  }

  @Test
  void processesAreThoseOfTheTree() throws IOException {
    assertThat(ImageDirectory.open(directory).processes()).containsExactly(PID, 5001);
  }

  @Test
  void layoutHasTheLazyPagesOnly() throws IOException {
    images.area(AT, 16).memory(PID);
    try (PagemapWriter writer = images.pagemap(PID, 1)) {
      writer.add(AT, 2, PRESENT);
      TestImages.append(writer, 1, 2);
      writer.add(AT + 3 * PAGE, 4, LAZY);
      writer.add(AT + 8 * PAGE, 3, LAZY | PRESENT);
      TestImages.append(writer, 1, 3);
      writer.add(AT + 11 * PAGE, 1, PARENT);
    }
    TaskImage task = task();
    assertThat(task.isWide()).isTrue();
    assertThat(task.layout().pid()).isEqualTo(PID);
    assertThat(task.layout().pageCount()).isEqualTo(7);
    assertThat(task.layout().startOf(0)).isEqualTo(AT + 3 * PAGE);
    assertThat(task.extents().fileOf(0)).isEqualTo(PageExtents.AT_SOURCE);
    assertThat(task.layout().startOf(1)).isEqualTo(AT + 8 * PAGE);
    assertThat(task.extents().files()).containsExactly(directory.resolve("pages-1.img"));
    assertThat(task.extents().fileOf(1)).isZero();
    assertThat(task.extents().offsetOf(1)).isEqualTo(2 * PAGE);
  }

  @Test
  void extentsEndAtTheBordersOfAreas() throws IOException {
    images
        .area(AT, 2)
        .area(AT + 2 * PAGE, 3)
        .area(AT + 5 * PAGE, 10)
        .area(0xffff_ffff_ff60_0000L, 1)
        .area(AT + 2 * PAGE, 1, TestImages.GUARD)
        .memory(PID);
    try (PagemapWriter writer = images.pagemap(PID, 1)) {
      writer.add(AT + PAGE, 6, LAZY | PRESENT);
      TestImages.append(writer, 1, 6);
    }
    PageExtents extents = task().extents();
    assertThat(extents.count()).isEqualTo(3);
    assertThat(extents.startOf(1)).isEqualTo(AT + 2 * PAGE);
    assertThat(extents.pagesOf(1)).isEqualTo(3);
    assertThat(extents.offsetOf(1)).isEqualTo(PAGE);
    assertThat(extents.startOf(2)).isEqualTo(AT + 5 * PAGE);
    assertThat(extents.offsetOf(2)).isEqualTo(4 * PAGE);
    assertThat(extents.find(AT + 5 * PAGE - 1)).isEqualTo(1);
    assertThat(extents.find(AT + 7 * PAGE)).isEqualTo(-1);
    assertThat(extents.find(AT)).isEqualTo(-1);
  }

  @Test
  void pagesOfEarlierDumpsAreFoundThere() throws IOException {
    Path before = Files.createDirectory(directory.resolve("before"));
    Path first = Files.createDirectory(directory.resolve("first"));
    Files.createSymbolicLink(directory.resolve("parent"), Path.of("before"));
    Files.createSymbolicLink(before.resolve("parent"), Path.of("../first"));
    images.area(AT, 16).memory(PID);
    try (PagemapWriter writer = images.pagemap(PID, 1)) {
      writer.add(AT, 6, LAZY | PARENT);
    }
    try (PagemapWriter writer = TestImages.of(before, PID).pagemap(PID, 4)) {
      writer.add(AT - PAGE, 3, PRESENT);
      TestImages.append(writer, 2, 3);
      writer.add(AT + 2 * PAGE, 10, PARENT);
    }
    try (PagemapWriter writer = TestImages.of(first, PID).pagemap(PID, 9)) {
      writer.add(AT + 2 * PAGE, 1, PRESENT);
      TestImages.append(writer, 3, 1);
      writer.add(AT + 3 * PAGE, 20, LAZY | PRESENT);
      TestImages.append(writer, 3, 20);
    }
    PageExtents extents = task().extents();
    assertThat(extents.files())
        .containsExactly(
            before.toRealPath().resolve("pages-4.img"), first.toRealPath().resolve("pages-9.img"));
    assertThat(extents.count()).isEqualTo(3);
    assertThat(extents.fileOf(0)).isZero();
    assertThat(extents.offsetOf(0)).isEqualTo(PAGE);
    assertThat(extents.pagesOf(0)).isEqualTo(2);
    assertThat(extents.fileOf(1)).isEqualTo(1);
    assertThat(extents.offsetOf(1)).isZero();
    assertThat(extents.offsetOf(2)).isEqualTo(PAGE);
    assertThat(extents.pagesOf(2)).isEqualTo(3);
  }

  @Test
  void holeInTheParentIsNamed() throws IOException {
    Path before = Files.createDirectory(directory.resolve("parent"));
    images.area(AT, 16).memory(PID);
    try (PagemapWriter writer = images.pagemap(PID, 1)) {
      writer.add(AT, 6, LAZY | PARENT);
    }
    try (PagemapWriter writer = TestImages.of(before, PID).pagemap(PID, 4)) {
      writer.add(AT, 3, PRESENT);
      TestImages.append(writer, 2, 3);
    }
    fails("parent/pagemap-5000.img: has no page at 0x7f0000003000, which ");
  }

  @Test
  void missingParentIsNamed() throws IOException {
    images.area(AT, 16).memory(PID);
    try (PagemapWriter writer = images.pagemap(PID, 1)) {
      writer.add(AT, 6, LAZY | PARENT);
    }
    fails("pagemap-5000.img: the pages at 0x7f0000000000 are in the images of the dump before");
    Files.createSymbolicLink(directory.resolve("parent"), Path.of("."));
    fails("pagemap-5000.img: the pages at 0x7f0000000000 are in the images of the dump before");
  }

  @Test
  void countsOf32BitsAreThoseOfEarlierVersions() throws IOException {
    images.area(AT, 16).memory(PID);
    images.write(
        "pagemap-5000.img",
        ImageType.PAGEMAP,
        PagemapHead.newBuilder().setPagesId(1).build(),
        PagemapEntry.newBuilder().setVaddr(AT).setCompatNrPages(1).build(),
        PagemapEntry.newBuilder().setVaddr(AT + PAGE).setCompatNrPages(3).setFlags(LAZY).build(),
        PagemapEntry.newBuilder()
            .setVaddr(AT + 4 * PAGE)
            .setCompatNrPages(2)
            .setInParent(true)
            .build());
    TaskImage task = task();
    assertThat(task.isWide()).isFalse();
    assertThat(task.layout().pageCount()).isEqualTo(3);
  }

  @Test
  void otherVersionIsRefused() throws IOException {
    TestImages.ofVersion(directory, 3, PID);
    assertThatThrownBy(() -> ImageDirectory.open(directory))
        .isInstanceOf(ImageException.class)
        .hasMessage(
            directory
                + "/inventory.img: images of version 3: version 2 is supported; dump with CRIU 2"
                + " to 4");
  }

  @Test
  void missingFileIsNamed() throws IOException {
    fails("pagemap-5000.img: is missing: copy all images of the dump to this directory first");
    Files.delete(directory.resolve("pstree.img"));
    assertThatThrownBy(() -> ImageDirectory.open(directory))
        .hasMessageStartingWith(directory + "/pstree.img: is missing: ");
  }

  @Test
  void processTwiceIsDamage() throws IOException {
    TestImages.of(directory, 7, 7);
    assertThatThrownBy(() -> ImageDirectory.open(directory))
        .hasMessageStartingWith(directory + "/pstree.img: process 7 twice: ");
  }

  @Test
  void otherFileIsNotAPagemap() throws IOException {
    Files.copy(directory.resolve("pstree.img"), directory.resolve("pagemap-5000.img"));
    fails("pagemap-5000.img: is not a pagemap of CRIU: magic 0x50273030 instead of 0x56084025: ");
  }

  @Test
  void directoryIsNotAnImage() throws IOException {
    Files.createDirectory(directory.resolve("pagemap-5000.img"));
    fails("pagemap-5000.img: is not a regular file: ");
  }

  @Test
  void compressedImagesAreRefused() throws IOException {
    images.write(
        "pagemap-5000.img",
        ImageType.PAGEMAP,
        PagemapHead.newBuilder().setPagesId(1).build(),
        Process.newBuilder() // has fields 1 to 5, and here 6
            .setPid(4096)
            .setPpid(1)
            .setPgid(0)
            .setSid(2)
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(6, UnknownFieldSet.Field.newBuilder().addVarint(7).build())
                    .build())
            .build());
    fails("pagemap-5000.img: has fields that are not known here: the images are compressed");
  }

  @Test
  void pageOutsideOfAllAreasIsDamage() throws IOException {
    images.area(AT, 2).memory(PID);
    try (PagemapWriter writer = images.pagemap(PID, 1)) {
      writer.add(AT, 3, LAZY);
    }
    fails("mm-5000.img: has no memory area at 0x7f0000002000, where there is a lazy page: ");
  }

  @Test
  void overlappingEntriesAreDamage() throws IOException {
    entries(entry(AT, 3), entry(AT + 2 * PAGE, 1));
    fails("pagemap-5000.img: entry 1 at 0x7f0000002000 overlaps the one before, which ends at ");
  }

  @Test
  void absurdEntriesAreDamage() throws IOException {
    entries(entry(AT, 0));
    fails("pagemap-5000.img: entry 0 of 0 pages at 0x7f0000000000: ");
    entries(entry(AT + 1, 1));
    fails("pagemap-5000.img: entry 0 of 1 pages at 0x7f0000000001: ");
    entries(entry(AT, -1));
    fails("pagemap-5000.img: entry 0 of 18446744073709551615 pages at 0x7f0000000000: ");
    entries(entry(-PAGE, 1));
    fails("pagemap-5000.img: entry 0 of 1 pages at 0xfffffffffffff000: ");
    entries(entry(0, 1L << 44), entry(1L << 56, 1));
    fails("pagemap-5000.img: entry 1 of 1 pages at 0x100000000000000: ");
  }

  private void entries(PagemapEntry... entries) throws IOException {
    MessageLite[] all = new MessageLite[entries.length + 1];
    all[0] = PagemapHead.newBuilder().setPagesId(1).build();
    System.arraycopy(entries, 0, all, 1, entries.length);
    images.write("pagemap-5000.img", ImageType.PAGEMAP, all);
  }

  private static PagemapEntry entry(long start, long pages) {
    return PagemapEntry.newBuilder().setVaddr(start).setNrPages(pages).setFlags(LAZY).build();
  }

  @Test
  void truncatedPagesFileIsNamed() throws IOException {
    images.area(AT, 16).memory(PID);
    try (PagemapWriter writer = images.pagemap(PID, 1)) {
      writer.add(AT, 3, LAZY | PRESENT);
      TestImages.append(writer, 1, 2);
    }
    fails("pages-1.img: is truncated: 8192 bytes instead of at least 12288: ");
    Files.delete(directory.resolve("pages-1.img"));
    fails("pages-1.img: is missing: ");
  }

  @Test
  void truncatedRecordIsNamed() throws IOException {
    images.area(AT, 16).memory(PID);
    try (PagemapWriter writer = images.pagemap(PID, 1)) {
      writer.add(AT, 3, LAZY);
    }
    try (RandomAccessFile file =
        new RandomAccessFile(directory.resolve("pagemap-5000.img").toFile(), "rw")) {
      file.setLength(file.length() - 1);
    }
    fails("pagemap-5000.img: is truncated within entry 0: ");
  }

  @Test
  void absurdLengthIsNotAllocated() throws IOException {
    try (RandomAccessFile file =
        new RandomAccessFile(directory.resolve("pstree.img").toFile(), "rw")) {
      file.seek(8);
      file.write(new byte[] {-1, -1, -1, -1});
    }
    assertThatThrownBy(() -> ImageDirectory.open(directory))
        .hasMessageStartingWith(directory + "/pstree.img: a process of 4294967295 bytes: ");
  }

  private void fails(String message) {
    assertThatThrownBy(this::task)
        .isInstanceOf(ImageException.class)
        .hasMessageStartingWith(directory + "/" + message)
        .message()
        .doesNotContain("\n");
  }
}
